//! What customers will be worth: against the published estimates, against
//! other people's implementations, against what really came, and for any
//! history whatever.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

mod back_test;
mod buying;
mod cdnow;
mod closed_form;
mod coverage;
mod data;
mod laws;
mod others;
mod paces;
mod prior;
