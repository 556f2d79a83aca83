//! Everything of one customer: what staff set and say, the document in parts, and what it costs.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

mod account;
mod channel;
mod document;
mod facts;
mod fields;
mod golden;
mod kinds;
mod oracle;
mod race;
mod raw;
mod said;
mod support;
mod timeline;
