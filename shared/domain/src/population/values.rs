//! Values of many customers, kept to find who stands how far up.

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::money::Amount;
use crate::settings::Share;
use crate::varint::{self, Torn};

/// Amounts of many customers, in any order, each as often as it occurs.
///
/// Stored as the steps from one to the next greater, about one and a half
/// bytes a customer: twenty thousand fit into an item many times over.
#[derive(Debug, Clone, Default)]
pub(super) struct Values(Vec<Amount>);

impl Values {
    pub(super) fn add(&mut self, value: Amount) {
        self.0.push(value);
    }

    /// All of `other` too. Takes no more memory than both need.
    pub(super) fn absorb(&mut self, mut other: Self) {
        self.0.reserve_exact(other.0.len());
        self.0.append(&mut other.0);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The least value among the best share of all, the best first; a share
    /// that is no whole number of customers has one more in it.
    pub(super) fn least_of_best(&mut self, share: Share) -> Option<Amount> {
        let all = Decimal::from(self.0.len());
        let best = (share.0.decimal() * all).ceil();
        let best = usize::try_from(best).ok()?.min(self.0.len());
        let place = self.0.len().checked_sub(best)?;
        if best == 0 {
            return None;
        }
        let (_, least, _) = self.0.select_nth_unstable(place);
        Some(*least)
    }

    /// Every value, the least first, with how often it occurs.
    pub(super) fn counted(&mut self) -> impl Iterator<Item = (Amount, u64)> + '_ {
        self.0.sort_unstable();
        let same = self.0.chunk_by(|one, other| one == other);
        same.map(|same| (same[0], count(same.len())))
    }

    fn encode(&self) -> Vec<u8> {
        let mut values: Vec<Decimal> = self.0.iter().map(|value| value.decimal()).collect();
        values.sort_unstable();
        let scale = values.iter().map(Decimal::scale).max().unwrap_or(0);
        let mut bytes = Vec::new();
        varint::put(&mut bytes, i128::from(scale));
        let mut before = 0;
        for value in values {
            let units = scaled(value, scale);
            varint::put(&mut bytes, units - before);
            before = units;
        }
        bytes
    }

    fn decode(mut bytes: &[u8]) -> Result<Self, Torn> {
        let mut values = Vec::new();
        let scale = varint::take_as(&mut bytes)?;
        let mut units = 0_i128;
        while !bytes.is_empty() {
            let step = varint::take(&mut bytes)?;
            units = units.checked_add(step).ok_or(Torn)?;
            let value = Decimal::try_from_i128_with_scale(units, scale).map_err(|_| Torn)?;
            values.push(Amount::from_decimal(value));
        }
        Ok(Self(values))
    }
}

/// A decimal as a whole number of its `scale`-th places.
fn scaled(value: Decimal, scale: u32) -> i128 {
    let factor = 10_i128.pow(scale - value.scale());
    let units = value.mantissa().checked_mul(factor);
    units.expect("a customer's sum is below 10^20 and has 15 places at most")
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        self.encode() == other.encode()
    }
}

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.encode())
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = crate::octets::read(deserializer)?;
        let torn = |_| serde::de::Error::custom("the values cannot be decoded");
        Self::decode(&bytes).map_err(torn)
    }
}
