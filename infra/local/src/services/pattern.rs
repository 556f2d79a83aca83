//! Which events someone wants: the pattern language of `EventBridge` rules and of Lambda's event filters.
//!
//! A pattern has the shape of an event. Every field it names must fit; a field lists what it may be, and fits if any
//! of that does; if the event has a list there, one of its elements is enough.
//! Reference: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>

mod parse;
mod test_value;

use std::collections::BTreeMap;

use serde_json::Value;
use test_value::Test;

/// A pattern, read once and used often.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern(Node);

/// A pattern that says nothing AWS would accept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event pattern: {problem} at {place}")]
pub struct PatternError {
    /// What is wrong.
    pub problem: &'static str,
    /// Where in the pattern, as `detail.status`; `the top` for the whole.
    pub place: String,
}

/// What an object must be like: all fields, and one of each `$or`.
#[derive(Debug, Clone, PartialEq, Default)]
struct Node {
    fields: BTreeMap<String, Field>,
    either: Option<Vec<Node>>,
}

#[derive(Debug, Clone, PartialEq)]
enum Field {
    Inside(Node),
    OneOf(Vec<Test>),
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// [`PatternError`] for anything AWS would refuse.
    pub fn parse(pattern: &Value) -> Result<Self, PatternError> {
        parse::node(pattern, &mut Vec::new()).map(Self)
    }

    /// Whether an event is one of those wanted.
    #[must_use]
    pub fn matches(&self, event: &Value) -> bool {
        self.0.fits(Some(event))
    }
}

impl Node {
    /// Whether the object, or one object of the list, fits: all fields within the same one.
    fn fits(&self, value: Option<&Value>) -> bool {
        match value {
            Some(Value::Array(list)) if !list.is_empty() => {
                list.iter().any(|element| self.fits(Some(element)))
            }
            object => self.fits_object(object),
        }
    }

    fn fits_object(&self, object: Option<&Value>) -> bool {
        let inside = |name: &str| object.and_then(|object| object.get(name));
        let fields = self.fields.iter();
        let all = fields
            .into_iter()
            .all(|(name, field)| field.fits(inside(name)));
        let either = self.either.as_ref();
        all && either.is_none_or(|either| either.iter().any(|node| node.fits_object(object)))
    }
}

impl Field {
    fn fits(&self, value: Option<&Value>) -> bool {
        match self {
            Self::Inside(node) => node.fits(value),
            Self::OneOf(tests) => {
                let mut leaves = Vec::new();
                collect_leaves(value, &mut leaves);
                tests.iter().any(|test| test.fits(&leaves))
            }
        }
    }
}

/// The plain values of a field: itself, or those of its lists. An object has none.
fn collect_leaves<'a>(value: Option<&'a Value>, leaves: &mut Vec<&'a Value>) {
    match value {
        Some(Value::Array(list)) => {
            for element in list {
                collect_leaves(Some(element), leaves);
            }
        }
        Some(Value::Object(_)) | None => {}
        Some(leaf) => leaves.push(leaf),
    }
}

#[cfg(test)]
mod tests;
