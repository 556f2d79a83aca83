//! What is read from the bytes of others.
//!
//! Property tests run 256 cases each; `PROPTEST_CASES=1000000 cargo test -p
//! crm-sources` runs as many as one likes.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

mod common;
mod consent;
mod customers;
mod delivery;
mod door;
mod fixtures;
mod imports;
mod mutations;
mod orders;
mod recorded;
mod refunds;
mod returns;
mod shipments;
mod tags;
