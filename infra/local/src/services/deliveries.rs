//! What the bus and the schedules still have to hand to their targets, and how often it was tried.
//!
//! A delivery is kept until its target has taken it, its tries are used up or it is too old; what cannot be delivered
//! goes to the dead letters, with the attributes `EventBridge` gives it.
//! Reference: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html>

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::destination::{Destination, Retry};
use super::ledger::{Ledger, stored, time};
use super::queues::{Outgoing, Queues};
use super::{ServiceError, destination};

/// Seconds for which a taken delivery is nobody else's: after a crash it is taken again.
const LEASE_SECONDS: i64 = 900;

/// Everything on its way to a target.
pub struct Deliveries {
    ledger: Arc<Ledger>,
    queues: Arc<Queues>,
}

/// One payload for one target.
#[derive(Clone, PartialEq)]
pub struct Delivery {
    /// Names it in [`Deliveries::delivered`] and [`Deliveries::failed`].
    pub id: i64,
    /// The rule or schedule it comes from.
    pub origin: String,
    /// Who gets it.
    pub destination: Destination,
    /// What they get: JSON text.
    pub payload: String,
    /// How often it is tried.
    pub retry: Retry,
    /// When the event came or the schedule fired.
    pub created_at: Timestamp,
    /// Which try this is, from 1.
    pub attempt: u32,
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Delivery({} of {})", self.id, self.origin)
    }
}

/// What becomes of a delivery that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AfterFailure {
    /// It is due again at this time.
    Again(Timestamp),
    /// It is in this queue of dead letters.
    Dead(String),
    /// It is gone: no dead letters were wired, or it was settled before.
    Gone,
}

impl Deliveries {
    pub(super) fn new(ledger: Arc<Ledger>, queues: Arc<Queues>) -> Self {
        Self { ledger, queues }
    }

    /// Takes everything that is due, in the order it came. Each must be settled by
    /// [`delivered`](Self::delivered) or [`failed`](Self::failed).
    ///
    /// # Errors
    ///
    /// [`ServiceError`]; nothing was taken.
    pub fn take(&self, now: Timestamp) -> Result<Vec<Delivery>, ServiceError> {
        if self.next_due()?.is_none_or(|due| due > now) {
            return Ok(Vec::new());
        }
        self.ledger.write(|file| {
            let sql = "UPDATE deliveries SET attempts = attempts + 1, next_at = ?2
                       WHERE next_at <= ?1
                       RETURNING id, origin, destination, payload, policy, created_at, attempts";
            let until = stored(now) + LEASE_SECONDS * 1000;
            let mut statement = file.prepare_cached(sql)?;
            let rows = statement.query_map([stored(now), until], |row| Ok(from_row(row)))?;
            let mut taken = rows
                .map(|row| row?)
                .collect::<Result<Vec<_>, ServiceError>>()?;
            taken.sort_by_key(|delivery| delivery.id);
            Ok(taken)
        })
    }

    /// When the next delivery is due; may lie in the past. A taken one counts again only if nobody settles it.
    ///
    /// # Errors
    ///
    /// [`ServiceError::File`].
    pub fn next_due(&self) -> Result<Option<Timestamp>, ServiceError> {
        self.ledger.read(|file| {
            let mut statement = file.prepare_cached("SELECT MIN(next_at) FROM deliveries")?;
            let due: Option<i64> = statement.query_row([], |row| row.get(0))?;
            Ok(due.map(time))
        })
    }

    /// Settles a delivery its target has taken.
    ///
    /// # Errors
    ///
    /// [`ServiceError::File`].
    pub fn delivered(&self, id: i64) -> Result<(), ServiceError> {
        self.ledger.write(|file| remove(file, id))
    }

    /// Settles a failed try: again later, twice as late each time up to an hour; or to the dead letters with `reason`
    /// once its tries are used up or it is too old.
    ///
    /// # Errors
    ///
    /// [`ServiceError`]; nothing changed.
    pub fn failed(
        &self,
        id: i64,
        reason: &str,
        now: Timestamp,
    ) -> Result<AfterFailure, ServiceError> {
        self.ledger.write(|file| {
            let Some(delivery) = find(file, id)? else {
                return Ok(AfterFailure::Gone);
            };
            let wait = 1_i64 << (delivery.attempt - 1).min(12);
            let again = stored(now) + wait.min(3600) * 1000;
            let last = stored(delivery.created_at) + i64::from(delivery.retry.age_seconds) * 1000;
            let exhausted = if delivery.attempt > delivery.retry.attempts {
                "MaximumRetryAttempts"
            } else if again > last {
                "MaximumEventAgeInSeconds"
            } else {
                let sql = "UPDATE deliveries SET next_at = ?2 WHERE id = ?1";
                file.prepare_cached(sql)?.execute([id, again])?;
                return Ok(AfterFailure::Again(time(again)));
            };
            remove(file, id)?;
            self.bury(file, delivery, exhausted, reason, now)
        })
    }

    fn bury(
        &self,
        file: &Transaction,
        delivery: Delivery,
        exhausted: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<AfterFailure, ServiceError> {
        let Some(queue) = delivery.retry.dead_letters else {
            return Ok(AfterFailure::Gone);
        };
        let letter = Outgoing::of(delivery.payload)
            .attribute("RULE_ARN", destination::arn("events", &delivery.origin))
            .attribute("TARGET_ARN", delivery.destination.arn())
            .attribute("ERROR_CODE", "TARGET_FAILED")
            .attribute("ERROR_MESSAGE", reason)
            .attribute("EXHAUSTED_RETRY_CONDITION", exhausted)
            .attribute("RETRY_ATTEMPTS", (delivery.attempt - 1).to_string());
        self.queues.keep_dead(file, &queue, &letter, reason, now)?;
        Ok(AfterFailure::Dead(queue))
    }

    /// Adds a delivery as a part of the caller's transaction.
    pub(super) fn add(
        file: &Transaction,
        origin: &str,
        destination: &Destination,
        payload: &str,
        retry: &Retry,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let sql =
            "INSERT INTO deliveries (origin, destination, payload, policy, created_at, next_at)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?5)";
        file.prepare_cached(sql)?.execute(params![
            origin,
            serde_json::to_string(destination)?,
            payload,
            serde_json::to_string(retry)?,
            stored(now),
        ])?;
        Ok(())
    }
}

fn remove(file: &Transaction, id: i64) -> Result<(), ServiceError> {
    let sql = "DELETE FROM deliveries WHERE id = ?1";
    file.prepare_cached(sql)?.execute([id])?;
    Ok(())
}

fn find(file: &Transaction, id: i64) -> Result<Option<Delivery>, ServiceError> {
    let sql = "SELECT id, origin, destination, payload, policy, created_at, attempts
               FROM deliveries WHERE id = ?1";
    let mut statement = file.prepare_cached(sql)?;
    let found = statement.query_row([id], |row| Ok(from_row(row)));
    found.optional()?.transpose()
}

fn from_row(row: &Row<'_>) -> Result<Delivery, ServiceError> {
    let destination: String = row.get(2)?;
    let retry: String = row.get(4)?;
    Ok(Delivery {
        id: row.get(0)?,
        origin: row.get(1)?,
        destination: serde_json::from_str(&destination)?,
        payload: row.get(3)?,
        retry: serde_json::from_str(&retry)?,
        created_at: time(row.get(5)?),
        attempt: row.get(6)?,
    })
}
