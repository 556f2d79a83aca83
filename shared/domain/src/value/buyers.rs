//! A million customers in sixteen megabytes.

use serde::{Deserialize, Serialize};

use super::Model;
use super::buyer::Buyer;

/// All buyers of a store, gathered one by one and in any number of parts, to
/// fit the model to. Holds 16 bytes for each.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Buyers(Vec<Kept>);

/// Some of a store's buyers, one in so many of as many as come.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(from = "Buyers", into = "Buyers")]
pub struct Sample {
    buyers: Buyers,
    /// One in two to the power of this many of those that came is kept.
    halvings: u32,
}

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

impl Sample {
    /// Most that are kept: what more would tell of a model is in digits that
    /// no prediction has.
    pub const MOST: usize = 250_000;

    /// Takes in one of a part of the store, which is less than all it may
    /// hold.
    pub fn add(&mut self, buyer: Buyer) {
        self.buyers.add(buyer);
    }

    /// Takes in another part of the store. Parts are of people in no order,
    /// so every other one of them is as good a sample as any.
    pub fn absorb(&mut self, other: Buyers) {
        let step = 1_usize << self.halvings.min(usize::BITS - 1);
        self.buyers.0.extend(other.0.into_iter().step_by(step));
        while self.buyers.len() > Self::MOST {
            let mut place = 0_usize;
            self.buyers.0.retain(|_| {
                place += 1;
                !place.is_multiple_of(2)
            });
            self.halvings += 1;
        }
    }

    /// Those that are kept.
    #[must_use]
    pub fn into_buyers(self) -> Buyers {
        self.buyers
    }
}

impl From<Buyers> for Sample {
    fn from(buyers: Buyers) -> Self {
        Self {
            buyers,
            halvings: 0,
        }
    }
}

impl From<Sample> for Buyers {
    fn from(sample: Sample) -> Self {
        sample.buyers
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
