//! What becomes of a batch of stream records after an invocation.
//!
//! Records of a shard keep their order: whatever failed is tried again before anything later.
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html>

use jiff::{SignedDuration, Timestamp};

use super::record::Record;
use crate::pump::verdict::Verdict;

/// Records handed over together, and how often that failed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Batch {
    /// At least one record, in order.
    pub records: Vec<Record>,
    /// Failed tries so far.
    pub tries: u32,
}

/// How long a mapping tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pump) struct Policy {
    /// Whether a failed batch is cut in two.
    pub bisect: bool,
    /// Tries after the first one.
    pub max_retries: u32,
    /// Age at which a record is given up.
    pub max_age_seconds: Option<u32>,
}

/// The next steps after an invocation.
#[derive(Debug, Default, PartialEq)]
pub(super) struct After {
    /// The shard is done with everything up to here.
    pub done: Option<u128>,
    /// Batches to hand over before anything else, in order.
    pub again: Vec<Batch>,
    /// A batch whose last try failed.
    pub given_up: Option<Batch>,
}

impl Batch {
    pub(super) fn new(records: Vec<Record>) -> Self {
        Self { records, tries: 0 }
    }

    /// The last record's place.
    pub(super) fn end(&self) -> Option<u128> {
        self.records.last().map(|record| record.sequence)
    }

    /// Takes out the records that are too old to be tried.
    pub(super) fn take_aged(&mut self, policy: Policy, now: Timestamp) -> Option<Batch> {
        let limit = SignedDuration::from_secs(i64::from(policy.max_age_seconds?));
        let is_fresh = |record: &Record| now.duration_since(record.written_at) <= limit;
        let first_fresh = self.records.iter().position(is_fresh);
        let aged = first_fresh.unwrap_or(self.records.len());
        let records: Vec<_> = self.records.drain(..aged).collect();
        let tries = self.tries;
        (!records.is_empty()).then_some(Batch { records, tries })
    }

    /// The next steps, given how the invocation went.
    pub(super) fn after(mut self, verdict: &Verdict, policy: Policy) -> After {
        match verdict {
            Verdict::Done => After {
                done: self.end(),
                ..After::default()
            },
            Verdict::AllFailed(_) => self.failed(policy),
            Verdict::Failed(names) => {
                let is_failed = |record: &Record| names.contains(record.name());
                let first = self.records.iter().position(is_failed).unwrap_or(0);
                let rest = self.records.split_off(first);
                let done = self.end();
                // Having moved on, the shard starts counting anew.
                let tries = if done.is_some() { 0 } else { self.tries };
                let rest = Batch {
                    records: rest,
                    tries,
                };
                let after = rest.again(policy);
                After { done, ..after }
            }
        }
    }

    /// After a failure that says nothing about which record was to blame.
    fn failed(mut self, policy: Policy) -> After {
        if !policy.bisect || self.records.len() < 2 {
            return self.again(policy);
        }
        // Cutting in two does not count as a retry.
        let second = self.records.split_off(self.records.len() / 2);
        let tries = self.tries;
        let second = Batch {
            records: second,
            tries,
        };
        After {
            again: vec![self, second],
            ..After::default()
        }
    }

    fn again(mut self, policy: Policy) -> After {
        if self.tries >= policy.max_retries {
            return After {
                given_up: Some(self),
                ..After::default()
            };
        }
        self.tries += 1;
        After {
            again: vec![self],
            ..After::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const POLICY: Policy = Policy {
        bisect: true,
        max_retries: 2,
        max_age_seconds: Some(60),
    };

    fn noon() -> Timestamp {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    fn batch(sequences: std::ops::Range<u128>, tries: u32) -> Batch {
        let record = |sequence: u128| Record {
            sequence,
            written_at: noon(),
            event: json!({"dynamodb": {"SequenceNumber": sequence.to_string()}}),
        };
        Batch {
            records: sequences.map(record).collect(),
            tries,
        }
    }

    fn failed(names: &[&str]) -> Verdict {
        Verdict::Failed(names.iter().map(|&name| name.to_owned()).collect())
    }

    fn broken() -> Verdict {
        Verdict::AllFailed("broken".to_owned())
    }

    #[test]
    fn a_handled_batch_moves_the_shard_to_its_end() {
        let after = batch(1..4, 1).after(&Verdict::Done, POLICY);
        assert_eq!(after.done, Some(3));
        assert_eq!((after.again, after.given_up), (vec![], None));
    }

    #[test]
    fn the_lowest_failed_record_is_where_the_shard_goes_on() {
        let after = batch(1..6, 2).after(&failed(&["5", "3"]), POLICY);
        assert_eq!(after.done, Some(2));
        assert_eq!(after.again, [batch(3..6, 1)]);
    }

    #[test]
    fn failing_at_the_first_record_uses_up_a_retry() {
        let after = batch(1..3, 1).after(&failed(&["1"]), POLICY);
        assert_eq!((after.done, after.again), (None, vec![batch(1..3, 2)]));
        let after = batch(1..3, 2).after(&failed(&["1"]), POLICY);
        assert_eq!(after.given_up, Some(batch(1..3, 2)));
    }

    #[test]
    fn a_failed_batch_is_cut_in_two_and_that_costs_no_retry() {
        let after = batch(1..4, 1).after(&broken(), POLICY);
        assert_eq!(after.again, [batch(1..2, 1), batch(2..4, 1)]);
    }

    #[test]
    fn a_single_record_is_tried_as_often_as_allowed_and_then_given_up() {
        assert_eq!(
            batch(1..2, 0).after(&broken(), POLICY).again,
            [batch(1..2, 1)]
        );
        assert_eq!(
            batch(1..2, 1).after(&broken(), POLICY).again,
            [batch(1..2, 2)]
        );
        let after = batch(1..2, 2).after(&broken(), POLICY);
        assert_eq!(after.given_up, Some(batch(1..2, 2)));
    }

    #[test]
    fn without_bisecting_a_failed_batch_is_given_up_whole() {
        let policy = Policy {
            bisect: false,
            ..POLICY
        };
        let after = batch(1..4, 2).after(&broken(), policy);
        assert_eq!(after.given_up, Some(batch(1..4, 2)));
    }

    #[test]
    fn records_past_their_age_are_taken_out() {
        let later = noon() + SignedDuration::from_secs(61);
        let mut old = batch(1..3, 0);
        assert_eq!(old.take_aged(POLICY, noon()), None);
        assert_eq!(old.take_aged(POLICY, later), Some(batch(1..3, 0)));
        assert!(old.records.is_empty());
    }
}
