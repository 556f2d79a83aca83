//! Queues: what one part of the system leaves for another to pick up, at least once.
//!
//! Standard SQS queues: a received message is hidden for the queue's visibility timeout and comes back unless it is
//! deleted; one received too often moves to the queue's dead letters. Order is that of visibility, then of sending.
//! Reference: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/>

mod api;
mod batch;
mod entry;
mod message;
mod receive;
mod settings;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::Timestamp;
use rusqlite::{Transaction, params};

pub use message::{Depth, Message, Outgoing};
pub use receive::Receipted;
pub use settings::{Redrive, Settings};

use super::ServiceError;
use super::ledger::{Ledger, stored, time};
use crate::clock::Clock;

/// Every queue of the system.
pub struct Queues {
    ledger: Arc<Ledger>,
    clock: Clock,
    settings: Mutex<BTreeMap<String, Settings>>,
    changes: AtomicU64,
}

impl Queues {
    pub(super) fn new(ledger: Arc<Ledger>, clock: Clock) -> Self {
        Self {
            ledger,
            clock,
            settings: Mutex::default(),
            changes: AtomicU64::new(0),
        }
    }

    /// Makes the queue `name`, or gives an existing one new settings. Its messages from an earlier run are in it.
    pub fn create(&self, name: &str, settings: Settings) {
        self.all_settings().insert(name.to_owned(), settings);
    }

    /// The names of all queues, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.all_settings().keys().cloned().collect()
    }

    /// The settings of a queue.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Unknown`].
    pub fn settings(&self, name: &str) -> Result<Settings, ServiceError> {
        let found = self.all_settings().get(name).cloned();
        found.ok_or_else(|| ServiceError::Unknown {
            kind: "queue",
            name: name.to_owned(),
        })
    }

    /// Grows whenever a message comes, moves or is hidden: unchanged, nothing new came.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    /// Puts a message into a queue and gives its id.
    ///
    /// # Errors
    ///
    /// [`ServiceError`]; nothing was sent.
    pub fn send(
        &self,
        queue: &str,
        message: &Outgoing,
        now: Timestamp,
    ) -> Result<String, ServiceError> {
        let settings = self.settings(queue)?;
        self.write(|file| insert(file, queue, &settings, message, now))
    }

    /// The earliest time at which something in the queue can be received or moves on; may lie in the past.
    ///
    /// # Errors
    ///
    /// [`ServiceError::File`].
    pub fn next_due(&self, queue: &str) -> Result<Option<Timestamp>, ServiceError> {
        self.ledger.read(|file| {
            let sql = "SELECT MIN(visible_at) FROM messages WHERE queue = ?1";
            let mut statement = file.prepare_cached(sql)?;
            let due: Option<i64> = statement.query_row([queue], |row| row.get(0))?;
            Ok(due.map(time))
        })
    }

    /// Everything in a queue, hidden messages too, oldest first, without receiving it.
    ///
    /// # Errors
    ///
    /// [`ServiceError`].
    pub fn peek(&self, queue: &str) -> Result<Vec<Message>, ServiceError> {
        self.ledger.read(|file| {
            let sql = format!("{} WHERE queue = ?1 ORDER BY id", message::SELECT);
            let mut statement = file.prepare_cached(&sql)?;
            let rows = statement.query_map([queue], message::from_row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// How many messages a queue holds, by what they wait for.
    ///
    /// # Errors
    ///
    /// [`ServiceError::File`].
    pub fn depth(&self, queue: &str, now: Timestamp) -> Result<Depth, ServiceError> {
        self.ledger.read(|file| {
            let sql = "SELECT COALESCE(SUM(visible_at <= ?2), 0),
                              COALESCE(SUM(visible_at > ?2 AND receive_count > 0), 0),
                              COALESCE(SUM(visible_at > ?2 AND receive_count = 0), 0)
                       FROM messages WHERE queue = ?1";
            let mut statement = file.prepare_cached(sql)?;
            let depth = statement.query_row(params![queue, stored(now)], |row| {
                Ok(Depth {
                    visible: row.get(0)?,
                    in_flight: row.get(1)?,
                    delayed: row.get(2)?,
                })
            })?;
            Ok(depth)
        })
    }

    /// Moves every message of a dead-letter queue back, to `to` or else to where each came from; gives how many.
    ///
    /// # Errors
    ///
    /// [`ServiceError`]; nothing was moved.
    pub fn redrive(
        &self,
        dead_letters: &str,
        to: Option<&str>,
        now: Timestamp,
    ) -> Result<usize, ServiceError> {
        self.settings(dead_letters)?;
        if let Some(to) = to {
            self.settings(to)?;
        }
        self.write(|file| {
            let sql = "UPDATE messages
                       SET queue = COALESCE(?2, source), visible_at = ?3, receive_count = 0,
                           first_received_at = NULL, source = NULL, reason = NULL
                       WHERE queue = ?1 AND COALESCE(?2, source) IS NOT NULL";
            let moved =
                file.prepare_cached(sql)?
                    .execute(params![dead_letters, to, stored(now)])?;
            Ok(moved)
        })
    }

    fn all_settings(&self) -> MutexGuard<'_, BTreeMap<String, Settings>> {
        self.settings.lock().expect("no holder of settings panics")
    }

    /// One transaction on the messages; whoever polls sees that something changed.
    fn write<T>(
        &self,
        work: impl FnOnce(&Transaction) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let outcome = self.ledger.write(work);
        self.changes.fetch_add(1, Ordering::Relaxed);
        outcome
    }

    /// Keeps `message` in the dead letters `queue`, as a part of the caller's transaction.
    pub(super) fn keep_dead(
        &self,
        file: &Transaction,
        queue: &str,
        message: &Outgoing,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let settings = self.settings(queue)?;
        insert(file, queue, &settings, message, now)?;
        let sql = "UPDATE messages SET reason = ?2 WHERE id = ?1";
        file.execute(sql, params![file.last_insert_rowid(), reason])?;
        self.changes.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// Adds one message and gives its id.
fn insert(
    file: &Transaction,
    queue: &str,
    settings: &Settings,
    message: &Outgoing,
    now: Timestamp,
) -> Result<String, ServiceError> {
    let delay = message.delay_seconds.unwrap_or(settings.delay_seconds);
    let visible_at = stored(now) + i64::from(delay) * 1000;
    let attributes = serde_json::to_string(&message.attributes)?;
    let sql = "INSERT INTO messages (queue, body, attributes, sent_at, visible_at)
               VALUES (?1, ?2, ?3, ?4, ?5)";
    file.prepare_cached(sql)?.execute(params![
        queue,
        message.body,
        attributes,
        stored(now),
        visible_at
    ])?;
    Ok(message::id(file.last_insert_rowid()))
}
