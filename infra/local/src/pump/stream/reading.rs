//! Reading a table's stream.

use jiff::Timestamp;

use super::record::Record;
use crate::pump::PumpError;
use crate::pump::context::Context;
use crate::services::ServiceError;

/// Up to `limit` records of a table after the place `sequence`.
pub(super) fn after(
    context: &Context,
    table: &str,
    sequence: u128,
    limit: usize,
) -> Result<Vec<Record>, PumpError> {
    let place = (sequence > 0).then(|| sequence.to_string());
    let dynamo = context.services.dynamo();
    let records = dynamo.records_after(table, place.as_deref(), limit)?;
    let records = records.into_iter().map(|record| {
        let written_at = record.change.approximate_creation_date_time;
        let name = record.change.sequence_number.as_deref();
        let sequence = name.and_then(|name| name.parse().ok());
        Ok(Record {
            sequence: sequence.ok_or_else(|| no_number(table))?,
            written_at: Timestamp::from_millisecond(written_at.timestamp_millis())
                .unwrap_or(Timestamp::MIN),
            event: serde_json::to_value(&record).map_err(ServiceError::from)?,
        })
    });
    records.collect()
}

/// The place of the newest record of a table; 0 if there is none.
pub(super) fn latest(context: &Context, table: &str) -> Result<u128, PumpError> {
    let latest = context.services.dynamo().latest_sequence(table)?;
    latest.map_or(Ok(0), |name| name.parse().map_err(|_| no_number(table)))
}

fn no_number(table: &str) -> PumpError {
    let problem = format!("a stream record of {table} has no number");
    PumpError::Service(ServiceError::Invalid(problem))
}
