//! One schedule: when it fires, and whom for.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::Expression;
use crate::services::destination::{Destination, Retry, arn};
use crate::services::{ServiceError, ledger};

/// What a schedule is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Its name, unique in its group.
    pub name: String,
    /// Its group; `default` unless said otherwise.
    pub group: String,
    /// When it fires: `rate(...)`, `cron(...)` or `at(...)`.
    pub expression: String,
    /// The IANA name of the time zone of cron and at.
    pub time_zone: String,
    /// It does not fire before this.
    pub start: Option<Timestamp>,
    /// It does not fire after this.
    pub end: Option<Timestamp>,
    /// Whether it fires at all.
    pub enabled: bool,
    /// Whether it is gone once it has fired for the last time.
    pub delete_when_done: bool,
    /// Who gets what it fires.
    pub destination: Destination,
    /// What they get: text in which `<aws.scheduler.scheduled-time>` and the like are replaced.
    pub input: String,
    /// How often delivery is tried.
    pub retry: Retry,
    /// What a client said of it, for it to read again: description, role, flexible window.
    #[serde(default)]
    pub remarks: serde_json::Value,
}

impl Schedule {
    /// An enabled schedule of the default group, in UTC, with AWS's retries.
    #[must_use]
    pub fn new(name: &str, expression: &str, destination: Destination, input: &str) -> Self {
        Self {
            name: name.to_owned(),
            group: "default".to_owned(),
            expression: expression.to_owned(),
            time_zone: "UTC".to_owned(),
            start: None,
            end: None,
            enabled: true,
            delete_when_done: false,
            destination,
            input: input.to_owned(),
            retry: Retry::default(),
            remarks: serde_json::Value::Null,
        }
    }

    pub(super) fn arn(&self) -> String {
        arn(
            "scheduler",
            &format!("schedule/{}/{}", self.group, self.name),
        )
    }
}

/// A time at which a schedule fires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firing {
    /// The schedule's group.
    pub group: String,
    /// The schedule's name.
    pub name: String,
    /// The time it was to fire at, whatever time it is now.
    pub at: Timestamp,
    /// Who gets it.
    pub destination: Destination,
    /// What they get.
    pub input: String,
    /// How often delivery is tried.
    pub retry: Retry,
}

/// A schedule with all that is needed to say when it fires.
#[derive(Debug, Clone)]
pub(super) struct Timed {
    pub(super) schedule: Schedule,
    pub(super) created_at: Timestamp,
    pub(super) modified_at: Timestamp,
    pub(super) last_fired: Option<Timestamp>,
    expression: Expression,
    zone: TimeZone,
}

impl Timed {
    pub(super) fn new(schedule: Schedule, now: Timestamp) -> Result<Self, ServiceError> {
        let invalid = |error: &dyn std::fmt::Display| ServiceError::Invalid(error.to_string());
        let expression = Expression::parse(&schedule.expression);
        let expression = expression.map_err(|error| invalid(&error))?;
        let zone = TimeZone::get(&schedule.time_zone).map_err(|error| invalid(&error))?;
        // Kept to the millisecond: the same before and after a restart.
        let now = ledger::time(ledger::stored(now));
        Ok(Self {
            schedule,
            created_at: now,
            modified_at: now,
            last_fired: None,
            expression,
            zone,
        })
    }

    /// The first firing after the last one, if it is not over.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.next_after(self.last_fired)
    }

    fn next_after(&self, last: Option<Timestamp>) -> Option<Timestamp> {
        let anchor = self.schedule.start.unwrap_or(self.modified_at);
        // A one-time schedule has no window.
        let once = matches!(self.expression, Expression::At(_));
        let start = self.schedule.start.filter(|_| !once);
        let mut from = start.unwrap_or(self.modified_at).max(self.modified_at);
        if let Some(last) = last {
            from = from.max(last + jiff::SignedDuration::from_millis(1));
        }
        let next = self.expression.first_from(from, anchor, &self.zone)?;
        let end = self.schedule.end.filter(|_| !once);
        end.is_none_or(|end| next <= end).then_some(next)
    }

    /// All firings up to `until` that have not been.
    pub(super) fn due(&self, until: Timestamp) -> impl Iterator<Item = Firing> + '_ {
        let next = |last: &Timestamp| self.next_after(Some(*last));
        let first = self.next().filter(|_| self.schedule.enabled);
        std::iter::successors(first, next)
            .take_while(move |at| *at <= until)
            .map(|at| self.firing(at))
    }

    fn firing(&self, at: Timestamp) -> Firing {
        let schedule = &self.schedule;
        let at_the_second = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let execution = format!("{}-{}", schedule.name, at.as_second());
        let input = schedule
            .input
            .replace("<aws.scheduler.scheduled-time>", &at_the_second)
            .replace("<aws.scheduler.schedule-arn>", &schedule.arn())
            .replace("<aws.scheduler.execution-id>", &execution)
            .replace("<aws.scheduler.attempt-number>", "1");
        Firing {
            group: schedule.group.clone(),
            name: schedule.name.clone(),
            at,
            destination: schedule.destination.clone(),
            input,
            retry: schedule.retry.clone(),
        }
    }
}
