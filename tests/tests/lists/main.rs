//! Lists of customers: searched for, named, and taken along as a table.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

mod cost;
mod fields;
mod histories;
mod named;
mod search;
mod support;
mod table;
