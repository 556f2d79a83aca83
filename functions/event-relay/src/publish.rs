//! Events on their way to the bus, ten at a time, each answer read.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>

use std::time::Duration;

use aws_lambda_events::dynamodb::EventRecord;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use aws_smithy_async::rt::sleep::AsyncSleep;
use crm_events::{Event, SOURCE};
use crm_lambda::{Metrics, Unit};

use crate::{Function, RelayError, Stopped};

/// Most entries of one call.
const MOST_ENTRIES: usize = 10;
/// Most bytes of one call, all entries together.
const MOST_BYTES: usize = 256 * 1024;
/// How often entries that the bus did not take are sent again at once, before
/// the stream brings their records again.
const ATTEMPTS: u32 = 4;

/// One event, and the place of its record in the batch.
#[derive(Debug)]
pub(crate) struct Entry {
    place: usize,
    kind: &'static str,
    detail: String,
}

/// Events that go out in one call.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    entries: Vec<Entry>,
    bytes: usize,
}

/// What the bus said of one entry.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Taken,
    /// Not now.
    Again(String),
    /// Not like this, ever.
    Never(String),
}

impl Entry {
    /// The entry of an event, or why it can never be published.
    pub(crate) fn of(place: usize, event: &Event) -> Result<Self, String> {
        let entry = Self {
            place,
            kind: event.news.kind(),
            detail: event.detail(),
        };
        if entry.bytes() > MOST_BYTES {
            return Err(format!("the event is larger than {MOST_BYTES} bytes"));
        }
        Ok(entry)
    }

    /// Its size as the bus counts it.
    fn bytes(&self) -> usize {
        SOURCE.len() + self.kind.len() + self.detail.len()
    }
}

impl Chunk {
    pub(crate) fn has_room(&self, entry: &Entry) -> bool {
        self.entries.len() < MOST_ENTRIES && self.bytes + entry.bytes() <= MOST_BYTES
    }

    pub(crate) fn push(&mut self, entry: Entry) {
        self.bytes += entry.bytes();
        self.entries.push(entry);
    }
}

impl Function {
    /// Publishes a chunk in order, again from the first entry that was not
    /// taken, so that what is heard last is what happened last.
    pub(crate) async fn publish(
        &self,
        metrics: &mut Metrics,
        records: &[EventRecord],
        chunk: Chunk,
    ) -> Result<(), Stopped> {
        let mut left = chunk.entries;
        let mut attempt = 1;
        while let Some(first) = left.first() {
            let place = first.place;
            let verdicts = self.put(&left).await;
            let verdicts = verdicts.map_err(|error| Stopped { place, error })?;
            let done = verdicts
                .iter()
                .position(|verdict| matches!(verdict, Verdict::Again(_)))
                .unwrap_or(left.len());
            for (entry, verdict) in left.iter().zip(&verdicts).take(done) {
                let place = entry.place;
                match verdict {
                    Verdict::Never(code) => {
                        let parked = self.park(metrics, &records[place], code).await;
                        parked.map_err(|error| Stopped { place, error })?;
                    }
                    _ => metrics.add("events_published", Unit::Count, 1.0),
                }
            }
            if let Some(Verdict::Again(code)) = verdicts.into_iter().nth(done) {
                metrics.add("events_delayed", Unit::Count, 1.0);
                let place = left[done].place;
                if attempt == ATTEMPTS {
                    let error = RelayError::Refused(code);
                    return Err(Stopped { place, error });
                }
                self.pause(attempt).await;
                attempt += 1;
            }
            left.drain(..done);
        }
        Ok(())
    }

    async fn put(&self, entries: &[Entry]) -> Result<Vec<Verdict>, RelayError> {
        let request = entries.iter().map(|entry| {
            PutEventsRequestEntry::builder()
                .event_bus_name(&self.bus_name)
                .source(SOURCE)
                .detail_type(entry.kind)
                .detail(&entry.detail)
                .build()
        });
        let answer = self
            .bus
            .put_events()
            .set_entries(Some(request.collect()))
            .send()
            .await
            .map_err(|error| RelayError::Bus(error.into()))?;
        let answers = answer.entries.unwrap_or_default();
        let verdict = |place| answers.get(place).map_or_else(unanswered, verdict);
        Ok((0..entries.len()).map(verdict).collect())
    }

    /// 100, 200, 400 ms: the bus refills its allowance every second.
    async fn pause(&self, attempt: u32) {
        if let Some(sleep) = &self.sleep {
            sleep.sleep(Duration::from_millis(50 << attempt)).await;
        }
    }
}

fn unanswered() -> Verdict {
    Verdict::Again("no answer".to_owned())
}

fn verdict(answer: &PutEventsResultEntry) -> Verdict {
    match answer.error_code() {
        None if answer.event_id().is_some() => Verdict::Taken,
        None => unanswered(),
        Some(code @ ("InvalidArgument" | "MalformedDetail")) => Verdict::Never(code.to_owned()),
        Some(code) => Verdict::Again(code.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(bytes: usize) -> Entry {
        Entry {
            place: 0,
            kind: "case.opened",
            detail: "x".repeat(bytes),
        }
    }

    #[test]
    fn a_call_has_ten_entries_at_most() {
        let mut chunk = Chunk::default();
        for _ in 0..10 {
            assert!(chunk.has_room(&entry(100)));
            chunk.push(entry(100));
        }
        assert!(!chunk.has_room(&entry(100)));
    }

    #[test]
    fn a_call_has_256_kib_at_most_all_entries_together() {
        let mut chunk = Chunk::default();
        chunk.push(entry(200 * 1024));
        assert!(chunk.has_room(&entry(55 * 1024)));
        assert!(!chunk.has_room(&entry(56 * 1024)));
    }

    #[test]
    fn only_what_is_wrong_with_the_event_itself_is_final() {
        let said = |code: &str| {
            let answer = PutEventsResultEntry::builder().error_code(code).build();
            verdict(&answer)
        };
        let never = Verdict::Never("MalformedDetail".to_owned());
        assert_eq!(said("MalformedDetail"), never);
        for code in [
            "ThrottlingException",
            "InternalFailure",
            "AccessDeniedException",
        ] {
            assert_eq!(said(code), Verdict::Again(code.to_owned()));
        }
        let taken = PutEventsResultEntry::builder().event_id("1").build();
        assert_eq!(verdict(&taken), Verdict::Taken);
        let silent = PutEventsResultEntry::builder().build();
        assert!(matches!(verdict(&silent), Verdict::Again(_)));
    }
}
