//! What the CRM tells the world: one event for each thing that happened.
//!
//! An event says what happened to which id, never a name, an address or a
//! stored record: whoever may know more asks for it. It is published with
//! `source` [`SOURCE`], its kind as `detail-type`, and as `detail` the
//! version, its id, its time, and what its kind tells. A released version is
//! never edited; the tests pin every kind as it is written.
//!
//! The same change always gives the same event with the same id, so that a
//! listener who heard it twice can know.

mod bus;
pub mod case;
pub mod customer;
mod event;
pub mod merge;
pub mod order;
mod outbound;
pub mod returns;

pub use bus::BusEvent;
pub use event::{Event, News, UnreadableEvent, Written};
pub use outbound::Outbound;

/// The `source` of every event.
pub const SOURCE: &str = "crm";
