//! Why a customer is what they are, in words: the rule with its limits, and
//! the facts that met it or missed it.
//!
//! The same words explain an assessment of today and a change kept from long
//! ago: both are a [`Finding`] under the rules it was made by.

mod digits;
mod standing;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Assessment, Group, Health, HealthReason, Rules, Score, Segment, Stage, Subject};
use crate::chronicle::{Change, Facts};

/// What a reason is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AssessmentAspect")]
pub enum Aspect {
    /// The digit of recency.
    R,
    /// The digit of frequency.
    F,
    /// The digit of monetary value.
    M,
    /// The named group.
    Group,
    /// The place in the life cycle.
    Stage,
    /// Whether one of the best.
    Vip,
    /// The word people filter by.
    Segment,
    /// How well things stand.
    Health,
}

/// Why one value is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "AssessmentReason")]
pub struct Reason {
    /// Which value.
    pub what: Aspect,
    /// The value, as text.
    pub value: String,
    /// The rule with its limits.
    pub rule: String,
    /// The facts, held against the limits.
    pub because: String,
}

/// What a customer was found to be on a date, with the facts it followed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The date.
    pub on: Date,
    /// The digits; none without an order.
    pub score: Option<Score>,
    /// The named group; none without an order.
    pub group: Option<Group>,
    /// Place in the life cycle.
    pub stage: Stage,
    /// Whether a VIP by the number of orders.
    pub by_orders: bool,
    /// Whether a VIP by rank.
    pub by_rank: bool,
    /// How well things stood.
    pub health: Health,
    /// What spoke against it.
    pub health_reasons: Vec<HealthReason>,
    /// The facts.
    pub facts: Facts,
}

/// Why a customer was assessed as they were.
///
/// `rules` have to be those the assessment was made by, and the subject the
/// one it was made of.
#[must_use]
pub fn reasons(subject: &Subject<'_>, rules: &Rules<'_>, made: &Assessment) -> Vec<Reason> {
    Finding::of_assessment(subject, rules, made).reasons(rules)
}

impl Finding {
    /// What an assessment found.
    #[must_use]
    pub fn of_assessment(subject: &Subject<'_>, rules: &Rules<'_>, made: &Assessment) -> Self {
        let facts = Facts::of(subject, rules, made.on);
        Self {
            on: made.on,
            score: made.score,
            group: made.group,
            stage: made.stage,
            by_orders: facts.orders >= rules.settings.lifecycle.vip_orders,
            by_rank: made.by_rank,
            health: made.health,
            health_reasons: made.health_reasons.clone(),
            facts,
        }
    }

    /// What a change found. Its digits are made again from its facts.
    #[must_use]
    pub fn of_change(change: &Change, rules: &Rules<'_>) -> Self {
        Self {
            on: change.on,
            score: digits::again(&change.facts, rules, change.on),
            group: change.group,
            stage: change.stage,
            by_orders: change.by_orders,
            by_rank: change.by_rank,
            health: change.health,
            health_reasons: change.health_reasons.clone(),
            facts: change.facts,
        }
    }

    /// Whether a VIP, one way or the other.
    #[must_use]
    pub fn vip(&self) -> bool {
        self.by_orders || self.by_rank
    }

    /// The word people filter by.
    #[must_use]
    pub fn segment(&self) -> Segment {
        Segment::of(self.stage, self.vip())
    }

    /// Why each value is what it is, under the rules it was found by. The
    /// digits and the group have none without a counted order.
    #[must_use]
    pub fn reasons(&self, rules: &Rules<'_>) -> Vec<Reason> {
        let mut reasons = digits::reasons(self, rules);
        reasons.extend([
            standing::stage(self, rules),
            standing::vip(self, rules),
            standing::segment(self),
            standing::health(self, rules),
        ]);
        reasons
    }
}

/// A number of things, in words: `1 unit`, `7 units`.
fn several(count: i64, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {one}{plural}")
}
