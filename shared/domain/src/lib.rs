//! The rules of the CRM, with no idea where they run.
//!
//! Everything here is a value or a pure function. There is no clock, no
//! randomness, no environment and no network: a caller passes the time, ids
//! and loaded state in, and gets a decision back.
//!
//! Units, everywhere: amounts are exact decimals of a named currency
//! ([`money::Amount`]), instants are UTC ([`jiff::Timestamp`]), dates are
//! calendar dates in the store's time zone ([`jiff::civil::Date`]), and a
//! duration's unit is in its name (`_days`, `_minutes`).

pub mod acquisition;
pub mod calendar;
pub mod care;
pub mod case;
pub mod chronicle;
pub mod communication;
pub mod condition;
pub mod consent;
pub mod customer;
pub mod fact;
pub mod field;
pub mod history;
pub mod identity;
pub mod linkage;
pub mod merge;
pub mod money;
pub mod named;
pub mod order;
pub mod person;
pub mod population;
pub mod preference;
pub mod privacy;
pub mod returns;
pub mod search;
pub mod segment;
pub mod settings;
pub mod stamp;
pub mod tags;
pub mod totals;
pub mod value;
pub mod workflow;

mod octets;
mod schema;
mod varint;
