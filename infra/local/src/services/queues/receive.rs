//! Taking messages out of a queue: receive, then delete, or let them come back.

use jiff::Timestamp;
use rusqlite::{Transaction, params};

use super::message::{self, Message};
use super::{Queues, Settings, stored};
use crate::services::ServiceError;

/// What a receipt did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipted {
    /// What was asked for.
    Done,
    /// Nothing: the message is gone, or was received again since.
    Stale,
}

impl Queues {
    /// Receives up to `max` messages, hiding each for the queue's visibility timeout. Those received too often move
    /// to the dead letters instead; those past their retention are thrown away.
    ///
    /// # Errors
    ///
    /// [`ServiceError`]; nothing was received.
    pub fn receive(
        &self,
        queue: &str,
        max: usize,
        now: Timestamp,
    ) -> Result<Vec<Message>, ServiceError> {
        let settings = self.settings(queue)?;
        self.receive_hiding(queue, max, settings.visibility_seconds, now)
    }

    pub(super) fn receive_hiding(
        &self,
        queue: &str,
        max: usize,
        visibility_seconds: u32,
        now: Timestamp,
    ) -> Result<Vec<Message>, ServiceError> {
        // Most polls find nothing; those do not write.
        if self.next_due(queue)?.is_none_or(|due| due > now) {
            return Ok(Vec::new());
        }
        let settings = self.settings(queue)?;
        let hidden_until = stored(now) + i64::from(visibility_seconds) * 1000;
        self.write(|file| {
            let mut received = Vec::new();
            while received.len() < max {
                let wanted = max - received.len();
                let due = visible(file, queue, wanted, now)?;
                if due.is_empty() {
                    break;
                }
                for found in due {
                    if !put_aside(file, &settings, &found, now)? {
                        received.push(hide(file, found, hidden_until, now)?);
                    }
                }
            }
            Ok(received)
        })
    }

    /// Deletes received messages, telling of each what its receipt did.
    ///
    /// # Errors
    ///
    /// [`ServiceError::File`]; nothing was deleted.
    pub fn delete<R: AsRef<str>>(
        &self,
        queue: &str,
        receipts: &[R],
    ) -> Result<Vec<Receipted>, ServiceError> {
        self.write(|file| {
            let sql = "DELETE FROM messages WHERE id = ?1 AND receive_count = ?2 AND queue = ?3";
            let delete = |receipt: &R| by_receipt(file, sql, queue, receipt.as_ref(), &"");
            receipts.iter().map(delete).collect()
        })
    }

    /// Hides a received message for `seconds` from now; 0 makes it visible at once.
    ///
    /// # Errors
    ///
    /// [`ServiceError::File`].
    pub fn change_visibility(
        &self,
        queue: &str,
        receipt: &str,
        seconds: u32,
        now: Timestamp,
    ) -> Result<Receipted, ServiceError> {
        let sql = "UPDATE messages SET visible_at = ?4
                   WHERE id = ?1 AND receive_count = ?2 AND queue = ?3";
        let visible_at = stored(now) + i64::from(seconds) * 1000;
        self.write(|file| by_receipt(file, sql, queue, receipt, &visible_at))
    }

    /// Notes why the handling of a received message failed: a dead letter tells its last reason.
    ///
    /// # Errors
    ///
    /// [`ServiceError::File`].
    pub fn failed(
        &self,
        queue: &str,
        receipt: &str,
        reason: &str,
    ) -> Result<Receipted, ServiceError> {
        let sql = "UPDATE messages SET reason = ?4
                   WHERE id = ?1 AND receive_count = ?2 AND queue = ?3";
        self.write(|file| by_receipt(file, sql, queue, receipt, &reason))
    }
}

fn by_receipt(
    file: &Transaction,
    sql: &str,
    queue: &str,
    receipt: &str,
    value: &dyn rusqlite::ToSql,
) -> Result<Receipted, ServiceError> {
    let Some((number, count)) = message::of_receipt(receipt) else {
        return Ok(Receipted::Stale);
    };
    let mut statement = file.prepare_cached(sql)?;
    let all: [&dyn rusqlite::ToSql; 4] = [&number, &count, &queue, value];
    let used = statement.parameter_count();
    let changed = statement.execute(&all[..used])?;
    Ok(if changed == 0 {
        Receipted::Stale
    } else {
        Receipted::Done
    })
}

fn visible(
    file: &Transaction,
    queue: &str,
    max: usize,
    now: Timestamp,
) -> Result<Vec<Message>, ServiceError> {
    let sql = format!(
        "{} WHERE queue = ?1 AND visible_at <= ?2 ORDER BY visible_at, id LIMIT ?3",
        message::SELECT
    );
    let mut statement = file.prepare_cached(&sql)?;
    let max = i64::try_from(max).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![queue, stored(now), max], message::from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Throws away what is too old and moves what was received too often; tells whether it did.
fn put_aside(
    file: &Transaction,
    settings: &Settings,
    found: &Message,
    now: Timestamp,
) -> Result<bool, ServiceError> {
    let Some((number, _)) = message::of_receipt(&found.receipt) else {
        return Ok(false);
    };
    let age = now.duration_since(found.sent_at).as_secs();
    if age > i64::from(settings.retention_seconds) {
        let sql = "DELETE FROM messages WHERE id = ?1";
        file.prepare_cached(sql)?.execute([number])?;
        return Ok(true);
    }
    let dead = settings.redrive.as_ref();
    let Some(dead) = dead.filter(|dead| found.receive_count >= dead.max_receive_count) else {
        return Ok(false);
    };
    let sql = "UPDATE messages SET queue = ?2, source = ?3, visible_at = ?4, receive_count = 0,
               first_received_at = NULL WHERE id = ?1";
    let moved = params![number, dead.dead_letters, found.queue, stored(now)];
    file.prepare_cached(sql)?.execute(moved)?;
    Ok(true)
}

fn hide(
    file: &Transaction,
    mut found: Message,
    until: i64,
    now: Timestamp,
) -> Result<Message, ServiceError> {
    if let Some((number, _)) = message::of_receipt(&found.receipt) {
        let sql = "UPDATE messages SET visible_at = ?2, receive_count = receive_count + 1,
                   first_received_at = COALESCE(first_received_at, ?3) WHERE id = ?1";
        file.prepare_cached(sql)?
            .execute(params![number, until, stored(now)])?;
        found.receive_count += 1;
        found.receipt = message::receipt(number, found.receive_count);
    }
    found.first_received_at = found.first_received_at.or(Some(now));
    found.visible_at = super::time(until);
    Ok(found)
}
