//! Which records a mapping wants at all.

use serde_json::Value;

use crate::services::pattern::{Pattern, PatternError};

/// The filters of one mapping: a record passes if one of them fits, or if there are none.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter(Vec<One>);

#[derive(Debug, Clone)]
struct One {
    pattern: Pattern,
    /// Whether it looks into a message's body, which must then be JSON.
    opens_body: bool,
}

impl Filter {
    pub(super) fn parse(patterns: &[Value]) -> Result<Self, PatternError> {
        let patterns = patterns.iter().map(|pattern| {
            Ok(One {
                opens_body: pattern["body"].is_object(),
                pattern: Pattern::parse(pattern)?,
            })
        });
        patterns.collect::<Result<_, _>>().map(Self)
    }

    /// Whether a stream record passes.
    pub(super) fn passes(&self, record: &Value) -> bool {
        self.0.is_empty() || self.0.iter().any(|one| one.pattern.matches(record))
    }

    /// Whether a queue's record passes.
    pub(super) fn passes_message(&self, record: &Value) -> bool {
        let fits = |one: &One| {
            if !one.opens_body {
                return one.pattern.matches(record);
            }
            let body = record["body"].as_str().unwrap_or_default();
            serde_json::from_str(body).is_ok_and(|body: Value| {
                let mut opened = record.clone();
                opened["body"] = body;
                one.pattern.matches(&opened)
            })
        };
        self.0.is_empty() || self.0.iter().any(fits)
    }
}
