//! What a customer was found to be, as it is kept.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Group, Health, HealthReason, Score, Segment, Stage};

/// What a customer is, on a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// The date, in the store's zone.
    pub on: Date,
    /// Recency, frequency and monetary digits; none without an order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
    /// The named group of the score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
    /// Since when the group has been that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_since: Option<Date>,
    /// The best group there ever was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_group: Option<Group>,
    /// Place in the life cycle.
    pub stage: Stage,
    /// Whether one of the best: by orders, or by rank.
    pub vip: bool,
    /// Whether a VIP by rank: decides which cut-off holds the next time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_rank: bool,
    /// The one word people filter by.
    pub segment: Segment,
    /// How well things stand.
    #[serde(default)]
    pub health: Health,
    /// What speaks against it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub health_reasons: Vec<HealthReason>,
    /// Whether so much came back that somebody has to look, and has not
    /// become much less since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub return_alert: bool,
    /// First date on which time alone would change any of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_change_on: Option<Date>,
    /// When to look again: at the next change, or at an earlier date set
    /// before, which is cheaper to leave than to move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake_on: Option<Date>,
    /// Version of the rules it was made by.
    pub rules: u32,
    /// Version of the settings it was made by.
    pub settings: u64,
    /// Version of the population's cut-offs it was made by.
    #[serde(default)]
    pub cutoffs: u64,
    /// Version of the list of named segments it was made by.
    #[serde(default, skip_serializing_if = "is_none")]
    pub named: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_none(version: &u64) -> bool {
    *version == 0
}

impl Assessment {
    /// This assessment, for somebody who turned out to be another too: the
    /// later date stands, and so does the best group of both, and a rank one
    /// of them had.
    #[must_use]
    pub fn joined_with(mut self, other: &Self) -> Self {
        self.on = self.on.max(other.on);
        self.by_rank |= other.by_rank;
        self.return_alert |= other.return_alert;
        let groups = self.best_group.into_iter().chain(other.best_group);
        self.best_group = groups.max_by_key(|group| group.standing());
        self
    }

    /// This assessment, for somebody who is no longer also another: what has
    /// a say in the next evaluation is what it was before they were joined,
    /// or nothing where that is not known.
    #[must_use]
    pub fn remembering(mut self, before: Option<&Self>) -> Self {
        self.by_rank = before.is_some_and(|before| before.by_rank);
        self.return_alert = before.is_some_and(|before| before.return_alert);
        self.best_group = before.and_then(|before| before.best_group);
        self
    }

    /// Whether nothing but the date and the versions of settings and
    /// cut-offs tells the two apart.
    #[must_use]
    pub fn is_as_good_as(&self, other: &Self) -> bool {
        self.says_the_same(other)
            && self.best_group == other.best_group
            && self.next_change_on == other.next_change_on
            && self.wake_on == other.wake_on
            && self.rules == other.rules
    }

    /// Whether people would see a difference between the two.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.score == other.score
            && self.group == other.group
            && self.stage == other.stage
            && self.vip == other.vip
            && self.by_rank == other.by_rank
            && self.health == other.health
            && self.health_reasons == other.health_reasons
            && self.return_alert == other.return_alert
    }
}
