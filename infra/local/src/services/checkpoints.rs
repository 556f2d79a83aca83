//! How far each reader of a stream has come, so that after a restart it goes on from there.

use std::sync::Arc;

use rusqlite::{OptionalExtension, params};

use super::ServiceError;
use super::ledger::Ledger;

/// Kept positions, one for each reader and table.
pub struct Checkpoints(Arc<Ledger>);

impl Checkpoints {
    pub(super) fn new(ledger: Arc<Ledger>) -> Self {
        Self(ledger)
    }

    /// The sequence number of the last record of `table` that `reader` is done with; `None` before its first.
    ///
    /// # Errors
    ///
    /// [`ServiceError::File`].
    pub fn get(&self, reader: &str, table: &str) -> Result<Option<String>, ServiceError> {
        self.0.read(|file| {
            let sql = "SELECT sequence FROM checkpoints WHERE reader = ?1 AND source = ?2";
            let mut statement = file.prepare_cached(sql)?;
            Ok(statement
                .query_row([reader, table], |row| row.get(0))
                .optional()?)
        })
    }

    /// Keeps that `reader` is done with the records of `table` up to and including `sequence`.
    ///
    /// # Errors
    ///
    /// [`ServiceError::File`].
    pub fn set(&self, reader: &str, table: &str, sequence: &str) -> Result<(), ServiceError> {
        self.0.write(|file| {
            let sql = "INSERT INTO checkpoints (reader, source, sequence) VALUES (?1, ?2, ?3)
                       ON CONFLICT (reader, source) DO UPDATE SET sequence = excluded.sequence";
            file.prepare_cached(sql)?
                .execute(params![reader, table, sequence])?;
            Ok(())
        })
    }
}
