//! Tells the world what changed: each change of the tables, as at most one event.
//!
//! In: both tables' streams. Out: events on the bus, in the order of the
//! records. A record comes again from the lowest one that failed, and its
//! event has the same id then; a record that no attempt can publish is parked
//! whole and does not hold up those behind it.

mod change;
mod park;
mod publish;

use std::fmt;

use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use aws_smithy_async::rt::sleep::SharedAsyncSleep;
use crm_lambda::{Failure, Metrics, OnFirstUse, SdkConfig, VariableError, Variables};
use jiff::Timestamp;

use crate::publish::{Chunk, Entry};

/// Why a record is delivered again.
#[derive(Debug, thiserror::Error)]
enum RelayError {
    #[error("cannot reach the bus")]
    Bus(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the bus refused an event ({0})")]
    Refused(String),
    #[error("cannot park the record")]
    Park(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Where a batch stopped: everything before it is done.
struct Stopped {
    place: usize,
    error: RelayError,
}

/// The function with its clients.
pub struct Function {
    bus: aws_sdk_eventbridge::Client,
    bus_name: String,
    queues: OnFirstUse<aws_sdk_sqs::Client>,
    parked: String,
    sleep: Option<SharedAsyncSleep>,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Function(bus {})", self.bus_name)
    }
}

impl Function {
    /// Builds the function from its variables: `BUS_NAME` and
    /// `PARKED_QUEUE_URL`.
    ///
    /// # Errors
    ///
    /// [`VariableError`] naming the variable that is missing.
    pub fn new(sdk: &SdkConfig, variables: &Variables) -> Result<Self, VariableError> {
        Ok(Self {
            bus: aws_sdk_eventbridge::Client::new(sdk),
            bus_name: variables.required("BUS_NAME")?.to_owned(),
            queues: OnFirstUse::new(sdk, aws_sdk_sqs::Client::new),
            parked: variables.required("PARKED_QUEUE_URL")?.to_owned(),
            sleep: sdk.sleep_impl(),
        })
    }

    /// Handles a batch of stream records; the response names the lowest one
    /// that failed, from where Lambda comes again.
    ///
    /// # Errors
    ///
    /// None of its own.
    pub async fn handle(
        &self,
        _now: Timestamp,
        metrics: &mut Metrics,
        event: Event,
    ) -> Result<DynamoDbEventResponse, Failure> {
        let mut response = DynamoDbEventResponse::default();
        if let Err(stopped) = self.relay(metrics, &event.records).await {
            let record = &event.records[stopped.place];
            let id = sequence_number(record);
            let error = crm_lambda::with_causes(&stopped.error);
            tracing::warn!(record.sequence_number = %id, error, "record {id} failed and will be retried");
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = Some(id.to_owned());
            response.batch_item_failures.push(failure);
        }
        Ok(response)
    }

    async fn relay(&self, metrics: &mut Metrics, records: &[EventRecord]) -> Result<(), Stopped> {
        let mut chunk = Chunk::default();
        for (place, record) in records.iter().enumerate() {
            let entry = match change::event_of(record) {
                Ok(None) => continue,
                Ok(Some(event)) => Entry::of(place, &event),
                Err(error) => Err(error.to_string()),
            };
            match entry {
                Ok(entry) if chunk.has_room(&entry) => chunk.push(entry),
                Ok(entry) => {
                    self.publish(metrics, records, std::mem::take(&mut chunk))
                        .await?;
                    chunk.push(entry);
                }
                Err(reason) => {
                    self.publish(metrics, records, std::mem::take(&mut chunk))
                        .await?;
                    let parked = self.park(metrics, record, &reason).await;
                    parked.map_err(|error| Stopped { place, error })?;
                }
            }
        }
        self.publish(metrics, records, chunk).await
    }
}

fn sequence_number(record: &EventRecord) -> &str {
    record.change.sequence_number.as_deref().unwrap_or_default()
}
