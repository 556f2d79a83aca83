//! Customers who may be one person: who is suggested, and what is decided.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

mod decisions;
mod febrl;
mod stories;
mod support;
