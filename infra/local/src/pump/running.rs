//! Driving in the background, by the clock.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Pump, PumpError};

/// The longest sleep: someone may have moved the machine's clock.
const LONGEST_SLEEP: SignedDuration = SignedDuration::from_secs(30);

/// How often old stream records and expired items are cleared away.
const TIDY_EVERY: SignedDuration = SignedDuration::from_hours(1);

impl Pump {
    /// Drives for ever: works while there is work, and sleeps until it is woken or something is due.
    ///
    /// # Errors
    ///
    /// [`PumpError`] when a service cannot go on.
    pub async fn run(&self) -> Result<std::convert::Infallible, PumpError> {
        let mut tidied = Timestamp::MIN;
        loop {
            self.work_off().await?;
            let now = self.context.services.clock().now();
            if now.duration_since(tidied) >= TIDY_EVERY {
                self.tidy(now)?;
                tidied = now;
            }
            let sleep = tokio::time::sleep(self.pause()?);
            tokio::select! {
                () = self.woken.notified() => {}
                () = sleep => {}
            }
        }
    }

    /// Clears away what AWS clears away: stream records after a day, items whose time is over; and
    /// what was deleted from the files too.
    /// Only once all is worked off: a laptop may have slept for days over unread records.
    fn tidy(&self, now: Timestamp) -> Result<(), PumpError> {
        let tables = self.context.services.dynamo();
        tables.trim_streams(now)?;
        tables.sweep_expired()?;
        // What was deleted is still in the logs of changes until these are emptied.
        self.context.services.checkpoint()?;
        Ok(())
    }

    async fn work_off(&self) -> Result<(), PumpError> {
        loop {
            // Taken anew for each step, so that `settle` gets its turn.
            let mut streams = self.streams.lock().await;
            self.fire_schedules()?;
            let now = self.context.services.clock().now();
            if !self.step(&mut streams, now).await? {
                return Ok(());
            }
        }
    }

    /// How long there is nothing to do.
    fn pause(&self) -> Result<Duration, PumpError> {
        let services = &self.context.services;
        let by_clock = self.next_by_clock()?;
        let next = by_clock
            .into_iter()
            .chain(services.deliveries().next_due()?)
            .min();
        let now = services.clock().now();
        let pause = next.map_or(LONGEST_SLEEP, |next| next.duration_since(now));
        let pause = pause.clamp(SignedDuration::from_millis(1), LONGEST_SLEEP);
        Ok(pause.unsigned_abs())
    }

    /// When the next schedule or hidden message is due.
    pub(super) fn next_by_clock(&self) -> Result<Option<Timestamp>, PumpError> {
        let services = &self.context.services;
        let mut next = services.scheduler().next_due();
        for source in &self.queues {
            let due = services.queues().next_due(&source.queue)?;
            next = next.into_iter().chain(due).min();
        }
        Ok(next)
    }

    /// Hands what the clock has made due to the deliveries.
    pub(super) fn fire_schedules(&self) -> Result<(), PumpError> {
        let services = &self.context.services;
        for firing in services.scheduler().due(services.clock().now()) {
            services.scheduler().hand_over(&firing)?;
        }
        Ok(())
    }
}
