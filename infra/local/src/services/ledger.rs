//! Where queues, deliveries, schedules, mail and secrets are kept: one `SQLite` file, or memory.
//!
//! A change is safe from the death of the process as soon as the call that made it returns (not from the
//! loss of power: the file is not synced to the disk each time, which is what makes it fast).

use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::ServiceError;

/// The file all services but `DynamoDB` share.
pub(crate) struct Ledger(Mutex<Connection>);

impl Ledger {
    /// Opens `services.sqlite` in `directory`, or a ledger that ends with the process.
    pub(crate) fn open(directory: Option<&Path>) -> Result<Self, ServiceError> {
        let connection = match directory {
            Some(directory) => Connection::open(directory.join("services.sqlite"))?,
            None => Connection::open_in_memory()?,
        };
        tune(&connection)?;
        connection.execute_batch(include_str!("ledger.sql"))?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self(Mutex::new(connection)))
    }

    /// Runs `work` as one transaction: all of it happened, or none.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&Transaction) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let outcome = work(&transaction)?;
        transaction.commit()?;
        Ok(outcome)
    }

    /// Runs `work`, which only reads.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        work(&self.connection())
    }

    /// Empties the write-ahead log, so that what was deleted is in no file any more.
    pub(crate) fn checkpoint(&self) -> Result<(), ServiceError> {
        checkpoint(&self.connection())
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().expect("no holder of the ledger panics")
    }
}

/// Fast, safe from a killed process, and leaving nothing of what was deleted.
pub(crate) fn tune(connection: &Connection) -> Result<(), ServiceError> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update(None, "secure_delete", "ON")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(())
}

/// Moves the write-ahead log into the file and cuts it to nothing.
pub(crate) fn checkpoint(connection: &Connection) -> Result<(), ServiceError> {
    Ok(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
}

/// A time as it is kept: milliseconds since 1970.
pub(crate) fn stored(time: Timestamp) -> i64 {
    time.as_millisecond()
}

/// A kept time.
pub(crate) fn time(stored: i64) -> Timestamp {
    Timestamp::from_millisecond(stored).unwrap_or(Timestamp::MAX)
}
