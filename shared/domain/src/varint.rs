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
