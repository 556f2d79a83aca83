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
        let mut counts: BTreeMap<(Field, String), u32> = BTreeMap::new();
        let mut size = 0_u32;
        for record in base {
            size += 1;
            let values = [
                (Field::GivenName, record.given_name.clone()),
                (Field::Surname, record.surname.clone()),
                (Field::City, record.city.clone()),
            ];
            for (field, value) in values {
                if let Some(value) = value {
                    *counts.entry((field, value)).or_default() += 1;
                }
            }
        }
        let mut rarity = Self::default();
        if size < 10_000 {
            return rarity;
        }
        for ((field, value), count) in counts {
            let share = f64::from(count) / f64::from(size);
            if share >= COMMON {
                rarity.shares.entry(field).or_default().insert(value, share);
            }
        }
        rarity
    }

    /// The share of a common value.
    pub(super) fn share(&self, field: Field, value: &str) -> Option<f64> {
        self.shares.get(&field)?.get(value).copied()
    }
}
