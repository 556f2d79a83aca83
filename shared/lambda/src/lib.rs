//! What every function does alike, so that a function itself is only its use case.
//!
//! Settings ([`Variables`]), AWS clients that start fast ([`start`]), the loop
//! around a handler ([`serve`]), answers to a batch entry by entry
//! ([`each_message`], [`each_record`]), [`Metrics`], [`Secrets`], errors told
//! with their causes ([`Failure`]), and the two things a handler must be
//! given from outside to be repeatable: the time ([`now`]) and ids ([`Random`]).
//!
//! Nothing here knows a customer: the crate depends on no other of ours.

mod batch;
mod failure;
mod logs;
mod metrics;
mod random;
mod roots;
mod sdk;
mod secrets;
mod serve;
mod variables;

pub use aws_types::SdkConfig;
pub use batch::{each_message, each_record};
pub use failure::{Failure, with_causes};
pub use metrics::{Measured, Metrics, Unit};
pub use random::Random;
pub use sdk::sdk_config;
pub use secrets::{Secret, SecretError, Secrets};
pub use serve::{now, serve, start};
pub use variables::{VariableError, Variables};
