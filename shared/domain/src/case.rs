//! A customer's question and the time by which it must be answered (DOMAIN
//! section 8).

mod status;

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::identity::{ExternalId, NodeId};
use crate::settings::{InvalidSetting, Settings};

pub use status::{CannotChange, REOPEN_DAYS};

/// How pressing a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "CasePriority")]
pub enum Priority {
    /// Answer within hours, day or night.
    Urgent,
    /// Answer the same day.
    High,
    /// The usual.
    Normal,
    /// When there is time.
    Low,
}

impl Priority {
    /// The priority of that name, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Urgent, Self::High, Self::Normal, Self::Low];
        all.into_iter()
            .find(|p| p.to_string().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Urgent => "urgent",
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        })
    }
}

/// Longest target, in any unit.
const MOST_TARGET: i64 = 1000;

/// A length of time with its unit, which decides when it passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CaseTarget")]
pub enum Target {
    /// Hours of any day and night.
    ClockHours(#[schemars(range(min = 1, max = MOST_TARGET))] i64),
    /// Hours in which the store answers.
    BusinessHours(#[schemars(range(min = 1, max = MOST_TARGET))] i64),
    /// Days on which the store answers.
    BusinessDays(#[schemars(range(min = 1, max = MOST_TARGET))] i64),
}

/// First-response target per priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FirstResponseTargets {
    /// For urgent cases.
    pub urgent: Target,
    /// For high ones.
    pub high: Target,
    /// For normal ones.
    pub normal: Target,
    /// For low ones.
    pub low: Target,
}

impl Default for FirstResponseTargets {
    fn default() -> Self {
        Self {
            urgent: Target::ClockHours(2),
            high: Target::ClockHours(4),
            normal: Target::BusinessDays(1),
            low: Target::BusinessDays(2),
        }
    }
}

impl FirstResponseTargets {
    /// The target of a priority.
    #[must_use]
    pub fn of(&self, priority: Priority) -> Target {
        match priority {
            Priority::Urgent => self.urgent,
            Priority::High => self.high,
            Priority::Normal => self.normal,
            Priority::Low => self.low,
        }
    }

    /// Whether every target is from 1 to 1000 of its unit.
    ///
    /// # Errors
    ///
    /// [`InvalidSetting`].
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        let all = [
            ("urgent", self.urgent),
            ("high", self.high),
            ("normal", self.normal),
            ("low", self.low),
        ];
        for (name, target) in all {
            let (Target::ClockHours(n) | Target::BusinessHours(n) | Target::BusinessDays(n)) =
                target;
            if !(1..=MOST_TARGET).contains(&n) {
                return Err(InvalidSetting {
                    field: format!("first_response.{name}"),
                    problem: "must be from 1 to 1000 of its unit".to_owned(),
                });
            }
        }
        Ok(())
    }
}

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum CaseStatus {
    /// Nobody has touched it.
    New,
    /// Someone is on it.
    #[serde(rename = "In Progress")]
    InProgress,
    /// The customer's turn.
    #[serde(rename = "Waiting on Customer")]
    WaitingOnCustomer,
    /// Passed up.
    Escalated,
    /// Answered.
    Resolved,
    /// Done for good.
    Closed,
}

/// A customer's case.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its random id.
    pub id: String,
    /// Counts writes; every write names the one it read.
    #[serde(rename = "v")]
    pub version: u64,
    /// The node it was opened for: facts stay where they were addressed.
    pub node: NodeId,
    /// The order it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<ExternalId>,
    /// What it is about, in the customer's words.
    pub subject: String,
    /// How pressing it is.
    pub priority: Priority,
    /// Where it stands.
    pub status: CaseStatus,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was resolved or closed, while it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Where it was moved to and when, in this order: the latest
    /// [`MOST_MOVES`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<(Timestamp, CaseStatus)>,
    /// Its first-response clock, frozen when it was opened.
    pub first_response: Clock,
}

/// So many moves of a case are kept.
pub const MOST_MOVES: usize = 200;

