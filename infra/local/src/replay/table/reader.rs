//! Streams a table: rows in, deliveries and explained leftovers out.

use std::collections::VecDeque;
use std::io::Read;

use jiff::tz::TimeZone;

use super::document::Document;
use super::grouping::Grouping;
pub use super::import::Books;
use super::row::Columns;
use crate::replay::skipped::{Found, Reason, Skipped};

/// A table that cannot be read on.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file failed, or it is no table.
    #[error("the table cannot be read")]
    Csv(#[from] csv::Error),
    /// Its first line lacks a column that the mapping names.
    #[error("the table has no column {0}")]
    NoColumn(String),
}

/// What a table holds, in the order in which documents are complete; memory
/// stays bounded by a window of a thousand lines.
///
/// # Errors
///
/// [`TableError`]: at once for a missing column, later for a failing file.
pub fn read<R: Read>(
    books: Books,
    zone: TimeZone,
    mut table: csv::Reader<R>,
) -> Result<impl Iterator<Item = Result<Found, TableError>>, TableError> {
    let columns = Columns::find(&books.mapping, table.headers()?).map_err(TableError::NoColumn)?;
    let mut reader = Reader {
        books,
        zone,
        columns,
        table,
        grouping: Grouping::default(),
        ready: VecDeque::new(),
        done: false,
    };
    Ok(std::iter::from_fn(move || reader.next()))
}

struct Reader<R> {
    books: Books,
    zone: TimeZone,
    columns: Columns,
    table: csv::Reader<R>,
    grouping: Grouping,
    ready: VecDeque<Found>,
    done: bool,
}

impl<R: Read> Reader<R> {
    fn next(&mut self) -> Option<Result<Found, TableError>> {
        let mut record = csv::ByteRecord::new();
        while self.ready.is_empty() && !self.done {
            match self.table.read_byte_record(&mut record) {
                Ok(true) => self.take(&record),
                Ok(false) => {
                    self.done = true;
                    for document in self.grouping.finish() {
                        self.complete(&document);
                    }
                }
                // A row with too many or too few columns is a row's fault; a
                // failing file is everybody's.
                Err(error) if matches!(error.kind(), csv::ErrorKind::UnequalLengths { .. }) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    self.skip(line, 1, Reason::BrokenRow);
                }
                Err(error) => {
                    self.done = true;
                    return Some(Err(error.into()));
                }
            }
        }
        self.ready.pop_front().map(Ok)
    }

    fn take(&mut self, record: &csv::ByteRecord) {
        let line = record.position().map_or(0, csv::Position::line);
        let format = self.books.mapping.time_format.as_deref();
        let row = self.columns.row(line, record, format, &self.zone);
        if row.document.is_none() && self.books.mapping.document.is_some() {
            self.skip(line, 1, Reason::BrokenRow);
            return;
        }
        for document in self.grouping.add(row, record) {
            self.complete(&document);
        }
    }

    fn complete(&mut self, document: &Document) {
        match self.books.posting(document) {
            Ok(posting) => self.ready.push_back(Found::Delivery(posting)),
            Err(reason) => self.skip(document.first_line, document.rows, reason),
        }
    }

    fn skip(&mut self, line: u64, rows: u64, reason: Reason) {
        self.ready.push_back(Found::Skipped(Skipped {
            origin: format!("{} line {line}", self.books.name),
            rows,
            reason,
        }));
    }
}
