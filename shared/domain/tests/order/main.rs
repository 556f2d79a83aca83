//! An order is the same whatever way its news arrives, and counts once.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

mod before;
mod cost;
mod facts;
mod liked;
mod returned;
mod support;
