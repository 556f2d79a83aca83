//! A million customers in sixteen megabytes.

use serde::{Deserialize, Serialize};

use super::Model;
use super::buyer::Buyer;

/// All buyers of a store, gathered one by one and in any number of parts, to
/// fit the model to. Holds 16 bytes for each.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Buyers(Vec<Kept>);

/// A [`Buyer`] in less room: nobody has bought for 179 years.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Kept {
    mean_repeat: f64,
    repeat_days: u32,
    recency_days: u16,
    age_days: u16,
}

const _: () = assert!(size_of::<Kept>() == 16);

impl Buyers {
    /// Takes in one.
    pub fn add(&mut self, buyer: Buyer) {
        let short = |days: u32| u16::try_from(days).unwrap_or(u16::MAX);
        self.0.push(Kept {
            mean_repeat: buyer.mean_repeat,
            repeat_days: buyer.repeat_days,
            recency_days: short(buyer.recency_days),
            age_days: short(buyer.age_days),
        });
    }

    /// Takes in all of another part of the store.
    pub fn absorb(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Buyer> + Clone {
        self.0.iter().copied().map(Buyer::from)
    }

    /// [`Model::fit`] to them.
    #[must_use]
    pub fn fit(&self) -> Model {
        Model::fit_to(self.iter())
    }

    /// Puts equal histories next to each other; afterwards nothing depends
    /// on who came first.
    pub(super) fn sort(&mut self) {
        self.0.sort_unstable_by(|one, other| {
            let history = |kept: &Kept| (kept.repeat_days, kept.recency_days, kept.age_days);
            let by_spend = || one.mean_repeat.total_cmp(&other.mean_repeat);
            history(one).cmp(&history(other)).then_with(by_spend)
        });
    }
}

impl From<Kept> for Buyer {
    fn from(kept: Kept) -> Self {
        Self {
            repeat_days: kept.repeat_days,
            recency_days: u32::from(kept.recency_days),
            age_days: u32::from(kept.age_days),
            mean_repeat: kept.mean_repeat,
        }
    }
}
