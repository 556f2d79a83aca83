//! Firing a schedule by hand.

use jiff::Timestamp;

use super::{System, SystemError, wire};
use crate::services::scheduler::Firing;
use crate::template::{STACK, Schedule};

/// What a schedule's input says where its time is to stand.
const SCHEDULED_TIME: &str = "<aws.scheduler.scheduled-time>";

/// Firings by hand belong to a group of their own, so that the schedule's own times stay as they are.
const BY_HAND: &str = "by-hand";

impl System {
    /// Fires a schedule now, as if its time were `at`. `name` may leave out the stack's prefix.
    ///
    /// # Errors
    ///
    /// [`SystemError::NoSchedule`], or when the firing cannot be kept.
    pub fn fire_schedule(&self, name: &str, at: Timestamp) -> Result<(), SystemError> {
        let long = format!("{STACK}-{name}");
        let is_named = |schedule: &&Schedule| schedule.name == name || schedule.name == long;
        let schedule = self.wiring().schedules.iter().find(is_named);
        let schedule = schedule.ok_or_else(|| SystemError::NoSchedule {
            name: name.to_owned(),
            known: self.schedule_names(),
        })?;
        let seconds = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let firing = Firing {
            group: BY_HAND.to_owned(),
            name: schedule.name.clone(),
            at,
            destination: wire::destination(&schedule.name, &schedule.target)?,
            input: schedule.input.replace(SCHEDULED_TIME, &seconds),
            retry: wire::retry(&schedule.target),
        };
        self.services().scheduler().hand_over(&firing)?;
        self.pump().wake();
        Ok(())
    }

    /// The names of all schedules, without the stack's prefix.
    fn schedule_names(&self) -> Vec<String> {
        let prefix = format!("{STACK}-");
        let short = |schedule: &Schedule| {
            let name = schedule.name.strip_prefix(&prefix);
            name.unwrap_or(&schedule.name).to_owned()
        };
        self.wiring().schedules.iter().map(short).collect()
    }
}
