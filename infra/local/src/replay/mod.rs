//! Replays what other systems recorded: files of webhook payloads and tables
//! of transactions, through the same front door as a shop's own deliveries.

mod args;
mod command;
mod deliveries;
pub mod files;
mod parked;
pub mod recorded;
mod report;
mod run;
pub mod skipped;
mod stage;
pub mod table;
#[cfg(test)]
mod tests;

pub use args::ReplayArgs;
pub use command::command;
pub use deliveries::{DeliveriesError, Reading};
pub use report::{Listed, NotSent, Report};
pub use run::run;
pub use stage::{Stage, StageError};
