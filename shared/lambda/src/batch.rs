//! Answers to a batch, entry by entry: what failed comes again, the rest does not.
//!
//! Both need `ReportBatchItemFailures` on the event source: without it a failed
//! entry would be dropped as if it had succeeded. An entry without an identity
//! is reported under the empty one, which Lambda takes as the failure of the
//! whole batch: repeated work, which every handler stands, never a loss.
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>

use std::error::Error;

use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use serde::de::DeserializeOwned;

use crate::with_causes;

/// Hands each message to `work`, one after another, and reports back those that failed.
///
/// A message whose body is not a `T` has failed too. Each failure is logged
/// with its causes, never with the body.
pub async fn each_message<T, E>(
    event: SqsEvent,
    mut work: impl AsyncFnMut(T) -> Result<(), E>,
) -> SqsBatchResponse
where
    T: DeserializeOwned,
    E: Error + 'static,
{
    let mut response = SqsBatchResponse::default();
    for message in event.records {
        let outcome = match read(&message) {
            Ok(body) => work(body).await.map_err(|error| with_causes(&error)),
            Err(unreadable) => Err(unreadable),
        };
        if let Err(error) = outcome {
            let id = message.message_id.unwrap_or_default();
            tracing::warn!(message.id = %id, error, "message {id} failed and will be retried");
            response.add_failure(id);
        }
    }
    response
}

/// Only the kind of what is wrong: the text of a parse error can quote the body.
fn read<T: DeserializeOwned>(message: &SqsMessage) -> Result<T, String> {
    serde_json::from_str(message.body.as_deref().unwrap_or_default())
        .map_err(|error| format!("unreadable message: {:?}", error.classify()))
}

/// Hands each record to `work`, in order, up to the first that fails, and
/// reports that one: Lambda comes again from there.
///
/// The records after it are left alone, because Lambda delivers them again in
/// any case, and because a change must not overtake an earlier one of its item.
pub async fn each_record<E>(
    event: Event,
    mut work: impl AsyncFnMut(&EventRecord) -> Result<(), E>,
) -> DynamoDbEventResponse
where
    E: Error + 'static,
{
    let mut response = DynamoDbEventResponse::default();
    for record in event.records {
        if let Err(error) = work(&record).await {
            let error = with_causes(&error);
            let sequence_number = record.change.sequence_number.unwrap_or_default();
            tracing::warn!(
                record.sequence_number = %sequence_number,
                error,
                "record {sequence_number} failed and will be retried"
            );
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = Some(sequence_number);
            response.batch_item_failures.push(failure);
            break;
        }
    }
    response
}
