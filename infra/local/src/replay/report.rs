//! What came of a replay, for the person who started it.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::skipped::{Reason, Skipped};
use crate::deliver::{Answer, Poured};

/// So many of each kind are printed; the report file names all.
const MOST_NAMED: usize = 10;

/// What came of a replay.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Deliveries that the door took, by topic.
    pub accepted: BTreeMap<String, u64>,
    /// Of those, the ones that say nothing we follow, by topic.
    pub not_followed: BTreeMap<String, u64>,
    /// Deliveries that the door did not take.
    pub refused: Listed,
    /// Messages that ended where nobody works on them, by queue.
    pub parked: BTreeMap<String, Listed>,
    /// What stayed out, by reason.
    pub not_sent: BTreeMap<Reason, NotSent>,
    /// Seconds until the last delivery was accepted.
    pub seconds_sending: f64,
    /// Seconds until everything was worked off.
    pub seconds: f64,
    /// Accepted orders (deliveries about orders) worked off per second.
    pub orders_per_second: f64,
}

/// A count with each named.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Listed {
    /// How many.
    pub count: u64,
    /// Each, with the reason.
    pub named: Vec<String>,
}

/// Rows or payloads that stayed out for one reason.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NotSent {
    /// Documents or payloads.
    pub count: u64,
    /// Rows of tables in them.
    pub rows: u64,
    /// Where each is.
    pub named: Vec<String>,
}

impl Listed {
    /// Counts one, and names it.
    pub fn add(&mut self, name: impl FnOnce() -> String) {
        self.count += 1;
        self.named.push(name());
    }
}

impl Report {
    /// Notes what the door said.
    pub fn poured(&mut self, poured: &Poured, is_followed: bool) {
        let posting = &poured.posting;
        match &poured.answer {
            Answer::Accepted => {
                *self.accepted.entry(posting.topic.clone()).or_default() += 1;
                if !is_followed {
                    *self.not_followed.entry(posting.topic.clone()).or_default() += 1;
                }
            }
            Answer::Refused { status, reason } => self
                .refused
                .add(|| format!("{} ({}): {status} {reason}", posting.origin, posting.topic)),
        }
    }

    /// Notes what stays out.
    pub fn skipped(&mut self, skipped: Skipped) {
        let entry = self.not_sent.entry(skipped.reason).or_default();
        entry.count += 1;
        entry.rows += skipped.rows;
        entry.named.push(skipped.origin);
    }

    /// Notes how long it took.
    pub fn timed(&mut self, sending: std::time::Duration, all: std::time::Duration) {
        self.seconds_sending = sending.as_secs_f64();
        self.seconds = all.as_secs_f64();
        let orders: u64 = self
            .accepted
            .iter()
            .filter(|(topic, _)| topic.starts_with("orders/"))
            .map(|(_, count)| count)
            .sum();
        let orders = u32::try_from(orders).unwrap_or(u32::MAX);
        self.orders_per_second = f64::from(orders) / self.seconds.max(0.001);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total: u64 = self.accepted.values().sum();
        writeln!(f, "{total} deliveries accepted")?;
        for (topic, count) in &self.accepted {
            let unread = self.not_followed.get(topic);
            let unread = unread.map(|n| format!("  ({n} say nothing we follow)"));
            writeln!(f, "  {count:>8}  {topic}{}", unread.unwrap_or_default())?;
        }
        if self.refused.count > 0 {
            writeln!(f, "{} refused at the door", self.refused.count)?;
            named(f, &self.refused.named, self.refused.count)?;
        }
        for (queue, parked) in &self.parked {
            writeln!(f, "{} parked in {queue}", parked.count)?;
            named(f, &parked.named, parked.count)?;
        }
        for (reason, out) in &self.not_sent {
            writeln!(f, "{} not sent ({} rows): {reason}", out.count, out.rows)?;
            named(f, &out.named, out.count)?;
        }
        write!(
            f,
            "{:.1} s, of which {:.1} s sending; {:.0} orders per second, end to end",
            self.seconds, self.seconds_sending, self.orders_per_second
        )
    }
}

fn named(f: &mut fmt::Formatter<'_>, all: &[String], count: u64) -> fmt::Result {
    let first = &all[..all.len().min(MOST_NAMED)];
    for name in first {
        writeln!(f, "            {name}")?;
    }
    let others = count.saturating_sub(u64::try_from(first.len()).unwrap_or(u64::MAX));
    if others > 0 {
        writeln!(f, "            and {others} more; --report FILE names all")?;
    }
    Ok(())
}
