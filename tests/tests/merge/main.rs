//! Two customers who are one person, and one who is two after all.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

mod asked;
mod crew;
mod histories;
mod races;
mod stories;
mod welcomed;
