//! How customers came, and when.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::snapshot::Acquired;
use super::tally::Tally;

/// What is left over goes by this name.
pub(super) const OTHER: &str = "other";
/// Most channels without a rule that are kept apart while counting.
const MOST: usize = 2_000;
/// Most channels that are told of: as many as rules can make.
const TOLD: usize = 200;

/// Customers by channel, and by channel and month of the first order.
///
/// A shop's links may carry any word, so there may be as many origins as
/// customers. When there are too many, half of those that no rule names, then
/// three quarters, go into one: which, follows from their names alone, and so
/// does not depend on who was counted first.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Channels {
    of: BTreeMap<String, Channel>,
    halvings: u32,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Channel {
    /// Whether a rule of the store's names it, and no link alone.
    ruled: bool,
    tally: Tally,
    /// By year and month.
    acquired: BTreeMap<(i16, i8), u64>,
}

impl Channels {
    pub(super) fn add(&mut self, name: String, ruled: bool, first_order_on: Date, tally: &Tally) {
        let month = (first_order_on.year(), first_order_on.month());
        let channel = Channel {
            ruled,
            tally: *tally,
            acquired: BTreeMap::from([(month, 1)]),
        };
        self.put(name, channel);
        self.bound();
    }

    pub(super) fn absorb(&mut self, other: Self) {
        if other.halvings > self.halvings {
            self.halvings = other.halvings;
            self.rearrange();
        }
        for (name, channel) in other.of {
            self.put(name, channel);
        }
        self.bound();
    }

    fn put(&mut self, name: String, channel: Channel) {
        let kept = channel.ruled || self.keeps(&name);
        let name = if kept { name } else { OTHER.to_owned() };
        self.of.entry(name).or_default().absorb(channel);
    }

    fn keeps(&self, name: &str) -> bool {
        name == OTHER || u64::from(super::hash(name)) < (1 << 32) >> self.halvings
    }

    fn bound(&mut self) {
        // No look at each of them while there cannot be too many.
        while self.of.len() > MOST && self.unruled() > MOST {
            self.halvings += 1;
            self.rearrange();
        }
    }

    fn unruled(&self) -> usize {
        let names = self.of.iter();
        names
            .filter(|(name, channel)| !channel.ruled && *name != OTHER)
            .count()
    }

    fn rearrange(&mut self) {
        for (name, channel) in std::mem::take(&mut self.of) {
            self.put(name, channel);
        }
    }

    /// The channels of the rules, then those with most customers, each by
    /// itself, and the others.
    pub(super) fn told(self) -> Acquired {
        let mut by_size: Vec<_> = self.of.into_iter().collect();
        by_size.sort_by_key(|(name, channel)| {
            let rest = name == OTHER;
            let by_size = std::cmp::Reverse(channel.tally.customers);
            (rest, !channel.ruled, by_size)
        });
        let mut told: BTreeMap<String, Channel> = BTreeMap::new();
        for (place, (name, channel)) in by_size.into_iter().enumerate() {
            let name = if place < TOLD { name } else { OTHER.to_owned() };
            told.entry(name).or_default().absorb(channel);
        }
        let mut acquired = Acquired::default();
        for (name, channel) in told {
            let months = channel.acquired.into_iter();
            let months = months.map(|((year, month), n)| (format!("{year:04}-{month:02}"), n));
            acquired.by_month.insert(name.clone(), months.collect());
            acquired.channels.insert(name, channel.tally.figures());
        }
        acquired
    }
}

impl Channel {
    fn absorb(&mut self, other: Self) {
        self.ruled |= other.ruled;
        self.tally.absorb(&other.tally);
        for (month, count) in other.acquired {
            *self.acquired.entry(month).or_default() += count;
        }
    }
}
