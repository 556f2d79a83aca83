//! The one clock everything in the local system reads, so that a story can let a week pass at once.
//!
//! Clones share the same time. It never runs backwards.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};

/// A shared clock; clones tell and move the same time.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Mutex<Time>>);

#[derive(Debug)]
enum Time {
    /// The machine's time plus an offset, never less than what was told last.
    Running {
        offset: SignedDuration,
        told: Timestamp,
    },
    /// Stands still until it is set.
    Fixed(Timestamp),
}

/// The clock was told to run backwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the clock shows {shows} and cannot be set back to {wanted}")]
pub struct SetBack {
    /// What the clock shows.
    pub shows: Timestamp,
    /// What was asked for.
    pub wanted: Timestamp,
}

impl Clock {
    /// The machine's time.
    #[must_use]
    pub fn system() -> Self {
        Self::system_with_offset(SignedDuration::ZERO)
    }

    /// The machine's time plus `offset`, as [`Clock::offset`] gave it in an earlier run.
    #[must_use]
    pub fn system_with_offset(offset: SignedDuration) -> Self {
        let told = Timestamp::now().saturating_add(offset);
        Self::of(Time::Running {
            offset,
            told: told.unwrap_or(Timestamp::MAX),
        })
    }

    /// A clock that shows `now` until it is set.
    #[must_use]
    pub fn fixed(now: Timestamp) -> Self {
        Self::of(Time::Fixed(now))
    }

    fn of(time: Time) -> Self {
        Self(Arc::new(Mutex::new(time)))
    }

    /// The time it shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &mut *self.time() {
            Time::Fixed(now) => *now,
            Time::Running { offset, told } => {
                let machine = Timestamp::now().saturating_add(*offset);
                *told = machine.map_or(*told, |machine| machine.max(*told));
                *told
            }
        }
    }

    /// Moves the clock forward to `to`; a running clock runs on from there.
    ///
    /// # Errors
    ///
    /// [`SetBack`] when `to` is earlier than what the clock shows; nothing changed.
    pub fn set(&self, to: Timestamp) -> Result<(), SetBack> {
        let shows = self.now();
        if to < shows {
            return Err(SetBack { shows, wanted: to });
        }
        match &mut *self.time() {
            Time::Fixed(now) => *now = to,
            Time::Running { offset, told } => {
                *offset = to.duration_since(Timestamp::now());
                *told = to;
            }
        }
        Ok(())
    }

    /// How far a running clock is from the machine's time, for a later run to start with; `None` for a fixed one.
    #[must_use]
    pub fn offset(&self) -> Option<SignedDuration> {
        match &*self.time() {
            Time::Running { offset, .. } => Some(*offset),
            Time::Fixed(_) => None,
        }
    }

    fn time(&self) -> MutexGuard<'_, Time> {
        self.0.lock().expect("no holder of the clock panics")
    }
}

impl aws_smithy_async::time::TimeSource for Clock {
    fn now(&self) -> SystemTime {
        Clock::now(self).into()
    }
}

impl dynoxide::storage_backend::Clock for Clock {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.now().as_second()).unwrap_or(0)
    }

    fn now_unix_secs_f64(&self) -> f64 {
        self.now().as_duration().as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> Timestamp {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_fixed_clock_moves_for_every_holder_and_only_when_told() {
        let clock = Clock::fixed(noon());
        let other = clock.clone();
        assert_eq!(other.now(), noon());

        let later = noon() + SignedDuration::from_hours(2);
        clock.set(later).unwrap();

        assert_eq!(other.now(), later);
    }

    #[test]
    fn no_clock_can_be_set_back() {
        let clock = Clock::fixed(noon());
        let wanted = noon() - SignedDuration::from_secs(1);
        let shows = noon();
        assert_eq!(clock.set(wanted), Err(SetBack { shows, wanted }));
        assert_eq!(clock.now(), noon());
    }

    #[test]
    fn a_running_clock_runs_on_from_where_it_was_set() {
        let clock = Clock::system();
        let tomorrow = clock.now() + SignedDuration::from_hours(24);
        clock.set(tomorrow).unwrap();
        assert!(clock.now() >= tomorrow);

        let reopened = Clock::system_with_offset(clock.offset().unwrap());
        assert!(reopened.now() >= tomorrow);
    }
}
