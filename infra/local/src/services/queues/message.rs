//! One message, before it is sent and after.

use std::fmt;

use jiff::Timestamp;
use rusqlite::Row;
use serde_json::{Map, Value};

use super::time;

/// A message to send.
#[derive(Clone, Default)]
pub struct Outgoing {
    /// Its body.
    pub body: String,
    /// Message attributes as SQS has them on the wire: name to `{"DataType": .., "StringValue": ..}`.
    pub attributes: Map<String, Value>,
    /// Seconds to hide it at first, instead of the queue's own delay.
    pub delay_seconds: Option<u32>,
}

impl Outgoing {
    /// A message of a body alone.
    #[must_use]
    pub fn of(body: impl Into<String>) -> Self {
        Self {
            body: body.into(),
            ..Self::default()
        }
    }

    /// The same message with one more attribute of type `String`.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: impl Into<String>) -> Self {
        let value = serde_json::json!({ "DataType": "String", "StringValue": value.into() });
        self.attributes.insert(name.to_owned(), value);
        self
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outgoing({} bytes)", self.body.len())
    }
}

/// A message in a queue.
#[derive(Clone, PartialEq)]
pub struct Message {
    /// Its id, the same for its whole life.
    pub id: String,
    /// What deletes it or changes its visibility; valid until it is received again.
    pub receipt: String,
    /// The queue it is in.
    pub queue: String,
    /// Its body.
    pub body: String,
    /// Its message attributes.
    pub attributes: Map<String, Value>,
    /// How often it was received, this time included.
    pub receive_count: u32,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// When it was received for the first time.
    pub first_received_at: Option<Timestamp>,
    /// From when on it can be received.
    pub visible_at: Timestamp,
    /// The queue it came from, if it is a dead letter.
    pub source: Option<String>,
    /// Why its handling failed last, as far as anyone said.
    pub reason: Option<String>,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({} in {})", self.id, self.queue)
    }
}

/// How full a queue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depth {
    /// Messages that can be received now.
    pub visible: u64,
    /// Received ones, hidden until their visibility timeout ends.
    pub in_flight: u64,
    /// Sent ones whose delay is not over.
    pub delayed: u64,
}

pub(super) const SELECT: &str = "SELECT id, queue, body, attributes, receive_count, sent_at, first_received_at, visible_at, source, reason FROM messages";

pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Message> {
    let number: i64 = row.get(0)?;
    let queue: String = row.get(1)?;
    let attributes: String = row.get(3)?;
    let receive_count: u32 = row.get(4)?;
    Ok(Message {
        id: id(number),
        receipt: receipt(number, receive_count),
        queue,
        body: row.get(2)?,
        attributes: serde_json::from_str(&attributes).unwrap_or_default(),
        receive_count,
        sent_at: time(row.get(5)?),
        first_received_at: row.get::<_, Option<i64>>(6)?.map(time),
        visible_at: time(row.get(7)?),
        source: row.get(8)?,
        reason: row.get(9)?,
    })
}

/// A message's id: of the form AWS gives, and the same in every run.
pub(super) fn id(number: i64) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

pub(super) fn receipt(number: i64, receive_count: u32) -> String {
    format!("r.{number}.{receive_count}")
}

/// Which message, received for which time, a receipt is for.
pub(super) fn of_receipt(receipt: &str) -> Option<(i64, u32)> {
    let (number, count) = receipt.strip_prefix("r.")?.split_once('.')?;
    Some((number.parse().ok()?, count.parse().ok()?))
}
