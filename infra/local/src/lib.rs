//! The whole system in one process: the AWS services it stands on, its wiring and its front door.

pub mod clock;
pub mod services;
