//! Where a case may go from where it stands (DOMAIN section 8).

use jiff::{SignedDuration, Timestamp};

use super::{Case, CaseStatus, MOST_MOVES};
use crate::care::CaseSpan;

/// For so many days a resolved case may be opened again.
pub const REOPEN_DAYS: i64 = 14;

/// Why a case cannot change so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotChange {
    /// It is closed: what comes after is a new case.
    #[error("the case is closed")]
    Closed,
    /// It was resolved too long ago to be opened again.
    #[error("the case was resolved more than {REOPEN_DAYS} days ago")]
    TooLate,
    /// A resolved case is opened again by working on it, or closed.
    #[error("the case is resolved")]
    Resolved,
    /// No case becomes new again.
    #[error("the case is not new any more")]
    NotNew,
}

impl CaseStatus {
    /// Every status.
    pub const ALL: [Self; 6] = [
        Self::New,
        Self::InProgress,
        Self::WaitingOnCustomer,
        Self::Escalated,
        Self::Resolved,
        Self::Closed,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::InProgress => "In Progress",
            Self::WaitingOnCustomer => "Waiting on Customer",
            Self::Escalated => "Escalated",
            Self::Resolved => "Resolved",
            Self::Closed => "Closed",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|status| status.name() == name)
    }

    /// Whether somebody still has to do something.
    #[must_use]
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Resolved | Self::Closed)
    }
}

impl Case {
    /// Moves the case on. Whoever is open may go anywhere but back to new; a
    /// resolved case is closed, or within [`REOPEN_DAYS`] worked on again.
    /// Its end stops the first-response clock for good: nobody is asked for a
    /// first response to what was opened again. The same status once more
    /// changes nothing.
    ///
    /// # Errors
    ///
    /// [`CannotChange`]; nothing is changed.
    pub fn move_to(&mut self, to: CaseStatus, now: Timestamp) -> Result<(), CannotChange> {
        use CaseStatus::{Closed, InProgress, New, Resolved};
        if self.status == to {
            return Ok(());
        }
        let reopens_until = self.ended_at.and_then(|ended| {
            ended
                .checked_add(SignedDuration::from_hours(24 * REOPEN_DAYS))
                .ok()
        });
        match (self.status, to) {
            (Closed, _) => return Err(CannotChange::Closed),
            (_, New) => return Err(CannotChange::NotNew),
            (Resolved, InProgress) if reopens_until.is_some_and(|until| now > until) => {
                return Err(CannotChange::TooLate);
            }
            (Resolved, Closed | InProgress) => {}
            (Resolved, _) => return Err(CannotChange::Resolved),
            _ => {}
        }
        if to.is_open() {
            self.ended_at = None;
        } else {
            self.ended_at = self.ended_at.or(Some(now));
            self.first_response.stop(now);
        }
        self.status = to;
        self.moves.push((now, to));
        let beyond = self.moves.len().saturating_sub(MOST_MOVES);
        self.moves.drain(..beyond);
        Ok(())
    }

    /// From when to when it was open, for its customer's health.
    #[must_use]
    pub fn span(&self) -> CaseSpan {
        CaseSpan {
            opened: self.opened_at,
            closed: self.ended_at,
        }
    }
}