impl Case {
    /// Forgets what somebody wrote.
    pub fn redact(&mut self) {
        let Self {
            subject,
            id: _,
            version: _,
            node: _,
            order: _,
            priority: _,
            status: _,
            opened_at: _,
            ended_at: _,
            moves: _,
            first_response: _,
        } = self;
        subject.clear();
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Case({})", self.id)
    }
}

/// A target's clock: when it warns, when it is due, what has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// At three quarters of the time.
    pub warn_at: Timestamp,
    /// When the time is over.
    pub due_at: Timestamp,
    /// When it warned: `warn_at`, however late the checker ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warned_at: Option<Timestamp>,
    /// When it was breached: `due_at`, however late the checker ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breached_at: Option<Timestamp>,
    /// When it was met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met_at: Option<Timestamp>,
    /// When the case first ended, answered or not: it asks for nothing after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<Timestamp>,
    /// Version of the settings it was made by.
    pub settings: u64,
}

impl Clock {
    /// The first-response clock of a case opened at `opened_at`.
    #[must_use]
    pub fn first_response(settings: &Settings, priority: Priority, opened_at: Timestamp) -> Self {
        let target = settings.first_response.of(priority);
        Self {
            warn_at: after(settings, target, opened_at, 75),
            due_at: after(settings, target, opened_at, 100),
            warned_at: None,
            breached_at: None,
            met_at: None,
            stopped_at: None,
            settings: settings.version,
        }
    }

    /// When the checker has to look next; never once all is stamped or the
    /// answer came in time.
    #[must_use]
    pub fn next_at(&self) -> Option<Timestamp> {
        let next = match (self.warned_at, self.breached_at) {
            (_, Some(_)) => return None,
            (None, None) => self.warn_at,
            (Some(_), None) => self.due_at,
        };
        self.end().is_none_or(|end| end >= next).then_some(next)
    }

    /// Stamps what has come due by `now`, each at its own time. An answer at
    /// the due time itself is late.
    pub fn advance(&mut self, now: Timestamp) {
        let until = self.end().map_or(now, |end| end.min(now));
        if self.warned_at.is_none() && until >= self.warn_at {
            self.warned_at = Some(self.warn_at);
        }
        if self.breached_at.is_none() && until >= self.due_at {
            self.breached_at = Some(self.due_at);
        }
    }

    /// Stops it for good, once all is stamped that came due by then.
    pub fn stop(&mut self, at: Timestamp) {
        if self.stopped_at.is_none() {
            self.advance(at);
            self.stopped_at = Some(at);
        }
    }

    /// From when on nothing comes due any more.
    fn end(&self) -> Option<Timestamp> {
        self.met_at.into_iter().chain(self.stopped_at).min()
    }

    /// Notes an answer. The first one counts, by its own time and not by when
    /// it was told, so the stamps are the same whether the checker has been
    /// here before or not.
    pub fn meet(&mut self, at: Timestamp) {
        if self.met_at.is_some_and(|met| met <= at) {
            return;
        }
        self.met_at = Some(at);
        self.warned_at = None;
        self.breached_at = None;
        self.advance(at);
    }

    /// How many levels up the case has gone: one for the warning, one for
    /// the breach.
    #[must_use]
    pub fn escalation_level(&self) -> u8 {
        u8::from(self.warned_at.is_some()) + u8::from(self.breached_at.is_some())
    }
}

/// When `percent` of a target has passed since `from`.
fn after(settings: &Settings, target: Target, from: Timestamp, percent: i64) -> Timestamp {
    let hours = &settings.business_hours;
    let minutes = match target {
        Target::ClockHours(n) => {
            let passed = SignedDuration::from_mins(n * 60 * percent / 100);
            return from.checked_add(passed).unwrap_or(Timestamp::MAX);
        }
        Target::BusinessHours(n) => n * 60,
        Target::BusinessDays(n) => n * hours.minutes_per_day,
    };
    hours.after_open_minutes(from, minutes * percent / 100, &settings.zone())
}
