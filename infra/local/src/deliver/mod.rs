//! Deliveries on their way through the front door, as a shop would send them:
//! signed, a few at once, each tried again where the door says so.

mod control;
mod door;
mod posting;
mod pour;
mod progress;

pub use control::{Control, ControlError};
pub use door::{Answer, Door, DoorError, Secrets};
pub use posting::Posting;
pub use pour::{Poured, pour};
pub use progress::Progress;

#[cfg(test)]
pub(crate) mod counter;
#[cfg(test)]
mod tests;
