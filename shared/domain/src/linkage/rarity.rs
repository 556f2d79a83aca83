//! Which names and towns are common in a base: that two people are both called
//! Smith says less than that both are called Trevorrow.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Field, Record};

/// From which share of a base on a value counts as common.
const COMMON: f64 = 0.001;

/// The common values of a base with their shares. By what is common there are
/// never more than a thousand of a kind.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Rarity {
    shares: BTreeMap<Field, BTreeMap<String, f64>>,
}

impl Rarity {
    /// Counts a base. One of fewer than 10,000 tells too little to count.
    #[must_use]
    pub fn of<'r>(base: impl IntoIterator<Item = &'r Record>) -> Self {
        let mut census = Census::default();
        base.into_iter().for_each(|record| census.add(record));
        census.rarity()
    }

    /// The share of a common value.
    pub(super) fn share(&self, field: Field, value: &str) -> Option<f64> {
        self.shares.get(&field)?.get(value).copied()
    }
}

/// A base being counted, piece by piece.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Census {
    size: u32,
    counts: BTreeMap<Field, BTreeMap<String, u32>>,
}

impl Census {
    /// Counts a record in.
    pub fn add(&mut self, record: &Record) {
        self.size = self.size.saturating_add(1);
        let values = [
            (Field::GivenName, &record.given_name),
            (Field::Surname, &record.surname),
            (Field::City, &record.city),
        ];
        for (field, value) in values {
            if let Some(value) = value {
                self.count(field, value.clone(), 1);
            }
        }
    }

    /// Counts another piece in.
    pub fn absorb(&mut self, other: Self) {
        self.size = self.size.saturating_add(other.size);
        for (field, values) in other.counts {
            for (value, count) in values {
                self.count(field, value, count);
            }
        }
    }

    fn count(&mut self, field: Field, value: String, more: u32) {
        let values = self.counts.entry(field).or_default();
        let count = values.entry(value).or_default();
        *count = count.saturating_add(more);
    }

    /// The same without what is so rare in this piece that it can hardly be
    /// common in the base, as pieces taken at random go: a quarter as frequent
    /// as it would have to be. What is kept of a large piece so is short, and
    /// has no name in it that only few bear.
    #[must_use]
    pub fn without_the_rare(mut self) -> Self {
        let least = f64::from(self.size) * COMMON / 4.0;
        for values in self.counts.values_mut() {
            values.retain(|_, count| f64::from(*count) >= least);
        }
        self
    }

    /// How many were counted.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.size
    }

    /// What is common among those counted; nothing below 10,000, which tell
    /// too little.
    #[must_use]
    pub fn rarity(self) -> Rarity {
        let mut rarity = Rarity::default();
        if self.size < 10_000 {
            return rarity;
        }
        for (field, values) in self.counts {
            for (value, count) in values {
                let share = f64::from(count) / f64::from(self.size);
                if share >= COMMON {
                    rarity.shares.entry(field).or_default().insert(value, share);
                }
            }
        }
        rarity
    }
}
