//! Why a delivery cannot be read, told without telling what is in it.

use std::fmt;

use crm_domain::identity::IdentityError;
use crm_domain::money::{AmountError, NotACurrency};

use crate::delivery::Dialect;

/// A delivery that cannot be read yet: which field, and what is wrong there.
///
/// Never holds a value from the payload, so it may be logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read {field} of the {dialect} delivery: {problem}")]
pub struct Unreadable {
    /// Whose language the delivery is in.
    pub dialect: Dialect,
    /// Path of the field, such as `line_items[3].price`; `body` for the whole.
    pub field: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The body is not JSON, is cut short, or is nested more than 128 deep.
    #[error("not JSON, or nested too deep (limit: 128)")]
    NotJson,
    /// Another kind of value is expected there.
    #[error("not of the expected form")]
    WrongForm,
    /// A field that must be there is absent or null.
    #[error("missing")]
    Missing,
    /// Not a time.
    #[error("not a time (expected: RFC 3339)")]
    NotATime,
    /// Not a whole number that fits.
    #[error("not a whole number (limit: below 10^9)")]
    NotWhole,
    /// Not an id.
    #[error("not an id (expected: digits, or gid://shopify/…/digits)")]
    NotAnId,
    /// Below zero where only zero and more make sense.
    #[error("negative")]
    Negative,
    /// A word whose meaning we do not know and must not guess.
    #[error("an unknown value")]
    Unknown,
    /// Not an amount.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// Not a currency.
    #[error(transparent)]
    Currency(#[from] NotACurrency),
    /// Not an identifier.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

/// A problem on its way up: each level puts its own part before the path.
#[derive(Debug)]
pub(crate) struct Trouble {
    field: String,
    problem: Problem,
}

impl Trouble {
    /// A problem with the thing at hand itself.
    pub(crate) fn here(problem: impl Into<Problem>) -> Self {
        Self {
            field: String::new(),
            problem: problem.into(),
        }
    }

    /// The same problem seen from outside, where the thing is called `name`.
    pub(crate) fn within(mut self, name: impl fmt::Display) -> Self {
        let joint = match self.field.as_str() {
            "" => "",
            inner if inner.starts_with('[') => "",
            _ => ".",
        };
        self.field = format!("{name}{joint}{}", self.field);
        self
    }

    /// The finished message.
    pub(crate) fn of(self, dialect: Dialect) -> Unreadable {
        let whole = self.field.is_empty();
        Unreadable {
            dialect,
            field: if whole { "body".into() } else { self.field },
            problem: self.problem,
        }
    }
}

/// Says which field a result was read from.
pub(crate) trait At<T> {
    /// Names the field.
    fn at(self, name: &str) -> Result<T, Trouble>;
    /// Names the field and the place in its list.
    fn at_index(self, name: &str, index: usize) -> Result<T, Trouble>;
}

impl<T> At<T> for Result<T, Trouble> {
    fn at(self, name: &str) -> Result<T, Trouble> {
        self.map_err(|trouble| trouble.within(name))
    }

    fn at_index(self, name: &str, index: usize) -> Result<T, Trouble> {
        self.map_err(|trouble| trouble.within(format_args!("{name}[{index}]")))
    }
}
