//! Putting a record aside that no attempt can publish.

use aws_lambda_events::dynamodb::EventRecord;
use crm_lambda::{Metrics, Unit};

use crate::{Function, RelayError, sequence_number};

impl Function {
    /// Parks a record, whole, for a fix and a redrive: it must neither block
    /// its shard nor be lost, and the stream itself forgets after a day.
    pub(crate) async fn park(
        &self,
        metrics: &mut Metrics,
        record: &EventRecord,
        reason: &str,
    ) -> Result<(), RelayError> {
        let body = serde_json::to_string(record).map_err(|error| RelayError::Park(error.into()))?;
        self.queues
            .get()
            .send_message()
            .queue_url(&self.parked)
            .message_body(body)
            .send()
            .await
            .map_err(|error| RelayError::Park(error.into()))?;
        let id = sequence_number(record);
        tracing::error!(record.sequence_number = %id, reason, "record {id} cannot be published and is parked");
        metrics.add("records_parked", Unit::Count, 1.0);
        Ok(())
    }
}
