//! The tables' streams: every change, in the order it was committed, for 24 hours.

use std::time::SystemTime;

use aws_lambda_events::event::dynamodb::{EventRecord, StreamRecord, StreamViewType, UserIdentity};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

use super::Dynamo;
use crate::services::destination::arn;
use crate::services::{REGION, ServiceError};

/// How long a stream keeps a record.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

/// What a public sequence number is more than the kept one: it makes all of them 21 digits long.
const OFFSET: u128 = 100_000_000_000_000_000_000;

impl Dynamo {
    /// Up to `limit` changes of `table` after the one with number `sequence`, or from the oldest kept on, as Lambda
    /// would hand them to a function; the last one's number goes on from there.
    ///
    /// # Errors
    ///
    /// [`ServiceError`].
    pub fn records_after(
        &self,
        table: &str,
        sequence: Option<&str>,
        limit: usize,
    ) -> Result<Vec<EventRecord>, ServiceError> {
        let storage = self.storage();
        let label = storage.get_table_metadata(table)?;
        let label = label
            .and_then(|table| table.stream_label)
            .unwrap_or_default();
        let source = arn("dynamodb", &format!("table/{table}/stream/{label}"));
        let sql = "SELECT event_name, keys_json, new_image, old_image,
                          CAST(sequence_number AS INTEGER), created_at, user_identity
                   FROM _stream_records
                   WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) > ?2
                   ORDER BY CAST(sequence_number AS INTEGER) LIMIT ?3";
        let mut statement = storage.conn().prepare_cached(sql)?;
        let after = sequence.and_then(kept).unwrap_or(0);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![table, after, limit])?;
        let mut records = Vec::new();
        while let Some(row) = rows.next()? {
            records.push(record(row, &source)?);
        }
        Ok(records)
    }

    /// The number of the newest change of `table`; `None` if its stream is empty.
    ///
    /// # Errors
    ///
    /// [`ServiceError::File`].
    pub fn latest_sequence(&self, table: &str) -> Result<Option<String>, ServiceError> {
        let storage = self.storage();
        let sql = "SELECT MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records WHERE table_name = ?1";
        let mut statement = storage.conn().prepare_cached(sql)?;
        let latest: Option<i64> = statement.query_row([table], |row| row.get(0))?;
        Ok(latest.map(public))
    }

    /// Drops the records that are older than 24 hours, read or not, and no others; gives how many.
    ///
    /// # Errors
    ///
    /// [`ServiceError::File`].
    pub fn trim_streams(&self, now: Timestamp) -> Result<usize, ServiceError> {
        let oldest = now.checked_sub(KEPT_FOR).unwrap_or(Timestamp::MIN);
        let storage = self.storage();
        let tables: Vec<String> = storage.list_table_names()?;
        let mut dropped = 0;
        for table in tables {
            // A number is never less than the microsecond of its record, so this drops none that is younger.
            let sql = "DELETE FROM _stream_records
                       WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) < ?2";
            let mut statement = storage.conn().prepare_cached(sql)?;
            dropped += statement.execute(params![table, oldest.as_microsecond()])?;
        }
        Ok(dropped)
    }

    /// Drops the records of `table` up to and including `sequence`, which every reader is done with: keeps a long run
    /// within one day small.
    ///
    /// # Errors
    ///
    /// [`ServiceError::File`].
    pub fn forget_read(&self, table: &str, sequence: &str) -> Result<usize, ServiceError> {
        let storage = self.storage();
        let sql = "DELETE FROM _stream_records
                   WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) <= ?2";
        let mut statement = storage.conn().prepare_cached(sql)?;
        Ok(statement.execute(params![table, kept(sequence).unwrap_or(0)])?)
    }

    /// When the oldest record of `table` was made: what a reader that is behind has to lose first.
    ///
    /// # Errors
    ///
    /// [`ServiceError::File`].
    pub fn oldest_record(&self, table: &str) -> Result<Option<Timestamp>, ServiceError> {
        let storage = self.storage();
        let sql = "SELECT created_at FROM _stream_records WHERE table_name = ?1
                   ORDER BY CAST(sequence_number AS INTEGER) LIMIT 1";
        let mut statement = storage.conn().prepare_cached(sql)?;
        let oldest: Option<i64> = statement.query_row([table], |row| row.get(0)).optional()?;
        Ok(oldest.and_then(|seconds| Timestamp::from_second(seconds).ok()))
    }
}

fn record(row: &Row<'_>, source: &str) -> Result<EventRecord, ServiceError> {
    let image = |column: usize| -> Result<serde_dynamo::Item, ServiceError> {
        let json: Option<String> = row.get(column)?;
        json.map_or_else(
            || Ok(serde_dynamo::Item::default()),
            |json| Ok(serde_json::from_str(&json)?),
        )
    };
    let sequence: i64 = row.get(4)?;
    let made_at: u64 = row.get(5)?;
    let mut change = StreamRecord::default();
    change.keys = image(1)?;
    change.new_image = image(2)?;
    change.old_image = image(3)?;
    change.approximate_creation_date_time =
        (SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(made_at)).into();
    change.sequence_number = Some(public(sequence));
    change.size_bytes = size(row)?;
    change.stream_view_type = Some(StreamViewType::NewAndOldImages);

    let mut record = EventRecord::default();
    record.aws_region = REGION.into();
    record.change = change;
    record.event_id = format!("{sequence:032x}");
    record.event_name = row.get(0)?;
    record.event_source = Some("aws:dynamodb".to_owned());
    record.event_version = Some("1.1".to_owned());
    record.event_source_arn = Some(source.to_owned());
    let by_the_sweep: Option<String> = row.get(6)?;
    record.user_identity = by_the_sweep.map(|_| time_to_live());
    Ok(record)
}

/// Who deletes an item whose time to live is over.
fn time_to_live() -> UserIdentity {
    let mut identity = UserIdentity::default();
    identity.type_ = "Service".into();
    identity.principal_id = "dynamodb.amazonaws.com".into();
    identity
}

fn size(row: &Row<'_>) -> Result<i64, ServiceError> {
    let mut bytes = 0;
    for column in 1..=3 {
        let text = row.get_ref(column)?;
        bytes += text.as_str_or_null().ok().flatten().map_or(0, str::len);
    }
    Ok(i64::try_from(bytes).unwrap_or(i64::MAX))
}

fn public(kept: i64) -> String {
    (OFFSET + u128::from(kept.unsigned_abs())).to_string()
}

fn kept(public: &str) -> Option<i64> {
    let number: u128 = public.parse().ok()?;
    i64::try_from(number.checked_sub(OFFSET)?).ok()
}
