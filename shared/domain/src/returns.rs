//! What came back: refunds, which move money, and returns, which move goods.
//!
//! A refund says how much merchandise money went back and why the goods did;
//! a return document says reason, state and units, never money a second time
//! (DOMAIN section 2).

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::money::Amount;
use crate::stamp::Stamp;

/// Money given back for an order, once per refund id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// When it was made.
    pub at: Timestamp,
    /// Merchandise given back without tax: refund lines and merchandise
    /// adjustments, in the order's shop currency.
    pub amount: Amount,
    /// Units refunded because they came back (or were given up).
    pub units_returned: i64,
    /// Units refunded because they were never sent (`restock_type = cancel`).
    pub units_cancelled: i64,
    /// Of which lines, by their ids, how many units the shop has again: those
    /// that came back fit to be sold, and those cancelled before they were
    /// sent. They give their cost back.
    #[serde(rename = "k", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub back_in_stock: BTreeMap<String, i64>,
    /// The same of units that came back and cannot be sold again.
    #[serde(rename = "o", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub written_off: BTreeMap<String, i64>,
    /// Whether all of its money went to the customer's credit with the store,
    /// as store credit or to a gift card.
    #[serde(rename = "c", default, skip_serializing_if = "std::ops::Not::not")]
    pub on_credit: bool,
    /// The return document this refund settles, where the source says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_id: Option<String>,
    /// Which version of the refund this is.
    pub stamp: Stamp,
}

/// Where a return is in its life cycle.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ReturnStatus {
    /// Asked for by the customer.
    Requested,
    /// Approved, goods on their way.
    Open,
    /// Done.
    Closed,
    /// Refused by the shop.
    Declined,
    /// Called off.
    Cancelled,
}

impl ReturnStatus {
    /// Whether the goods of a return in this state count as returned.
    #[must_use]
    pub fn counts(self) -> bool {
        matches!(self, Self::Open | Self::Closed)
    }
}

/// How a return was settled.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ReturnResolution")]
pub enum Resolution {
    /// Money back.
    Refund,
    /// Other goods instead.
    Exchange,
    /// Credit with the store: store credit, or a gift card.
    Credit,
}

/// So many states of a return are kept beside the newest.
pub const MOST_STATES: usize = 20;

/// A return document as far as it is known.
///
/// Deliveries about it come in any order and some carry only a part: the
/// state and the lines each keep the newest they have seen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Return {
    /// Newest state known, with its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<(Stamp, ReturnStatus)>,
    /// States that were told before it, the oldest first: the latest
    /// [`MOST_STATES`].
    #[serde(rename = "e", default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<(Stamp, ReturnStatus)>,
    /// Newest full list of lines known, with its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<(Stamp, ReturnLines)>,
    /// Units taken off the return, per delivery that said so, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removals: Vec<(Stamp, i64)>,
}

/// The lines of a return document, summed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReturnLines {
    /// Units coming back.
    pub units: i64,
    /// Units that go out again in exchange; they are not in the rates.
    pub units_exchanged: i64,
    /// The first reason given, such as `size_too_small`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Units by the order's line, where the source says which.
    #[serde(rename = "l", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_line: BTreeMap<String, i64>,
}

/// One delivery about a return document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnChange {
    /// Which version it is.
    pub stamp: Stamp,
    /// The state it tells, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ReturnStatus>,
    /// The full lines, if it tells them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<ReturnLines>,
    /// Units removed from the return by this delivery.
    #[serde(default)]
    pub units_removed: i64,
}

impl Return {
    /// Takes a delivery in. Any number of times, in any order, with the same
    /// result.
    pub fn apply(&mut self, change: &ReturnChange) {
        if let Some(status) = change.status {
            self.hear([(change.stamp, status)]);
        }
        if let Some(lines) = &change.lines {
            let stored = self.lines.as_ref().map(|(stamp, _)| stamp);
            if change.stamp.replaces(stored) {
                self.lines = Some((change.stamp, lines.clone()));
            }
        }
        if change.units_removed != 0 {
            let removal = (change.stamp, change.units_removed);
            if let Err(place) = self.removals.binary_search(&removal) {
                self.removals.insert(place, removal);
            }
        }
    }

