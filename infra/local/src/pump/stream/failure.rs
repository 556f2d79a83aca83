//! What the failure destination of a stream mapping is told: where the records are, not what is in them.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html>

use serde_json::json;

use super::Mapping;
use super::batch::Batch;
use crate::pump::PumpError;
use crate::pump::context::Context;
use crate::services::queues::Outgoing;

/// Why a batch was given up.
pub(super) enum Condition {
    /// Its last try failed, for this reason.
    Exhausted(String),
    /// It was too old to be tried.
    TooOld,
}

pub(super) fn tell(
    context: &Context,
    mapping: &Mapping,
    shard: usize,
    batch: &Batch,
    condition: &Condition,
) -> Result<(), PumpError> {
    let source = &mapping.source.id;
    let (name, reason) = match condition {
        Condition::Exhausted(reason) => ("RetryAttemptsExhausted", reason.as_str()),
        Condition::TooOld => ("RecordAgeExceeded", "the records are too old"),
    };
    let Some(queue) = &mapping.on_failure else {
        tracing::error!(source, reason, "records are lost: no failure destination");
        return Ok(());
    };
    let (Some(first), Some(last)) = (batch.records.first(), batch.records.last()) else {
        return Ok(());
    };
    let now = context.services.clock().now();
    let letter = json!({
        "version": "1.0",
        "timestamp": now.to_string(),
        "requestContext": {
            "functionArn": mapping.function_arn,
            "condition": name,
            "approximateInvokeCount": batch.tries + 1,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "DDBStreamBatchInfo": {
            "shardId": format!("shardId-{shard:020}"),
            "startSequenceNumber": first.name(),
            "endSequenceNumber": last.name(),
            "approximateArrivalOfFirstRecord": first.written_at.to_string(),
            "approximateArrivalOfLastRecord": last.written_at.to_string(),
            "batchSize": batch.records.len(),
            "streamArn": mapping.stream_arn,
        },
    });
    let message = Outgoing::of(letter.to_string());
    context.services.queues().send(queue, &message, now)?;
    Ok(())
}
