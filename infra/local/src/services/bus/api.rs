//! The bus as an `EventBridge` client sees it: `PutEvents`, with a result for each entry.

use jiff::{Timestamp, Unit};
use rusqlite::Transaction;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Bus;
use crate::services::destination::last_name;
use crate::services::reply::{Refusal, read};
use crate::services::{ACCOUNT, REGION, ServiceError};

/// The most entries of one call.
const MAX_ENTRIES: usize = 10;
/// The most bytes of all entries of one call.
const MAX_BYTES: usize = 1_048_576;

/// An event as it is put.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    source: Option<String>,
    detail_type: Option<String>,
    detail: Option<String>,
    event_bus_name: Option<String>,
    /// Seconds since 1970.
    time: Option<f64>,
    #[serde(default)]
    resources: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutEvents {
    #[serde(default)]
    entries: Vec<Entry>,
}

impl Bus {
    pub(in crate::services) fn call(&self, operation: &str, body: &[u8]) -> Result<Value, Refusal> {
        match operation {
            "PutEvents" => self.put(body),
            _ => Err(Refusal::unknown_operation(operation)),
        }
    }

    fn put(&self, body: &[u8]) -> Result<Value, Refusal> {
        let request: PutEvents = read(body)?;
        check(&request.entries)?;
        let now = self.clock.now();
        let results = self.ledger.write(|file| {
            let entries = request.entries.iter();
            let results = entries.map(|entry| self.put_one(file, entry, now));
            results.collect::<Result<Vec<_>, _>>()
        })?;
        let failed = results
            .iter()
            .filter(|result| result["ErrorCode"].is_string());
        Ok(json!({ "FailedEntryCount": failed.count(), "Entries": results }))
    }

    fn put_one(
        &self,
        file: &Transaction,
        entry: &Entry,
        now: Timestamp,
    ) -> Result<Value, ServiceError> {
        let bus = entry.event_bus_name.as_deref().map_or("default", last_name);
        let event = if self.has(bus) {
            entry.event()
        } else {
            Err((
                "ResourceNotFoundException",
                format!("Event bus {bus} does not exist."),
            ))
        };
        let mut event = match event {
            Ok(event) => event,
            Err((code, text)) => return Ok(json!({ "ErrorCode": code, "ErrorMessage": text })),
        };
        let id = next_id(file)?;
        let given = entry.time.and_then(seconds).unwrap_or(now);
        event["id"] = json!(id);
        event["time"] = json!(to_the_second(given));
        self.publish(file, bus, &event, now)?;
        Ok(json!({ "EventId": id }))
    }
}

impl Entry {
    /// The event without id and time, or the code and text of what is wrong with it.
    fn event(&self) -> Result<Value, (&'static str, String)> {
        let needed = |value: &Option<String>, name: &str| match value.as_deref() {
            Some(value) if !value.is_empty() => Ok(value.to_owned()),
            _ => Err((
                "InvalidArgument",
                format!("Parameter {name} is not valid. Reason: {name} is a required argument."),
            )),
        };
        let source = needed(&self.source, "Source")?;
        let detail_type = needed(&self.detail_type, "DetailType")?;
        let detail = needed(&self.detail, "Detail")?;
        let detail: Value = serde_json::from_str(&detail).unwrap_or_default();
        if !detail.is_object() {
            return Err(("MalformedDetail", "Detail is malformed.".to_owned()));
        }
        Ok(json!({
            "version": "0",
            "id": "",
            "detail-type": detail_type,
            "source": source,
            "account": ACCOUNT,
            "time": "",
            "region": REGION,
            "resources": self.resources,
            "detail": detail,
        }))
    }

    /// What the entry counts against the limit of a call.
    fn bytes(&self) -> usize {
        let texts = [&self.source, &self.detail_type, &self.detail];
        let texts = texts.into_iter().flatten().map(String::len);
        let time = if self.time.is_some() { 14 } else { 0 };
        texts.sum::<usize>() + self.resources.iter().map(String::len).sum::<usize>() + time
    }
}

fn check(entries: &[Entry]) -> Result<(), Refusal> {
    let refused = |text: &str| Err(Refusal::bad("ValidationException", text));
    if entries.is_empty() || entries.len() > MAX_ENTRIES {
        return refused(
            "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and 10",
        );
    }
    if entries.iter().map(Entry::bytes).sum::<usize>() > MAX_BYTES {
        return refused("Total size of the entries in the request is over the limit.");
    }
    Ok(())
}

/// A fresh event id: of the form AWS gives, and the same in every run.
fn next_id(file: &Transaction) -> Result<String, ServiceError> {
    let sql = "INSERT INTO counters (name, value) VALUES ('event', 1)
               ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value";
    let number: i64 = file.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    Ok(format!("00000000-0000-4000-9000-{number:012x}"))
}

fn seconds(seconds: f64) -> Option<Timestamp> {
    let since = jiff::SignedDuration::try_from_secs_f64(seconds).ok()?;
    Timestamp::from_duration(since).ok()
}

/// Events tell their time to the second.
fn to_the_second(time: Timestamp) -> String {
    let whole = time.round(
        jiff::TimestampRound::new()
            .smallest(Unit::Second)
            .mode(jiff::RoundMode::Floor),
    );
    whole.unwrap_or(time).to_string()
}
