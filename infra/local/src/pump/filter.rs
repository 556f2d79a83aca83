//! Which records a mapping wants at all.

use serde_json::Value;

use crate::services::pattern::{Pattern, PatternError};

/// The filters of one mapping: a record passes if one of them fits, or if there are none.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter(Vec<Pattern>);

impl Filter {
    pub(super) fn parse(patterns: &[Value]) -> Result<Self, PatternError> {
        let patterns = patterns.iter().map(Pattern::parse);
        patterns.collect::<Result<_, _>>().map(Self)
    }

    /// Whether a stream record passes.
    pub(super) fn passes(&self, record: &Value) -> bool {
        self.0.is_empty() || self.0.iter().any(|pattern| pattern.matches(record))
    }

    /// Whether a queue's record passes: a body that is JSON is looked into.
    pub(super) fn passes_message(&self, record: &Value) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let body = record["body"].as_str().unwrap_or_default();
        let mut opened = record.clone();
        if let Ok(body) = serde_json::from_str::<Value>(body) {
            opened["body"] = body;
        }
        self.passes(&opened) || self.passes(record)
    }
}
