//! Driving until nothing is left to do, without waiting for a clock.

use jiff::{SignedDuration, Timestamp};

use super::stream::StreamSource;
use super::{Pump, PumpError};

/// How often what failed is tried again before the system counts as never quiet. SQS redrive
/// policies end after 1,000 receives, the bus after 185 tries.
const MOST_SECOND_CHANCES: u32 = 2_000;

/// What a delivery waits at most between two tries.
const LONGEST_BACK_OFF: SignedDuration = SignedDuration::from_hours(1);

/// A move of the clock further than this is made day by day.
const FAR: SignedDuration = SignedDuration::from_hours(48);
const DAY: SignedDuration = SignedDuration::from_hours(24);

impl Pump {
    /// Works until there is no visible message, no unread record and no due delivery or schedule,
    /// and until whatever failed has succeeded or been given up.
    ///
    /// The clock stands still meanwhile as far as this is concerned: a message sent with a delay
    /// stays where it is.
    ///
    /// # Errors
    ///
    /// [`PumpError`]; [`PumpError::NeverQuiet`] if something is tried again without end.
    pub async fn settle(&self) -> Result<(), PumpError> {
        let mut streams = self.streams.lock().await;
        self.settle_now(&mut streams).await
    }

    /// Moves the clock to `to`, firing every schedule on the way at its own time, in order, and
    /// settling after each.
    ///
    /// When `to` is more than two days off, each schedule fires once a day until the last day, at
    /// its last time of each day: half a year has a quarter of a million minutes, and whatever runs by
    /// the clock looks at everything due up to its tick.
    ///
    /// # Errors
    ///
    /// As [`Pump::settle`], or when `to` lies in the past.
    pub async fn advance_clock(&self, to: Timestamp) -> Result<(), PumpError> {
        let mut streams = self.streams.lock().await;
        let clock = self.context.services.clock();
        self.settle_now(&mut streams).await?;
        let is_far = to.duration_since(clock.now()) > FAR;
        while is_far && to.duration_since(clock.now()) > DAY {
            let day = clock.now() + DAY;
            self.context.services.scheduler().skip_to_last(day)?;
            self.advance_to(&mut streams, day).await?;
        }
        self.advance_to(&mut streams, to).await
    }

    async fn advance_to(
        &self,
        streams: &mut [StreamSource],
        to: Timestamp,
    ) -> Result<(), PumpError> {
        let clock = self.context.services.clock();
        while let Some(next) = self.next_by_clock()?.filter(|next| *next <= to) {
            if next > clock.now() {
                clock.set(next)?;
            }
            self.settle_now(streams).await?;
        }
        if to > clock.now() {
            clock.set(to)?;
        }
        self.settle_now(streams).await
    }

    async fn settle_now(&self, streams: &mut [StreamSource]) -> Result<(), PumpError> {
        let clock = self.context.services.clock();
        for _ in 0..MOST_SECOND_CHANCES {
            self.fire_schedules()?;
            while self.step(streams, clock.now()).await? {
                self.fire_schedules()?;
            }
            if !self.second_chance().await? {
                return Ok(());
            }
        }
        Err(PumpError::NeverQuiet(self.restless()?))
    }

    /// Lets what failed be tried again now; tells whether there was anything.
    async fn second_chance(&self) -> Result<bool, PumpError> {
        let mut any = false;
        for source in &self.queues {
            any |= self.show_hidden(&source.queue)?;
        }
        // Nobody else holds a delivery while we drive: all of them may be tried.
        let next = self.context.services.deliveries().next_due()?;
        if let Some(next) = next {
            let at = next.saturating_add(LONGEST_BACK_OFF).unwrap_or(next);
            any |= super::delivery::turn(&self.context, &self.wiring, at).await?;
        }
        Ok(any)
    }

    /// Ends the visibility timeout of every message that was received and not deleted.
    fn show_hidden(&self, queue: &str) -> Result<bool, PumpError> {
        let queues = self.context.services.queues();
        let now = self.context.services.clock().now();
        if queues.depth(queue, now)?.in_flight == 0 {
            return Ok(false);
        }
        for message in queues.peek(queue)? {
            if message.receive_count > 0 && message.visible_at > now {
                // Stale would mean someone else received it: then it is not hidden by us.
                queues.change_visibility(queue, &message.receipt, 0, now)?;
            }
        }
        Ok(true)
    }

    /// Which queues still hold something, for the complaint.
    fn restless(&self) -> Result<String, PumpError> {
        let queues = self.context.services.queues();
        let now = self.context.services.clock().now();
        let mut names = Vec::new();
        for source in &self.queues {
            let depth = queues.depth(&source.queue, now)?;
            if depth.visible + depth.in_flight > 0 {
                names.push(source.queue.as_str());
            }
        }
        Ok(names.join(", "))
    }
}
