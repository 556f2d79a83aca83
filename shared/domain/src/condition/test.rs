//! The single tests of which conditions are made.

use crate::condition::PhoneDigits;
use crate::consent::Medium;
use crate::field::FieldValue;
use crate::identity::Email;
use crate::linkage::fold;
use crate::money::Amount;
use crate::named::SegmentId;
use crate::search::is_found_by;
use crate::segment::{Group, Health, Segment, Stage};

/// One thing a customer is asked for. Prints nothing personal.
#[derive(Clone, PartialEq, Eq)]
pub enum Test {
    /// Each word begins a word of the name; accents and case do not matter.
    Name(NameWords),
    /// Goes by this address.
    Email(Email),
    /// Goes by an address at this domain, in ASCII form.
    EmailDomain(String),
    /// Has this telephone, or one that ends so.
    Phone(PhoneDigits),
    /// Placed an order of this number, as [`order_number`] writes it. For
    /// searches only: a customer's record does not have it.
    OrderNumber(String),
    /// Has this label, in any case.
    Tag(String),
    /// The one word people filter by.
    Segment(Segment),
    /// The named group.
    Group(Group),
    /// The place in the life cycle.
    Stage(Stage),
    /// Whether one of the best.
    Vip(bool),
    /// How well things stand.
    Health(Health),
    /// The channel that won the customer, in any case.
    Channel(String),
    /// Whether marketing by a medium is allowed.
    Consent(Medium, bool),
    /// Known at this source, such as `shopify`.
    Source(String),
    /// Known at this shop, as `{source}:{shop}`.
    Shop(String),
    /// A number within limits.
    Number(Measure, Range),
    /// What a field of the store's own says.
    Field(String, FieldTest),
    /// In this named segment. For searches only: a segment is not made of
    /// segments.
    NamedSegment(SegmentId),
}

impl std::fmt::Debug for Test {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Test(…)")
    }
}

impl Test {
    /// Whether it can be told from a customer's record alone, so that a named
    /// segment may be made of it.
    #[must_use]
    pub fn follows_from_the_record(&self) -> bool {
        !matches!(self, Self::OrderNumber(_) | Self::NamedSegment(_))
    }
}

/// The words of a name that is looked for. Prints nothing personal.
#[derive(Clone, PartialEq, Eq)]
pub struct NameWords {
    text: String,
    words: Vec<String>,
}

impl std::fmt::Debug for NameWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NameWords(…)")
    }
}

impl NameWords {
    /// Reads a name or the beginning of one; none without a letter in it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let words = fold::every_word(text);
        let text = text.trim().to_owned();
        (!words.is_empty()).then_some(Self { text, words })
    }

    /// As it was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// In lower case, without accents.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The word by which an index finds fewest; none where all are too short
    /// for it.
    #[must_use]
    pub fn longest(&self) -> Option<&str> {
        let words = self.words.iter().filter(|word| is_found_by(word));
        words
            .max_by_key(|word| word.chars().count())
            .map(String::as_str)
    }
}

/// The number people use of an order, in the form in which it is compared:
/// without a `#` before it, in capitals. None if nothing is left.
#[must_use]
pub fn order_number(text: &str) -> Option<String> {
    let before = |c: char| c == '#' || c.is_whitespace();
    let bare = text.trim_start_matches(before).trim_end();
    let fits = !bare.is_empty() && bare.chars().count() <= super::MOST_CHARS;
    fits.then(|| bare.to_uppercase())
}

/// What can be held against limits. Amounts in the reporting currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Merchandise bought, all time.
    Gross,
    /// The same less what was given back.
    Net,
    /// Counted orders.
    Orders,
    /// Gross per counted order; of nobody without one.
    AverageOrderValue,
    /// Units returned of units bought, from 0 to 1; of nobody who bought none.
    ReturnRate,
    /// Whole days since the last counted order; of nobody without one.
    DaysSinceLastOrder,
    /// Whole days since the first counted order; of nobody without one.
    DaysSinceFirstOrder,
}

impl Measure {
    /// Every measure.
    pub const ALL: [Self; 7] = [
        Self::Gross,
        Self::Net,
        Self::Orders,
        Self::AverageOrderValue,
        Self::ReturnRate,
        Self::DaysSinceLastOrder,
        Self::DaysSinceFirstOrder,
    ];

    /// Its name in a condition.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gross => "gross",
            Self::Net => "net",
            Self::Orders => "orders",
            Self::AverageOrderValue => "average_order_value",
            Self::ReturnRate => "return_rate",
            Self::DaysSinceLastOrder => "days_since_last_order",
            Self::DaysSinceFirstOrder => "days_since_first_order",
        }
    }

    /// Whether it has no fractions.
    #[must_use]
    pub fn is_whole(self) -> bool {
        matches!(
            self,
            Self::Orders | Self::DaysSinceLastOrder | Self::DaysSinceFirstOrder
        )
    }
}

/// What a field of the store's own is asked for. Prints nothing personal.
#[derive(Clone, PartialEq, Eq)]
pub enum FieldTest {
    /// Whether it has a value at all.
    Set(bool),
    /// Has this value, in any case.
    Is(String),
    /// Has a number within limits.
    Within(Range),
}

impl FieldTest {
    /// Whether a value passes; `None` is a field without one.
    pub(super) fn is_passed_by(&self, value: Option<&FieldValue>) -> bool {
        match self {
            Self::Set(set) => value.is_some() == *set,
            Self::Is(text) => {
                value.is_some_and(|value| value.text().to_lowercase() == text.to_lowercase())
            }
            Self::Within(range) => {
                let number = match value {
                    Some(FieldValue::Whole(number)) => Amount::whole(*number),
                    Some(FieldValue::Decimal(number)) => *number,
                    _ => return false,
                };
                range.holds(|limit| number >= limit)
            }
        }
    }
}

/// Limits of a number: the lower one belongs to the range, the upper does not.
/// At least one is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The least.
    pub at_least: Option<Amount>,
    /// Less than this.
    pub below: Option<Amount>,
}

impl Range {
    /// Both limits that there are.
    pub fn limits(self) -> impl Iterator<Item = Amount> {
        self.at_least.into_iter().chain(self.below)
    }

    /// Whether a number is in it, told by comparing it with a limit.
    pub(super) fn holds(self, reaches: impl Fn(Amount) -> bool) -> bool {
        self.at_least.is_none_or(&reaches) && self.below.is_none_or(|limit| !reaches(limit))
    }
}
