//! Many small writes that need no condition, up to 25 in a call.

use aws_sdk_dynamodb::types::{DeleteRequest, PutRequest, WriteRequest};

use crate::Store;
use crate::error::StoreError;
use crate::item::{Item, built, key_item};
use crate::keys::Key;

/// Most writes DynamoDB takes in one `BatchWriteItem`.
const BATCH: usize = 25;
/// How often what was left unwritten is sent again.
const ROUNDS: u32 = 8;

pub(crate) fn put(item: Item) -> WriteRequest {
    let put = built(PutRequest::builder().set_item(Some(item)).build());
    WriteRequest::builder().put_request(put).build()
}

pub(crate) fn delete(key: &Key) -> WriteRequest {
    let delete = DeleteRequest::builder().set_key(Some(key_item(key)));
    let delete = built(delete.build());
    WriteRequest::builder().delete_request(delete).build()
}

impl Store {
    /// Makes writes to the table of facts, no two of one key.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`]; some may have been made.
    pub(crate) async fn write_batch(&self, writes: Vec<WriteRequest>) -> Result<(), StoreError> {
        let mut left = writes;
        let mut rounds = 0;
        while !left.is_empty() {
            if rounds == ROUNDS {
                return Err(StoreError::Contended { attempts: ROUNDS });
            }
            let now = left.split_off(left.len().saturating_sub(BATCH));
            let answer = self
                .client
                .batch_write_item()
                .request_items(&self.facts, now)
                .send()
                .await
                .map_err(|error| StoreError::from_sdk("BatchWriteItem", error))?;
            let unwritten = answer.unprocessed_items.unwrap_or_default();
            let unwritten: Vec<_> = unwritten.into_values().flatten().collect();
            rounds = if unwritten.is_empty() { 0 } else { rounds + 1 };
            left.extend(unwritten);
        }
        Ok(())
    }
}
