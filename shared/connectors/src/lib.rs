//! Telling people outside: what a message says, and handing it over.
//!
//! What is said is a pure function ([`welcome::request`]); handing it over
//! ([`mail::Mailer::send`]) adds nothing and says what is known of the outcome.

pub mod mail;
mod mailbox;
mod text;
pub mod welcome;
