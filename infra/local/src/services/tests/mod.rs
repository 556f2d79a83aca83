//! Each service through its real client, and what a restart must keep.

mod bus;
mod faults;
mod mail;
mod queues;
mod restart;
mod schedules;
mod secrets;
mod tables;
mod transactions;

use jiff::{SignedDuration, Timestamp};

use super::Services;
use crate::clock::Clock;

fn start_of_story() -> Timestamp {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

fn services() -> Services {
    Services::in_memory(Clock::fixed(start_of_story())).unwrap()
}

fn wait(services: &Services, seconds: i64) {
    let clock = services.clock();
    let later = clock.now() + SignedDuration::from_secs(seconds);
    clock.set(later).unwrap();
}

/// The code of the service's error, which the client must have understood.
fn code<E, R>(error: &aws_smithy_runtime_api::client::result::SdkError<E, R>) -> String
where
    E: aws_smithy_types::error::metadata::ProvideErrorMetadata,
{
    let error = error.as_service_error();
    let code = error.and_then(|error| error.meta().code());
    code.unwrap_or("no service error").to_owned()
}
