//! Schedules: what happens at a time, once or again and again.
//!
//! Nothing fires by itself: whoever drives the clock asks what is [due](Scheduler::due) and hands it over.

mod api;
mod cron;
mod expression;
mod schedule;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::Timestamp;
use rusqlite::{Transaction, params};

pub use cron::Cron;
pub use expression::{Expression, ExpressionError};
use schedule::Timed;
pub use schedule::{Firing, Schedule};

use super::ServiceError;
use super::deliveries::Deliveries;
use super::ledger::{Ledger, stored, time};
use crate::clock::Clock;

/// Group and name.
type Key = (String, String);

/// All schedules.
pub struct Scheduler {
    ledger: Arc<Ledger>,
    deliveries: Arc<Deliveries>,
    clock: Clock,
    schedules: Mutex<BTreeMap<Key, Timed>>,
}

impl Scheduler {
    pub(super) fn open(
        ledger: Arc<Ledger>,
        deliveries: Arc<Deliveries>,
        clock: Clock,
    ) -> Result<Self, ServiceError> {
        let schedules = Mutex::new(load(&ledger)?);
        Ok(Self {
            ledger,
            deliveries,
            clock,
            schedules,
        })
    }

    /// Makes a schedule, as a template does. One that is there and says the same goes on where it was; one that says
    /// something else starts anew.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Invalid`] for an expression or time zone that makes no sense.
    pub fn declare(&self, schedule: Schedule) -> Result<(), ServiceError> {
        let key = (schedule.group.clone(), schedule.name.clone());
        let mut all = self.all();
        if all
            .get(&key)
            .is_some_and(|timed| timed.schedule == schedule)
        {
            return Ok(());
        }
        let timed = Timed::new(schedule, self.clock.now())?;
        self.keep(&timed)?;
        all.insert(key, timed);
        Ok(())
    }

    /// When the next schedule fires; may lie in the past.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        let all = self.all();
        let enabled = all.values().filter(|timed| timed.schedule.enabled);
        enabled.filter_map(Timed::next).min()
    }

    /// Every firing up to `until` that was not marked, missed ones too, in the order of their times.
    #[must_use]
    pub fn due(&self, until: Timestamp) -> Vec<Firing> {
        let all = self.all();
        let mut due: Vec<_> = all.values().flat_map(|timed| timed.due(until)).collect();
        due.sort_by(|a, b| (a.at, &a.group, &a.name).cmp(&(b.at, &b.group, &b.name)));
        due
    }

    /// Passes over what is due up to `until`, but for the last firing of each schedule: whatever runs by the clock looks
    /// at everything due up to its tick.
    ///
    /// # Errors
    ///
    /// [`ServiceError::File`].
    pub fn skip_to_last(&self, until: Timestamp) -> Result<(), ServiceError> {
        let all: Vec<Vec<_>> = self
            .all()
            .values()
            .map(|timed| timed.due(until).collect())
            .collect();
        for due in all {
            if let [.., passed, _] = due.as_slice() {
                self.mark_fired(passed)?;
            }
        }
        Ok(())
    }

    /// Marks a firing, and all of the same schedule before it, as done.
    ///
    /// # Errors
    ///
    /// [`ServiceError::File`]; nothing was marked.
    pub fn mark_fired(&self, firing: &Firing) -> Result<(), ServiceError> {
        self.settle(firing, |_| Ok(()))
    }

    /// Puts a firing among the [`Deliveries`] and marks it, both or neither: it is then delivered, retried and kept
    /// like an event.
    ///
    /// # Errors
    ///
    /// [`ServiceError::File`]; nothing changed.
    pub fn hand_over(&self, firing: &Firing) -> Result<(), ServiceError> {
        let now = self.clock.now();
        self.settle(firing, |file| {
            let origin = format!("schedule/{}/{}", firing.group, firing.name);
            let (to, input, retry) = (&firing.destination, &firing.input, &firing.retry);
            Deliveries::add(file, &origin, to, input, retry, now)
        })
    }

    /// What the schedules and the bus have to deliver.
    #[must_use]
    pub fn deliveries(&self) -> &Deliveries {
        &self.deliveries
    }

    fn settle(
        &self,
        firing: &Firing,
        also: impl FnOnce(&Transaction) -> Result<(), ServiceError>,
    ) -> Result<(), ServiceError> {
        let key = (firing.group.clone(), firing.name.clone());
        let mut all = self.all();
        let Some(timed) = all.get_mut(&key) else {
            return self.ledger.write(also);
        };
        let mut settled = timed.clone();
        settled.last_fired = timed.last_fired.max(Some(firing.at));
        let done = settled.schedule.delete_when_done && settled.next().is_none();
        self.ledger.write(|file| {
            also(file)?;
            if done {
                remove(file, &key)
            } else {
                write(file, &settled)
            }
        })?;
        *timed = settled;
        if done {
            all.remove(&key);
        }
        Ok(())
    }

    fn keep(&self, timed: &Timed) -> Result<(), ServiceError> {
        self.ledger.write(|file| write(file, timed))
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<Key, Timed>> {
        self.schedules
            .lock()
            .expect("no holder of schedules panics")
    }
}

fn write(file: &Transaction, timed: &Timed) -> Result<(), ServiceError> {
    let sql = "INSERT OR REPLACE INTO schedules
               (grouped, name, schedule, created_at, modified_at, last_fired)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    file.prepare_cached(sql)?.execute(params![
        timed.schedule.group,
        timed.schedule.name,
        serde_json::to_string(&timed.schedule)?,
        stored(timed.created_at),
        stored(timed.modified_at),
        timed.last_fired.map(stored),
    ])?;
    Ok(())
}

fn remove(file: &Transaction, key: &Key) -> Result<(), ServiceError> {
    let sql = "DELETE FROM schedules WHERE grouped = ?1 AND name = ?2";
    file.execute(sql, [&key.0, &key.1])?;
    Ok(())
}

fn load(ledger: &Ledger) -> Result<BTreeMap<Key, Timed>, ServiceError> {
    type Kept = (String, i64, i64, Option<i64>);
    let kept: Vec<Kept> = ledger.read(|file| {
        let sql = "SELECT schedule, created_at, modified_at, last_fired FROM schedules";
        let mut statement = file.prepare(sql)?;
        let rows = statement.query_map([], |row| row.try_into())?;
        Ok(rows.collect::<Result<_, _>>()?)
    })?;
    let timed = kept
        .into_iter()
        .map(|(schedule, created, modified, fired)| {
            let schedule: Schedule = serde_json::from_str(&schedule)?;
            let mut timed = Timed::new(schedule, time(modified))?;
            timed.created_at = time(created);
            timed.last_fired = fired.map(time);
            let key = (timed.schedule.group.clone(), timed.schedule.name.clone());
            Ok((key, timed))
        });
    timed.collect()
}
