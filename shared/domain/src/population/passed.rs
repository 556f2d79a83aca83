//! Who passes a cut-off when new ones come into force, and what that makes of
//! the figures that were counted by the old ones.

use serde::{Deserialize, Serialize};

use super::snapshot::Snapshot;
use super::tally::Tally;
use crate::segment::{Segment, Stage};

/// What a customer adds to the figures: kept of those near a cut-off.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    pub(super) tally: Tally,
    pub(super) stage: Stage,
    /// Whether a VIP by orders, whatever the rank.
    pub(super) by_orders: bool,
}

/// Those who became VIPs by rank, and those who are none any more.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Passed {
    up: Side,
    down: Side,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Side {
    customers: u64,
    /// By stage, those to whom it makes a difference.
    stages: [Tally; Stage::ALL.len()],
}

impl Passed {
    /// Somebody who is a VIP by rank from now on, or is one no longer.
    pub fn add(&mut self, one: &Counted, by_rank: bool) {
        let side = if by_rank {
            &mut self.up
        } else {
            &mut self.down
        };
        side.customers += 1;
        if !one.by_orders {
            super::measure::at(&mut side.stages, &Stage::ALL, &one.stage).absorb(&one.tally);
        }
    }

    /// All of `other` too.
    pub fn absorb(&mut self, other: &Self) {
        for (own, other) in [(&mut self.up, &other.up), (&mut self.down, &other.down)] {
            own.customers += other.customers;
            for (tally, other) in own.stages.iter_mut().zip(&other.stages) {
                tally.absorb(other);
            }
        }
    }
}

impl Snapshot {
    /// These figures with those who passed the cut-offs they led to.
    #[must_use]
    pub fn with(mut self, passed: &Passed) -> Self {
        self.counted_by = self.cutoffs.version;
        self.vips_by_rank += passed.up.customers;
        self.vips_by_rank = self.vips_by_rank.saturating_sub(passed.down.customers);
        for (place, stage) in Stage::ALL.into_iter().enumerate() {
            let [plain, vip] = [false, true].map(|vip| Segment::of(stage, vip).name());
            let up = passed.up.stages[place].figures();
            let down = passed.down.stages[place].figures();
            self.vips.plus(&up);
            self.vips.minus(&down);
            for (from, to, who) in [(plain, vip, &up), (vip, plain, &down)] {
                self.segments.entry(from.to_owned()).or_default().minus(who);
                self.segments.entry(to.to_owned()).or_default().plus(who);
            }
        }
        self
    }
}
