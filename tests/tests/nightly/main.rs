//! The walk over everyone: what a night finds, and that nothing it is made of
//! has to happen once.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

mod crew;
mod duplicates;
mod figures;
mod later;
mod night;
mod repeated;
mod stories;
