//! A batch of which one entry fails though the call succeeds: AWS does that to every batch now and then.

use serde_json::{Value, json};

use super::reply::Reply;

/// Where a batch operation has its entries, and how it tells of one that failed.
pub(crate) enum Batch {
    /// SQS: failed entries are listed by their ids.
    Messages,
    /// The bus: each entry has a result at its own place.
    Events,
    /// The tables: what was not done is given back, to be sent again.
    Writes,
}

impl Batch {
    pub(crate) fn of(operation: &str) -> Option<Self> {
        match operation {
            "SendMessageBatch" | "DeleteMessageBatch" => Some(Self::Messages),
            "PutEvents" => Some(Self::Events),
            "BatchWriteItem" => Some(Self::Writes),
            _ => None,
        }
    }

    /// Takes the first entry out of the request; gives the rest of the request and the entry, with what it was under.
    pub(crate) fn without_first(&self, body: &[u8]) -> Option<(Vec<u8>, Entry)> {
        let mut body: Value = serde_json::from_slice(body).ok()?;
        let (place, entries) = match self {
            Self::Messages | Self::Events => (String::new(), body.get_mut("Entries")?),
            Self::Writes => {
                let tables = body.get_mut("RequestItems")?.as_object_mut()?;
                let (table, entries) = tables.iter_mut().next()?;
                (table.clone(), entries)
            }
        };
        let entries = entries.as_array_mut().filter(|entries| entries.len() > 1)?;
        let value = entries.remove(0);
        Some((body.to_string().into_bytes(), Entry { place, value }))
    }

    /// The reply to the rest, with the failure of the entry told as the operation tells it.
    pub(crate) fn with_failure(&self, mut reply: Reply, entry: Entry) -> Reply {
        let body = serde_json::from_str(&reply.body).ok();
        let Some(mut body) = body.filter(|_| reply.is_success()) else {
            return reply;
        };
        match self {
            Self::Messages => push(&mut body, "Failed", failed_message(&entry.value)),
            Self::Events => fail_event(&mut body),
            Self::Writes => body["UnprocessedItems"][entry.place] = json!([entry.value]),
        }
        reply.body = body.to_string();
        reply
    }
}

/// An entry taken out of a batch.
pub(crate) struct Entry {
    place: String,
    value: Value,
}

fn push(body: &mut Value, list: &str, value: Value) {
    match &mut body[list] {
        Value::Array(list) => list.push(value),
        missing => *missing = json!([value]),
    }
}

fn failed_message(entry: &Value) -> Value {
    json!({
        "Id": entry["Id"],
        "SenderFault": false,
        "Code": "InternalError",
        "Message": "We encountered an internal error. Please try again.",
    })
}

fn fail_event(body: &mut Value) {
    let failed = body["FailedEntryCount"].as_u64().unwrap_or(0);
    body["FailedEntryCount"] = json!(failed + 1);
    if let Some(entries) = body["Entries"].as_array_mut() {
        let text = "An internal failure occurred.";
        let result = json!({ "ErrorCode": "InternalFailure", "ErrorMessage": text });
        entries.insert(0, result);
    }
}
