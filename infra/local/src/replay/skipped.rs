//! What was found in the files but cannot be sent, and why.

use std::fmt;

use serde::Serialize;

use crate::deliver::Posting;

/// One thing found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A delivery to send.
    Delivery(Posting),
    /// Something that stays out, explained.
    Skipped(Skipped),
}

/// Rows or a payload that stay out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The file, with the line or the element where that helps.
    pub origin: String,
    /// How many rows of a table; one for a payload.
    pub rows: u64,
    /// Why.
    pub reason: Reason,
}

/// Why something stays out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Nobody is named who bought or returned.
    NoCustomer,
    /// An adjustment of the books: neither an order nor a return.
    Adjustment,
    /// One document names two customers.
    TwoCustomers,
    /// A document's lines lie too far apart to belong together.
    Scattered,
    /// The row's columns cannot be read.
    BrokenRow,
    /// The time is missing or in another form than the mapping says.
    BadTime,
    /// The quantity is no whole number.
    BadQuantity,
    /// The price or the amount is no decimal number.
    BadAmount,
    /// A sale of less than nothing, or a return of more.
    WrongSign,
    /// The file is no JSON.
    NotJson,
    /// Nothing says what the payload is about.
    NoTopic,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoCustomer => "no customer named",
            Self::Adjustment => "an adjustment of the books, neither order nor return",
            Self::TwoCustomers => "one document names two customers",
            Self::Scattered => "the document's lines lie too far apart in the file",
            Self::BrokenRow => "the row cannot be read",
            Self::BadTime => "the time cannot be read",
            Self::BadQuantity => "the quantity is no whole number",
            Self::BadAmount => "the price or amount is no decimal number",
            Self::WrongSign => "a sale of less than nothing, or a return of more",
            Self::NotJson => "not JSON",
            Self::NoTopic => "nothing says what the payload is about",
        })
    }
}
