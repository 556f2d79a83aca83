//! Records given up or parked earlier, found again and handed over once more.

use serde_json::Value;

use super::{READ_AT_ONCE, SHARDS, StreamSource, reading};
use crate::pump::PumpError;
use crate::pump::context::Context;
use crate::pump::verdict::Verdict;

impl StreamSource {
    /// Whether this mapping's failed records are told to, or parked in, `queue`.
    pub(in crate::pump) fn parks_in(&self, queue: &str) -> bool {
        self.mapping.on_failure.as_deref() == Some(queue)
    }

    /// The records a letter speaks of, as far as they are this mapping's and still in the stream.
    pub(in crate::pump) fn records_of(
        &self,
        letter: &Value,
        context: &Context,
    ) -> Result<Vec<Value>, PumpError> {
        if letter["dynamodb"].is_object() {
            return Ok(self.whole(letter).into_iter().collect());
        }
        let is_ours = letter["requestContext"]["functionArn"] == self.mapping.function_arn
            && letter["DDBStreamBatchInfo"]["streamArn"] == self.mapping.stream_arn;
        if is_ours {
            self.between(&letter["DDBStreamBatchInfo"], context)
        } else {
            Ok(Vec::new())
        }
    }

    /// Hands records to the function, once; tells whether it took them all.
    pub(in crate::pump) async fn hand_over_again(
        &self,
        records: Vec<Value>,
        context: &Context,
    ) -> bool {
        let names: Vec<_> = records
            .iter()
            .map(|record| {
                record["dynamodb"]["SequenceNumber"]
                    .as_str()
                    .unwrap_or_default()
            })
            .map(str::to_owned)
            .collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let verdict = context
            .hand_over(&self.mapping.source, records, &names)
            .await;
        verdict == Verdict::Done
    }

    /// A parked record, if it is of this mapping's table.
    fn whole(&self, record: &Value) -> Option<Value> {
        let arn = record["eventSourceARN"].as_str()?;
        let table = format!(":table/{}/", self.mapping.table);
        arn.contains(&table).then(|| record.clone())
    }

    /// The records of one shard between the two sequence numbers of a letter.
    fn between(&self, info: &Value, context: &Context) -> Result<Vec<Value>, PumpError> {
        let number = |name: &str| {
            info[name]
                .as_str()
                .and_then(|text| text.parse::<u128>().ok())
        };
        let (first, last) = (number("startSequenceNumber"), number("endSequenceNumber"));
        let (Some(first), Some(last)) = (first, last) else {
            return Ok(Vec::new());
        };
        let shard = info["shardId"]
            .as_str()
            .and_then(|id| id.strip_prefix("shardId-")?.parse().ok());
        let (mut found, mut place) = (Vec::new(), first - 1);
        while place < last {
            let records = reading::after(context, &self.mapping.table, place, READ_AT_ONCE)?;
            let Some(end) = records.last().map(|record| record.sequence) else {
                break;
            };
            place = end;
            let ours = records.into_iter().filter(|record| {
                let is_of_shard = Some(record.shard(&self.mapping.partition_key, SHARDS)) == shard;
                record.sequence <= last && is_of_shard && self.mapping.filter.passes(&record.event)
            });
            found.extend(ours.map(|record| record.event));
        }
        Ok(found)
    }
}