    /// Takes states in, whenever they were told.
    fn hear(&mut self, told: impl IntoIterator<Item = (Stamp, ReturnStatus)>) {
        let known = self.earlier.drain(..).chain(self.status);
        let mut all: Vec<_> = known.chain(told).collect();
        all.sort_unstable();
        all.dedup();
        self.status = all.pop();
        all.drain(..all.len().saturating_sub(MOST_STATES));
        self.earlier = all;
    }

    /// Each state it came to, with the time where that is known; `Requested`
    /// until told otherwise.
    #[must_use]
    pub fn states(&self) -> Vec<(Option<Timestamp>, ReturnStatus)> {
        let told = self.earlier.iter().chain(&self.status);
        let mut states: Vec<_> = told.map(|(stamp, status)| (stamp.at(), *status)).collect();
        states.dedup_by_key(|(_, status)| *status);
        if states.is_empty() {
            states.push((self.told_at(), self.status()));
        }
        states
    }

    /// Takes in all that another record of the same return knows.
    pub fn merge(&mut self, other: &Self) {
        self.hear(other.earlier.iter().copied().chain(other.status));
        if let Some((stamp, lines)) = &other.lines
            && stamp.replaces(self.lines.as_ref().map(|(known, _)| known))
        {
            self.lines = Some((*stamp, lines.clone()));
        }
        self.removals.extend_from_slice(&other.removals);
        self.removals.sort_unstable();
        self.removals.dedup();
    }

    /// The state, `Requested` until told otherwise.
    #[must_use]
    pub fn status(&self) -> ReturnStatus {
        self.status
            .map_or(ReturnStatus::Requested, |(_, status)| status)
    }

    /// When something was told of it last, where that is known.
    #[must_use]
    pub fn told_at(&self) -> Option<Timestamp> {
        let status = self.status.iter().map(|(stamp, _)| stamp);
        let lines = self.lines.iter().map(|(stamp, _)| stamp);
        let removals = self.removals.iter().map(|(stamp, _)| stamp);
        let stamps = status.chain(lines).chain(removals);
        stamps.filter_map(Stamp::at).max()
    }

    /// Units that count as returned: those of a return that stands, without
    /// exchanged ones and without those taken off it.
    #[must_use]
    pub fn units_returned(&self) -> i64 {
        let Some((told, lines)) = self.lines.as_ref().filter(|_| self.status().counts()) else {
            return 0;
        };
        // A full list of lines already has the removals before it taken off.
        let since = self.removals.iter().filter(|(stamp, _)| stamp > told);
        let removed: i64 = since.map(|(_, units)| units).sum();
        (lines.units - removed - lines.units_exchanged).max(0)
    }
}

impl Return {
    /// Units that went out again for this return, while it stands.
    #[must_use]
    pub fn units_exchanged(&self) -> i64 {
        match &self.lines {
            Some((_, lines)) if self.status().counts() => lines.units_exchanged.min(lines.units),
            _ => 0,
        }
    }
}

impl Return {
    /// Units of one of the order's lines that came back, while the return
    /// stands and as far as it says of which lines they are.
    #[must_use]
    pub fn units_of_line(&self, line: &str) -> i64 {
        match &self.lines {
            Some((_, lines)) if self.status().counts() => {
                lines.by_line.get(line).copied().unwrap_or_default()
            }
            _ => 0,
        }
    }
}

/// A return that a source reports without the order it belongs to, as old
/// shops' books do: money and units of a customer, once per document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LooseReturn {
    /// When it was booked.
    pub at: Timestamp,
    /// Merchandise given back, in the order's shop currency.
    pub amount: Amount,
    /// Units that came back.
    pub units: i64,
    /// Which version of the document this is.
    pub stamp: Stamp,
}

impl LooseReturn {
    /// Whether it had been booked just before `instant`.
    #[must_use]
    pub fn is_before(&self, instant: Timestamp) -> bool {
        self.at < instant
    }
}
