//! What the pump did, in numbers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use serde::Serialize;

/// What happened at one source: a queue or stream mapping, a rule's target, a schedule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SourceCounts {
    /// Invocations, failed ones included.
    pub invocations: u64,
    /// Invocations that failed altogether.
    pub failures: u64,
    /// Records handed over, each time it was.
    pub records: u64,
    /// Records that will be handed over again.
    pub retries: u64,
    /// Records the filter let by without an invocation.
    pub filtered: u64,
    /// Records given up after the last try.
    pub given_up: u64,
}

/// Counts by source.
#[derive(Debug, Clone, Default)]
pub struct Counts(Arc<Mutex<BTreeMap<String, SourceCounts>>>);

impl Counts {
    /// All counts so far.
    #[must_use]
    pub fn all(&self) -> BTreeMap<String, SourceCounts> {
        self.lock().clone()
    }

    /// The counts of one source; zeros before its first record.
    #[must_use]
    pub fn of(&self, source: &str) -> SourceCounts {
        self.lock().get(source).copied().unwrap_or_default()
    }

    pub(super) fn note(&self, source: &str, note: impl FnOnce(&mut SourceCounts)) {
        note(self.lock().entry(source.to_owned()).or_default());
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, SourceCounts>> {
        self.0.lock().expect("no holder of the counts panics")
    }
}

/// A count of things.
pub(super) fn count(things: usize) -> u64 {
    u64::try_from(things).unwrap_or(u64::MAX)
}
