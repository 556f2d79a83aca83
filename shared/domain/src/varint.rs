//! Whole numbers in as few bytes as they need: zigzag, then seven bits a
//! byte, low bits first.

/// The bytes end too early, or say a number that is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Torn;

pub(crate) fn put(bytes: &mut Vec<u8>, value: i128) {
    let mut rest = (value.cast_unsigned() << 1) ^ (value >> 127).cast_unsigned();
    loop {
        let low = u8::try_from(rest & 0x7f).expect("seven bits");
        rest >>= 7;
        if rest == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

pub(crate) fn take(bytes: &mut &[u8]) -> Result<i128, Torn> {
    // Nearly every number fits a machine word.
    let mut value: u64 = 0;
    for (place, byte) in bytes.iter().take(9).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            *bytes = &bytes[place + 1..];
            let sign = (value & 1).cast_signed();
            return Ok(i128::from((value >> 1).cast_signed() ^ -sign));
        }
    }
    take_long(bytes)
}

fn take_long(bytes: &mut &[u8]) -> Result<i128, Torn> {
    let mut value: u128 = 0;
    for shift in (0..128).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(Torn)?;
        *bytes = rest;
        value |= u128::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            let sign = (value & 1).cast_signed();
            return Ok((value >> 1).cast_signed() ^ -sign);
        }
    }
    Err(Torn)
}

/// A number that fits where it is to go.
pub(crate) fn take_as<T: TryFrom<i128>>(bytes: &mut &[u8]) -> Result<T, Torn> {
    T::try_from(take(bytes)?).map_err(|_| Torn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_length_come_back_and_leave_what_follows() {
        let edges = (0..128).map(|shift| 1_i128 << shift);
        let near = edges.flat_map(|edge| [edge, edge.wrapping_sub(1), edge.wrapping_neg()]);
        for number in near.chain([i128::MAX, i128::MIN, 0]) {
            let mut bytes = Vec::new();
            put(&mut bytes, number);
            let written = bytes.clone();
            bytes.push(0xff);
            let mut rest = bytes.as_slice();
            assert_eq!(take(&mut rest), Ok(number));
            assert_eq!(rest, [0xff], "{number}");
            for end in 0..written.len() {
                assert_eq!(take(&mut &written[..end]), Err(Torn), "{number}");
            }
        }
    }
}
