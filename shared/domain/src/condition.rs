//! Which customers a list is made of: tests on one customer, put together by
//! AND, OR and NOT.
//!
//! A condition is a value. It is read from JSON and printed as the same JSON
//! ([`Condition::parse`], [`Condition::print`]); whether a customer meets it on
//! a date is [`Condition::matches`], and when time alone changes that is
//! [`Condition::next_change_on`]. Ranges are half-open: `at_least` belongs to
//! them, `below` does not.

mod candidate;
mod matching;
mod parse;
pub(crate) mod phone;
mod print;
mod schema;
mod test;
mod when;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use candidate::Candidate;
pub(crate) use matching::name_words;
pub use parse::ConditionError;
pub use phone::PhoneDigits;
pub use test::{FieldTest, Measure, NameWords, Range, Test, order_number};

/// Version of the shape of conditions; kept with what is stored.
pub const VERSION: u8 = 1;
/// Most conditions inside each other.
pub const MOST_DEPTH: usize = 8;
/// Most tests of a condition.
pub const MOST_TESTS: usize = 50;
/// Most characters of a text that is tested for.
pub const MOST_CHARS: usize = 255;

/// A condition on one customer. Prints nothing personal: it may hold an
/// address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub enum Condition {
    /// Every one of these.
    All(Vec<Condition>),
    /// At least one of these.
    Any(Vec<Condition>),
    /// Not this.
    Not(Box<Condition>),
    /// A single test.
    Test(Test),
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Condition(…)")
    }
}

impl TryFrom<Value> for Condition {
    type Error = ConditionError;

    fn try_from(value: Value) -> Result<Self, ConditionError> {
        Self::parse(&value, "condition")
    }
}

impl From<Condition> for Value {
    fn from(condition: Condition) -> Self {
        condition.print()
    }
}

impl Condition {
    /// Every test in it.
    pub fn tests(&self) -> Vec<&Test> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::tests).collect(),
            Self::Not(part) => part.tests(),
            Self::Test(test) => vec![test],
        }
    }

    /// The tests that everyone who meets it passes: the ones an index may be
    /// chosen by.
    #[must_use]
    pub fn needed(&self) -> Vec<&Test> {
        match self {
            Self::All(parts) => parts.iter().flat_map(Self::needed).collect(),
            Self::Any(parts) if parts.len() == 1 => parts[0].needed(),
            Self::Any(_) | Self::Not(_) => Vec::new(),
            Self::Test(test) => vec![test],
        }
    }
}
