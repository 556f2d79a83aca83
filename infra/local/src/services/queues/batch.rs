//! Several messages in one call: each entry has its own result.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::entry::{self, Entry};
use super::{Queues, Receipted, insert};
use crate::services::reply::{Refusal, read};

/// The most entries a batch may have.
const MAX_ENTRIES: usize = 10;

impl Queues {
    pub(super) fn send_batch(&self, queue: &str, body: &[u8]) -> Result<Value, Refusal> {
        let request: SendBatch = read(body)?;
        check(request.entries.iter().map(|entry| entry.id.as_str()))?;
        let settings = self.settings(queue)?;
        let bytes: usize = request.entries.iter().map(Entry::bytes).sum();
        // A queue's own limit is for one message; the batch has AWS's.
        if bytes > 1_048_576 {
            return Err(refused(
                "BatchRequestTooLong",
                format!(
                    "Batch requests cannot be longer than 1048576 bytes. You have sent {bytes} bytes."
                ),
            ));
        }
        let now = self.clock.now();
        let (mut successful, mut failed) = (Vec::new(), Vec::new());
        self.write(|file| {
            for entry in request.entries {
                let id = entry.id.clone();
                match entry.message(&settings) {
                    Ok(message) => {
                        let message_id = insert(file, queue, &settings, &message, now)?;
                        let digest = entry::digest(&message.body);
                        successful.push(json!({
                            "Id": id, "MessageId": message_id, "MD5OfMessageBody": digest
                        }));
                    }
                    Err(refusal) => failed.push(failure(&id, &refusal)),
                }
            }
            Ok(())
        })?;
        Ok(json!({ "Successful": successful, "Failed": failed }))
    }

    pub(super) fn delete_batch(&self, queue: &str, body: &[u8]) -> Result<Value, Refusal> {
        let request: DeleteBatch = read(body)?;
        check(request.entries.iter().map(|entry| entry.id.as_str()))?;
        let (known, unknown): (Vec<_>, Vec<_>) = request
            .entries
            .iter()
            .partition(|entry| super::message::of_receipt(&entry.receipt_handle).is_some());
        let receipts: Vec<_> = known.iter().map(|entry| &entry.receipt_handle).collect();
        // A stale receipt is a success without an effect, as it is with AWS.
        let _: Vec<Receipted> = self.delete(queue, &receipts)?;
        let successful: Vec<_> = known
            .iter()
            .map(|entry| json!({ "Id": entry.id }))
            .collect();
        let refusal = unknown_receipt();
        let failed: Vec<_> = unknown
            .iter()
            .map(|entry| failure(&entry.id, &refusal))
            .collect();
        Ok(json!({ "Successful": successful, "Failed": failed }))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendBatch {
    #[serde(default)]
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeleteBatch {
    #[serde(default)]
    entries: Vec<Deletion>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Deletion {
    id: String,
    receipt_handle: String,
}

pub(super) fn unknown_receipt() -> Refusal {
    let text = "The input receipt handle is invalid.";
    Refusal::bad("ReceiptHandleIsInvalid", text).query_code("ReceiptHandleIsInvalid")
}

fn failure(id: &str, refusal: &Refusal) -> Value {
    let code = refusal.code.trim_end_matches("Exception");
    json!({ "Id": id, "SenderFault": true, "Code": code, "Message": refusal.message })
}

/// Refuses a batch as a whole: no entries, too many, or two of one id.
fn check<'a>(ids: impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
    let ids: Vec<_> = ids.collect();
    if ids.is_empty() {
        let text = "There should be at least one SendMessageBatchRequestEntry in the request.";
        return Err(refused("EmptyBatchRequest", text.to_owned()));
    }
    if ids.len() > MAX_ENTRIES {
        let count = ids.len();
        let text = format!("Maximum number of entries per request are 10. You have sent {count}.");
        return Err(refused("TooManyEntriesInBatchRequest", text));
    }
    let distinct: BTreeSet<_> = ids.iter().collect();
    if distinct.len() < ids.len() {
        let text = "Two or more batch entries in the request have the same Id.";
        return Err(refused("BatchEntryIdsNotDistinct", text.to_owned()));
    }
    Ok(())
}

fn refused(code: &'static str, message: String) -> Refusal {
    let query_code = match code {
        "BatchRequestTooLong" => "AWS.SimpleQueueService.BatchRequestTooLong",
        "EmptyBatchRequest" => "AWS.SimpleQueueService.EmptyBatchRequest",
        "BatchEntryIdsNotDistinct" => "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
        _ => "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
    };
    Refusal::bad(code, message).query_code(query_code)
}
