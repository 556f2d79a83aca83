//! When a customer bought and for how much, in a few bytes an order.
//!
//! A count and a sum can be corrected by subtraction when an order changes;
//! a first date, a last date and the number of purchase days cannot. This
//! small sorted list can, and everything by date is read from it.

mod bytes;
mod origins;

use std::collections::BTreeMap;

use jiff::Timestamp;

pub use bytes::Corrupt;

use crate::money::Amount;
use crate::order::Origin;
use origins::{Origins, Tally};

/// Instants of counted orders with what was bought at each, and where its
/// buyer came from.
///
/// Orders at the same second share an entry. An entry that comes to nothing
/// is gone, so two histories of the same orders are equal however they came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History(BTreeMap<i64, Entry>);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Entry {
    purchases: Purchases,
    origins: Origins,
}

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

impl Purchases {
    fn add(&mut self, more: &Self) {
        self.valued += more.valued;
        self.zero += more.zero;
        self.gross += more.gross;
    }
}

impl History {
    /// Adds an order of `gross` at `at` of which no origin is known.
    pub fn add(&mut self, at: Timestamp, gross: Amount) {
        self.add_from(at, gross, None);
    }

    /// Takes back what [`History::add`] added.
    pub fn remove(&mut self, at: Timestamp, gross: Amount) {
        self.remove_from(at, gross, None);
    }

    /// Adds an order of `gross` at `at` that came about by `origin`.
    pub fn add_from(&mut self, at: Timestamp, gross: Amount, origin: Option<&Origin>) {
        self.change(at, gross, origin, 1);
    }

    /// Takes back what [`History::add_from`] added.
    pub fn remove_from(&mut self, at: Timestamp, gross: Amount, origin: Option<&Origin>) {
        self.change(at, gross, origin, -1);
    }

    fn change(&mut self, at: Timestamp, gross: Amount, origin: Option<&Origin>, by: i64) {
        let (valued, zero) = if gross.is_zero() { (0, by) } else { (by, 0) };
        let gross = if by > 0 { gross } else { -gross };
        let more = Purchases {
            valued,
            zero,
            gross,
        };
        let origin = origin.map(|origin| (origin.clone(), Tally { valued, zero }));
        self.add_entry(at.as_second(), &more, origin.as_slice());
    }

    /// All of `other` added to this: the history of one person in two places.
    pub fn absorb(&mut self, other: &Self) {
        for (second, more) in &other.0 {
            let origins = more.origins.tallies(&more.purchases);
            self.add_entry(*second, &more.purchases, &origins);
        }
    }

    fn add_entry(&mut self, second: i64, more: &Purchases, origins: &[(Origin, Tally)]) {
        let entry = self.0.entry(second).or_default();
        let mut tallies = entry.origins.tallies(&entry.purchases);
        for (origin, tally) in origins {
            origins::add(&mut tallies, origin, *tally);
        }
        entry.purchases.add(more);
        entry.origins = Origins::of(tallies, &entry.purchases);
        if *entry == Entry::default() {
            self.0.remove(&second);
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

    /// Where the first counted order came from, as far as it is known. Of
    /// several at the same second it is that of the order of which most is
    /// known: a campaign before a link before a channel of sale.
    #[must_use]
    pub fn origin(&self, count_zero_value: bool) -> Option<&Origin> {
        let counts = |entry: &&Entry| entry.purchases.orders(count_zero_value) > 0;
        let first = self.0.values().find(counts)?;
        first.origins.first(count_zero_value)
    }

    /// Whether something was bought, and all of it is known to have come about
    /// by one origin.
    #[must_use]
    pub fn is_only_from(&self, origin: &Origin) -> bool {
        let all = |entry: &Entry| entry.origins.is_only(origin);
        !self.0.is_empty() && self.0.values().all(all)
    }

    /// Every instant with its purchases, earliest first.
    #[must_use]
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = (Timestamp, Purchases)> + '_ {
        self.0.iter().map(|(second, entry)| {
            let at = Timestamp::from_second(*second).expect("stored from a valid instant");
            (at, entry.purchases)
        })
    }

    /// Whether nothing was ever bought.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
