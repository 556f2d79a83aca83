//! How customers came, and when.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::snapshot::Acquired;
use super::tally::Tally;

/// What is left over goes by this name.
pub(super) const OTHER: &str = "other";
/// Most origins without a rule that are kept apart while counting.
const MOST: usize = 2_000;
/// Most channels that are told of.
const TOLD: usize = 100;

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
    tally: Tally,
    /// By year and month.
    acquired: BTreeMap<(i16, i8), u64>,
}

impl Channels {
    pub(super) fn add(&mut self, name: &str, first_order_on: Date, tally: &Tally) {
        let month = (first_order_on.year(), first_order_on.month());
        let channel = Channel {
            tally: *tally,
            acquired: BTreeMap::from([(month, 1)]),
        };
        self.put(name.to_owned(), channel);
        self.bound();
    }

    pub(super) fn absorb(&mut self, other: Self) {
        self.halvings = self.halvings.max(other.halvings);
        let mine = std::mem::take(&mut self.of);
        for (name, channel) in mine.into_iter().chain(other.of) {
            self.put(name, channel);
        }
        self.bound();
    }

    fn put(&mut self, name: String, channel: Channel) {
        let name = if self.keeps(&name) {
            name
        } else {
            OTHER.to_owned()
        };
        self.of.entry(name).or_default().absorb(channel);
    }

    fn keeps(&self, name: &str) -> bool {
        !is_foreign(name) || u64::from(hash(name)) < (1 << 32) >> self.halvings
    }

    fn bound(&mut self) {
        while self.of.keys().filter(|name| is_foreign(name)).count() > MOST {
            self.halvings += 1;
            for (name, channel) in std::mem::take(&mut self.of) {
                self.put(name, channel);
            }
        }
    }

    /// The channels with most customers, each by itself, and the others.
    pub(super) fn told(self) -> Acquired {
        let mut by_size: Vec<_> = self.of.into_iter().collect();
        by_size.sort_by_key(|(name, channel)| {
            let rest = name == OTHER;
            (rest, std::cmp::Reverse(channel.tally.customers))
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
        self.tally.absorb(&other.tally);
        for (month, count) in other.acquired {
            *self.acquired.entry(month).or_default() += count;
        }
    }
}

/// Whether a link chose the name, and no rule of the store's.
fn is_foreign(name: &str) -> bool {
    name.starts_with("utm:") || name.starts_with("ref:")
}

/// FNV-1a, the same for ever.
fn hash(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}
