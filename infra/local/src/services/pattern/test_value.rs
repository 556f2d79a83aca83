//! What one value of a field may be.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// One of the things a field may be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Exists(bool),
    Is(Literal),
    Text(TextTest),
    /// Anything but these; a missing field does not fit.
    NotThese(Vec<Literal>),
    NotText(Vec<TextTest>),
    /// All of these comparisons.
    Numeric(Vec<(Comparison, Number)>),
}

/// A value to be equal to. Numbers are equal by what they are worth, not by how they are written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    Text(String),
    Number(Number),
    Other(Value),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TextTest {
    Prefix(String),
    PrefixAnyCase(String),
    Suffix(String),
    SuffixAnyCase(String),
    EqualsAnyCase(String),
    /// The pieces between the stars, of which each stands for any text.
    Wildcard(Vec<String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

impl Test {
    /// Whether one of a field's values fits; none means that the field is missing.
    pub(super) fn fits(&self, leaves: &[&Value]) -> bool {
        match self {
            Self::Exists(wanted) => leaves.is_empty() != *wanted,
            _ => leaves.iter().any(|leaf| self.fits_leaf(leaf)),
        }
    }

    fn fits_leaf(&self, leaf: &Value) -> bool {
        match (self, leaf) {
            (Self::Exists(_), _) => unreachable!("decided by the field as a whole"),
            (Self::Is(literal), leaf) => literal.is(leaf),
            (Self::NotThese(these), leaf) => !these.iter().any(|literal| literal.is(leaf)),
            (Self::Text(wanted), Value::String(text)) => wanted.fits(text),
            (Self::NotText(tests), Value::String(text)) => {
                !tests.iter().any(|test| test.fits(text))
            }
            // Text of no kind is also none of these texts.
            (Self::NotText(_), _) => true,
            (Self::Numeric(all), Value::Number(number)) => all
                .iter()
                .all(|(comparison, bound)| comparison.holds(compared(number, bound))),
            (Self::Text(_) | Self::Numeric(_), _) => false,
        }
    }
}

impl Literal {
    fn is(&self, leaf: &Value) -> bool {
        match (self, leaf) {
            (Self::Text(text), Value::String(leaf)) => text == leaf,
            (Self::Number(number), Value::Number(leaf)) => compared(leaf, number).is_eq(),
            (Self::Other(value), leaf) => value == leaf,
            _ => false,
        }
    }
}

impl TextTest {
    fn fits(&self, text: &str) -> bool {
        match self {
            Self::Prefix(start) => text.starts_with(start),
            Self::PrefixAnyCase(start) => text.to_lowercase().starts_with(start),
            Self::Suffix(end) => text.ends_with(end),
            Self::SuffixAnyCase(end) => text.to_lowercase().ends_with(end),
            Self::EqualsAnyCase(whole) => text.to_lowercase() == *whole,
            Self::Wildcard(pieces) => wildcard(pieces, text),
        }
    }
}

/// Whether `text` is the pieces in order, with any text between them.
fn wildcard(pieces: &[String], text: &str) -> bool {
    let Some((first, rest)) = pieces.split_first() else {
        return text.is_empty();
    };
    let Some((last, middle)) = rest.split_last() else {
        return text == first;
    };
    let Some(mut text) = text.strip_prefix(first.as_str()) else {
        return false;
    };
    // The earliest place for each piece leaves the most text to the others.
    for piece in middle {
        let Some(at) = text.find(piece.as_str()) else {
            return false;
        };
        text = &text[at + piece.len()..];
    }
    text.ends_with(last.as_str())
}

impl Comparison {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
            Self::Equal => ordering.is_eq(),
            Self::AtLeast => ordering.is_ge(),
            Self::More => ordering.is_gt(),
        }
    }
}

fn compared(a: &Number, b: &Number) -> Ordering {
    if let (Some(a), Some(b)) = (a.as_i64(), b.as_i64()) {
        return a.cmp(&b);
    }
    let float = |number: &Number| number.as_f64().unwrap_or(f64::NAN);
    // Adding zero makes one of the two zeros, which are equal.
    (float(a) + 0.0).total_cmp(&(float(b) + 0.0))
}
