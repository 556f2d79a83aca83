//! What the tables would have been paid for.

use std::collections::BTreeMap;

use dynoxide::DynoxideError;
use serde_json::Value;

use super::{Outcome, operation};

/// Capacity units of one table and its indexes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Consumed {
    /// Read units: half of one for 4 KB read without consistency.
    pub read_units: f64,
    /// Write units: one for 1 KB, two within a transaction.
    pub write_units: f64,
}

#[derive(Default)]
pub(super) struct Meter {
    on: bool,
    consumed: BTreeMap<String, Consumed>,
}

impl Meter {
    pub(super) fn turn(&mut self, on: bool) {
        self.on = on;
    }

    pub(super) fn is_on(&self) -> bool {
        self.on
    }

    pub(super) fn consumed(&self) -> &BTreeMap<String, Consumed> {
        &self.consumed
    }

    pub(super) fn reset(&mut self) {
        self.consumed.clear();
    }

    pub(super) fn count(&mut self, operation: &str, body: &[u8], outcome: &Outcome) {
        let consumed = match outcome {
            Ok(done) => done.consumed.clone(),
            Err(error) => refused(error, body),
        };
        for (table, units) in consumed {
            let count = self.consumed.entry(table).or_default();
            if operation::writes(operation) {
                count.write_units += units;
            } else {
                count.read_units += units;
            }
        }
    }
}

/// What a write consumes though its condition failed: AWS charges for the item it looked at. Counted as one of up to
/// 1 KB, which makes this a lower bound for larger ones.
fn refused(error: &DynoxideError, body: &[u8]) -> Vec<(String, f64)> {
    let Ok(request) = serde_json::from_slice::<Value>(body) else {
        return Vec::new();
    };
    let named = |action: &Value| action["TableName"].as_str().map(str::to_owned);
    match error {
        DynoxideError::ConditionalCheckFailedException(..) => named(&request)
            .map(|table| (table, 1.0))
            .into_iter()
            .collect(),
        DynoxideError::TransactionCanceledException(..) => {
            let items = request["TransactItems"].as_array().into_iter().flatten();
            let actions = items.filter_map(|item| item.as_object()?.values().find_map(named));
            actions.map(|table| (table, 2.0)).collect()
        }
        _ => Vec::new(),
    }
}
