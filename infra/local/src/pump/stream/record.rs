//! One change of a table on its way to a reader.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Timestamp;
use serde_json::Value;

/// A stream record, as its reader gets it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record {
    /// Its place in the stream.
    pub sequence: u128,
    /// When the change was made.
    pub written_at: Timestamp,
    /// The record as Lambda gets it.
    pub event: Value,
}

impl Record {
    /// Its place in the stream, as functions and failure messages name it.
    pub(super) fn name(&self) -> &str {
        self.event["dynamodb"]["SequenceNumber"]
            .as_str()
            .unwrap_or_default()
    }

    /// The shard that carries every change of this record's partition key.
    pub(super) fn shard(&self, partition_key: &str, shards: usize) -> usize {
        let key = &self.event["dynamodb"]["Keys"][partition_key];
        let mut hasher = DefaultHasher::new();
        key.to_string().hash(&mut hasher);
        let shards = u64::try_from(shards).unwrap_or(1).max(1);
        usize::try_from(hasher.finish() % shards).unwrap_or(0)
    }
}
