//! The tables: `DynamoDB` on `SQLite`, in this process, with its streams.
//!
//! Made quick enough for stories by the thousand: nothing goes over a socket, streams and scans have the indexes they
//! need, and a repeated transaction is known by its token without a search. One at a time: transactions never conflict
//! here, so conflicts are put in as [faults](super::Fault).

mod capacity;
mod operation;
mod slices;
mod stream;
mod tokens;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use dynoxide::DynoxideError;
use dynoxide::actions::vector_lifecycle::VectorIndexLifecycle;
use dynoxide::storage::Storage;

pub use capacity::Consumed;

use super::ServiceError;
use super::ledger;
use super::reply::{Refusal, Reply};
use crate::clock::Clock;
use capacity::Meter;
use tokens::Tokens;

/// Order of a table's records, and of a shard's: without these each write reads its whole stream.
const INDEXES: &str = "
    CREATE INDEX IF NOT EXISTS crm_stream_of_table
        ON _stream_records (table_name, CAST(sequence_number AS INTEGER));
    CREATE INDEX IF NOT EXISTS crm_stream_of_shard
        ON _stream_records (table_name, shard_id, CAST(sequence_number AS INTEGER));";

/// All tables.
pub struct Dynamo {
    storage: Mutex<Storage>,
    lifecycle: VectorIndexLifecycle,
    tokens: Mutex<Tokens>,
    meter: Mutex<Meter>,
    changes: AtomicU64,
    clock: Clock,
}

impl Dynamo {
    pub(super) fn open(directory: Option<&Path>, clock: Clock) -> Result<Self, ServiceError> {
        let storage = match directory {
            Some(directory) => Storage::new(&directory.join("tables.sqlite").to_string_lossy())?,
            None => Storage::memory()?,
        };
        let storage = storage.with_clock(Arc::new(clock.clone()));
        ledger::tune(storage.conn())?;
        storage.conn().execute_batch(INDEXES)?;
        slices::index_all(&storage)?;
        Ok(Self {
            storage: Mutex::new(storage),
            lifecycle: VectorIndexLifecycle::new(),
            tokens: Mutex::default(),
            meter: Mutex::default(),
            changes: AtomicU64::new(0),
            clock,
        })
    }

    /// Grows with every write that may have changed a table: unchanged, no stream has anything new.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    /// Deletes every item whose time to live is over, as `DynamoDB` does within days; gives how many.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Tables`].
    pub fn sweep_expired(&self) -> Result<usize, ServiceError> {
        let storage = self.storage();
        let swept = operation::ready(dynoxide::ttl::sweep_expired_items(&*storage))?;
        self.changes.fetch_add(1, Ordering::Relaxed);
        Ok(swept)
    }

    /// Counts the capacity units each operation consumes, from now on, or no longer.
    pub fn meter(&self, on: bool) {
        self.metering().turn(on);
    }

    /// The units consumed since metering began or was last reset, by table, indexes included.
    #[must_use]
    pub fn consumed(&self) -> std::collections::BTreeMap<String, Consumed> {
        self.metering().consumed().clone()
    }

    /// Begins the count at nothing.
    pub fn reset_consumed(&self) {
        self.metering().reset();
    }

    pub(super) fn checkpoint(&self) -> Result<(), ServiceError> {
        ledger::checkpoint(self.storage().conn())
    }

    /// Answers one request as `DynamoDB` would.
    pub(super) fn call(&self, operation: &str, body: &[u8]) -> Reply {
        if operation == "TransactWriteItems" {
            return self.transact_once(body);
        }
        self.run(operation, body)
    }

    /// Runs a transaction, or gives the answer it had if it was run under its token before.
    fn transact_once(&self, body: &[u8]) -> Reply {
        let Some(token) = tokens::token_of(body) else {
            return self.run("TransactWriteItems", body);
        };
        let now = self.clock.now();
        let known = self.remembered().find(&token, body, now);
        match known {
            Some(Ok(answer)) => Reply::with_body(200, answer),
            Some(Err(mismatch)) => Reply::with_body(400, mismatch.to_json()),
            None => {
                let reply = self.run("TransactWriteItems", body);
                if reply.is_success() {
                    self.remembered().keep(token, body, &reply.body, now);
                }
                reply
            }
        }
    }

    fn run(&self, operation: &str, body: &[u8]) -> Reply {
        let metering = self.metering().is_on();
        let outcome = operation::run(&self.storage(), &self.lifecycle, operation, body, metering);
        if operation::writes(operation) {
            self.changes.fetch_add(1, Ordering::Relaxed);
        }
        if metering {
            self.metering().count(operation, body, &outcome);
        }
        match outcome {
            Ok(done) => Reply::with_body(200, done.body),
            Err(DynoxideError::UnsupportedCapability(_)) => {
                Refusal::unknown_operation(operation).into()
            }
            Err(error) => Reply::with_body(error.status_code(), error.to_json()),
        }
    }

    fn storage(&self) -> MutexGuard<'_, Storage> {
        self.storage.lock().expect("no table operation panics")
    }

    fn remembered(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().expect("no holder of tokens panics")
    }

    fn metering(&self) -> MutexGuard<'_, Meter> {
        self.meter.lock().expect("no holder of the meter panics")
    }
}

/// What an operation gave: its answer, and what it consumed of each table if that was asked for.
struct Done {
    body: String,
    consumed: Vec<(String, f64)>,
}

type Outcome = Result<Done, DynoxideError>;
