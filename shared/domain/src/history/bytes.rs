//! A purchase history as a few bytes.
//!
//! First the version. Version 2 goes on with the origins: how many, and each
//! as its length and text. Then per instant: the seconds since the one
//! before; twice the scale of the gross, plus one unless it is a single order
//! worth something; in that case the orders worth something and those worth
//! nothing; the gross. Version 2 adds, if there are origins at all, which one
//! it is, counted from 1; 0 when none is known; one beyond the last when there
//! are several, and then how many, each with its orders. Version 1 ends at
//! the gross: its origins are unknown.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::origins::{self, Origins, Tally};
use super::{Entry, History, Purchases};
use crate::money::Amount;
use crate::octets;
use crate::order::Origin;
use crate::varint::{Torn, put, take, take_as};

const WITHOUT_ORIGINS: u8 = 1;
const WITH_ORIGINS: u8 = 2;

/// Stored bytes that are no history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the purchase history cannot be decoded")]
pub struct Corrupt;

impl From<Torn> for Corrupt {
    fn from(_: Torn) -> Self {
        Self
    }
}

impl History {
    /// Compact bytes: about ten an order, of which one for its origin, and
    /// once the text of each origin. None for an empty history.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self.is_empty() {
            return bytes;
        }
        bytes.push(WITH_ORIGINS);
        let known = self.0.values().flat_map(|entry| entry.origins.all());
        let mut places: BTreeMap<&Origin, usize> = known.map(|origin| (origin, 0)).collect();
        put_count(&mut bytes, places.len());
        for (n, (origin, place)) in (1..).zip(&mut places) {
            *place = n;
            put_count(&mut bytes, origin.as_str().len());
            bytes.extend_from_slice(origin.as_str().as_bytes());
        }
        let mut before = 0;
        for (second, entry) in &self.0 {
            put(&mut bytes, i128::from(second - before));
            before = *second;
            put_purchases(&mut bytes, &entry.purchases);
            if !places.is_empty() {
                put_origins(&mut bytes, &entry.origins, &places);
            }
        }
        bytes
    }

    /// Reads back what [`History::encode`] wrote, in this version or before.
    ///
    /// # Errors
    ///
    /// [`Corrupt`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Corrupt> {
        let mut history = Self::default();
        let Some((&version, mut rest)) = bytes.split_first() else {
            return Ok(history);
        };
        let known = match version {
            WITHOUT_ORIGINS => Vec::new(),
            WITH_ORIGINS => take_known(&mut rest)?,
            _ => return Err(Corrupt),
        };
        let mut second = 0_i64;
        while !rest.is_empty() {
            let step: i64 = take_as(&mut rest)?;
            second = second.checked_add(step).ok_or(Corrupt)?;
            Timestamp::from_second(second).map_err(|_| Corrupt)?;
            let purchases = take_purchases(&mut rest)?;
            let origins = if known.is_empty() {
                Origins::Unknown
            } else {
                take_origins(&mut rest, &known, &purchases)?
            };
            history.0.insert(second, Entry { purchases, origins });
        }
        Ok(history)
    }
}

fn put_purchases(bytes: &mut Vec<u8>, purchases: &Purchases) {
    let gross = purchases.gross.decimal();
    let one_order = purchases.valued == 1 && purchases.zero == 0;
    put(bytes, i128::from(gross.scale() * 2 + u32::from(!one_order)));
    if !one_order {
        put(bytes, i128::from(purchases.valued));
        put(bytes, i128::from(purchases.zero));
    }
    put(bytes, gross.mantissa());
}

fn take_purchases(rest: &mut &[u8]) -> Result<Purchases, Corrupt> {
    let kind = take_as::<u32>(rest)?;
    let (valued, zero) = if kind % 2 == 0 {
        (1, 0)
    } else {
        (take_as(rest)?, take_as(rest)?)
    };
    let gross = Decimal::try_from_i128_with_scale(take(rest)?, kind / 2).map_err(|_| Corrupt)?;
    Ok(Purchases {
        valued,
        zero,
        gross: Amount::from_decimal(gross),
    })
}

fn put_origins(bytes: &mut Vec<u8>, origins: &Origins, places: &BTreeMap<&Origin, usize>) {
    match origins {
        Origins::Unknown => put_count(bytes, 0),
        Origins::Sole(origin) => put_count(bytes, places[origin]),
        Origins::Several(tallies) => {
            put_count(bytes, places.len() + 1);
            put_count(bytes, tallies.len());
            for (origin, tally) in tallies {
                put_count(bytes, places[origin]);
                put(bytes, i128::from(tally.valued));
                put(bytes, i128::from(tally.zero));
            }
        }
    }
}

fn take_origins(
    rest: &mut &[u8],
    known: &[Origin],
    purchases: &Purchases,
) -> Result<Origins, Corrupt> {
    let place: usize = take_as(rest)?;
    if place == 0 {
        return Ok(Origins::Unknown);
    }
    if let Some(sole) = known.get(place - 1) {
        return Ok(Origins::Sole(sole.clone()));
    }
    if place > known.len() + 1 {
        return Err(Corrupt);
    }
    let mut tallies = Vec::new();
    for _ in 0..take_as::<usize>(rest)? {
        let place = take_as::<usize>(rest)?.checked_sub(1).ok_or(Corrupt)?;
        let origin = known.get(place).ok_or(Corrupt)?;
        let (valued, zero) = (take_as(rest)?, take_as(rest)?);
        origins::add(&mut tallies, origin, Tally { valued, zero });
    }
    Ok(Origins::of(tallies, purchases))
}

fn take_known(rest: &mut &[u8]) -> Result<Vec<Origin>, Corrupt> {
    let mut known = Vec::new();
    for _ in 0..take_as::<usize>(rest)? {
        let length = take_as(rest)?;
        let (text, after) = rest.split_at_checked(length).ok_or(Corrupt)?;
        *rest = after;
        let text = std::str::from_utf8(text).map_err(|_| Corrupt)?;
        known.push(Origin::parse(text).map_err(|_| Corrupt)?);
    }
    Ok(known)
}

fn put_count(bytes: &mut Vec<u8>, count: usize) {
    put(bytes, i128::try_from(count).expect("nothing is that long"));
}

impl serde::Serialize for History {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.encode())
    }
}

impl<'de> serde::Deserialize<'de> for History {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = octets::read(deserializer)?;
        Self::decode(&bytes).map_err(serde::de::Error::custom)
    }
}
