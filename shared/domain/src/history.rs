//! When a customer bought and for how much, in a few bytes an order.
//!
//! A count and a sum can be corrected by subtraction when an order changes;
//! a first date, a last date and the number of purchase days cannot. This
//! small sorted list can, and everything by date is read from it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::money::Amount;

/// Instants of counted orders with what was bought at each.
///
/// Orders at the same second share an entry. An entry that comes to nothing
/// is gone, so two histories of the same orders are equal however they came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History(BTreeMap<i64, Purchases>);

/// What was bought at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purchases {
    /// Orders that are worth something.
    pub valued: i64,
    /// Orders whose gross is zero.
    pub zero: i64,
    /// Their gross, together.
    pub gross: Amount,
}

impl Purchases {
    /// Orders that count: all of them, or only those worth something.
    #[must_use]
    pub fn orders(&self, count_zero_value: bool) -> i64 {
        self.valued + if count_zero_value { self.zero } else { 0 }
    }
}

/// Stored bytes that are no history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the purchase history cannot be decoded")]
pub struct Corrupt;

impl History {
    /// Adds an order of `gross` at `at`.
    pub fn add(&mut self, at: Timestamp, gross: Amount) {
        self.change(at, gross, 1);
    }

    /// Takes back an order of `gross` at `at`.
    pub fn remove(&mut self, at: Timestamp, gross: Amount) {
        self.change(at, gross, -1);
    }

    fn change(&mut self, at: Timestamp, gross: Amount, by: i64) {
        let entry = self.0.entry(at.as_second()).or_default();
        if gross.is_zero() {
            entry.zero += by;
        } else {
            entry.valued += by;
        }
        if by > 0 {
            entry.gross += gross;
        } else {
            entry.gross -= gross;
        }
        if *entry == Purchases::default() {
            self.0.remove(&at.as_second());
        }
    }

    /// All of `other` added to this: the history of one person in two places.
    pub fn absorb(&mut self, other: &Self) {
        for (second, more) in &other.0 {
            let entry = self.0.entry(*second).or_default();
            entry.valued += more.valued;
            entry.zero += more.zero;
            entry.gross += more.gross;
            if *entry == Purchases::default() {
                self.0.remove(second);
            }
        }
    }

    /// First and last counted instants, to the second.
    #[must_use]
    pub fn span(&self, count_zero_value: bool) -> Option<(Timestamp, Timestamp)> {
        let mut counted = self
            .entries()
            .filter(|(_, p)| p.orders(count_zero_value) > 0);
        let (first, _) = counted.next()?;
        let last = counted.next_back().map_or(first, |(last, _)| last);
        Some((first, last))
    }

    /// Every instant with its purchases, earliest first.
    #[must_use]
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = (Timestamp, Purchases)> + '_ {
        self.0.iter().map(|(second, purchases)| {
            let at = Timestamp::from_second(*second).expect("stored from a valid instant");
            (at, *purchases)
        })
    }

    /// Whether nothing was ever bought.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Compact bytes: per entry the seconds since the one before, what kind
    /// of entry it is with the scale of its gross, and the gross.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut before = 0;
        for (second, purchases) in &self.0 {
            if bytes.is_empty() {
                bytes.push(VERSION);
            }
            put(&mut bytes, i128::from(second - before));
            before = *second;
            let gross = purchases.gross.decimal();
            let one_order = purchases.valued == 1 && purchases.zero == 0;
            put(
                &mut bytes,
                i128::from(gross.scale() * 2 + u32::from(!one_order)),
            );
            if !one_order {
                put(&mut bytes, i128::from(purchases.valued));
                put(&mut bytes, i128::from(purchases.zero));
            }
            put(&mut bytes, gross.mantissa());
        }
        bytes
    }

    /// Reads back what [`History::encode`] wrote.
    ///
    /// # Errors
    ///
    /// [`Corrupt`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Corrupt> {
        let mut history = Self::default();
        let Some((&version, mut rest)) = bytes.split_first() else {
            return Ok(history);
        };
        if version != VERSION {
            return Err(Corrupt);
        }
        let mut second = 0_i64;
        while !rest.is_empty() {
            let step = narrow(take(&mut rest)?)?;
            second = second.checked_add(step).ok_or(Corrupt)?;
            Timestamp::from_second(second).map_err(|_| Corrupt)?;
            let kind = u32::try_from(take(&mut rest)?).map_err(|_| Corrupt)?;
            let (valued, zero) = if kind % 2 == 0 {
                (1, 0)
            } else {
                (narrow(take(&mut rest)?)?, narrow(take(&mut rest)?)?)
            };
            let gross = Decimal::try_from_i128_with_scale(take(&mut rest)?, kind / 2)
                .map_err(|_| Corrupt)?;
            let gross = Amount::from_decimal(gross);
            let purchases = Purchases {
                valued,
                zero,
                gross,
            };
            history.0.insert(second, purchases);
        }
        Ok(history)
    }
}

const VERSION: u8 = 1;

fn narrow(value: i128) -> Result<i64, Corrupt> {
    i64::try_from(value).map_err(|_| Corrupt)
}

/// Zigzag, then seven bits a byte, low bits first.
fn put(bytes: &mut Vec<u8>, value: i128) {
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

fn take(bytes: &mut &[u8]) -> Result<i128, Corrupt> {
    let mut value: u128 = 0;
    for shift in (0..128).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(Corrupt)?;
        *bytes = rest;
        value |= u128::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            let sign = (value & 1).cast_signed();
            return Ok((value >> 1).cast_signed() ^ -sign);
        }
    }
    Err(Corrupt)
}

impl serde::Serialize for History {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.encode())
    }
}

impl<'de> serde::Deserialize<'de> for History {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl<'de> serde::de::Visitor<'de> for Bytes {
            type Value = History;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes of a purchase history")
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<History, E> {
                History::decode(bytes).map_err(E::custom)
            }

            fn visit_byte_buf<E: serde::de::Error>(self, bytes: Vec<u8>) -> Result<History, E> {
                self.visit_bytes(&bytes)
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut seq: A,
            ) -> Result<History, A::Error> {
                let mut bytes = Vec::new();
                while let Some(byte) = seq.next_element()? {
                    bytes.push(byte);
                }
                self.visit_bytes(&bytes)
            }
        }
        deserializer.deserialize_byte_buf(Bytes)
    }
}
