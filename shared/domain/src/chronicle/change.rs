//! One change, and what it followed from.

use jiff::civil::Date;
use schemars::JsonSchema;

use crate::money::Amount;
use crate::segment::{Assessment, Group, Health, HealthReason, Rules, Stage, Subject};
use crate::settings::RfmMode;

/// What made somebody look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// Something happened to the customer.
    Event,
    /// A date came.
    Time,
    /// The settings were changed.
    Settings,
    /// The pass over everyone.
    Pass,
}

/// Why a customer is something else than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ChangeCause")]
pub enum Cause {
    /// An order, a return, a case: something that happened.
    Event,
    /// Time alone.
    Time,
    /// Other settings.
    Settings,
    /// Other customers: the cut-offs moved.
    Population,
}

/// The facts of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, JsonSchema)]
#[schemars(rename = "AssessmentFacts")]
pub struct Facts {
    /// Days since the last counted order; none without one.
    pub recency_days: Option<i64>,
    /// Counted orders.
    pub orders: i64,
    /// Their gross.
    pub gross: Amount,
    /// Less what was given back.
    pub net: Amount,
    /// Units bought.
    pub units_bought: i64,
    /// Units that came back.
    pub units_returned: i64,
    /// Cases that were open.
    pub open_cases: i64,
    /// Cases opened lately.
    pub recent_cases: i64,
}

/// What a customer became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// From this date on.
    pub on: Date,
    /// Why.
    pub cause: Cause,
    /// Named group; none without an order.
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
    /// Version of the rules.
    pub rules: u32,
    /// Version of the settings.
    pub settings: u64,
    /// Version of the population's cut-offs.
    pub cutoffs: u64,
}

impl Facts {
    /// The facts of a customer as the settings read them on a date.
    #[must_use]
    pub fn of(subject: &Subject<'_>, rules: &Rules<'_>, on: Date) -> Self {
        let settings = rules.settings;
        let view = subject.totals.view(settings.count_zero_value_orders);
        let last = view.span.map(|(_, last)| settings.date_of(last));
        Self {
            recency_days: last.map(|last| i64::from((on - last).get_days()).max(0)),
            orders: view.sums.orders,
            gross: view.sums.gross,
            net: view.sums.net(),
            units_bought: view.sums.units_bought,
            units_returned: view.sums.units_returned,
            open_cases: subject.care.open_cases(),
            recent_cases: subject.care.recent_cases(settings, on),
        }
    }
}

impl Change {
    /// What `now` tells of a customer, who was `before`.
    #[must_use]
    pub fn of(
        subject: &Subject<'_>,
        rules: &Rules<'_>,
        before: Option<&Assessment>,
        now: &Assessment,
        trigger: Trigger,
    ) -> Self {
        let facts = Facts::of(subject, rules, now.on);
        Self {
            on: now.on,
            cause: cause(rules, before, now, trigger),
            group: now.group,
            stage: now.stage,
            by_orders: facts.orders >= rules.settings.lifecycle.vip_orders,
            by_rank: now.by_rank,
            health: now.health,
            health_reasons: now.health_reasons.clone(),
            facts,
            rules: now.rules,
            settings: now.settings,
            cutoffs: now.cutoffs,
        }
    }

    /// Whether a VIP, one way or the other.
    #[must_use]
    pub fn vip(&self) -> bool {
        self.by_orders || self.by_rank
    }

    /// Whether the customer is the same after both.
    #[must_use]
    pub fn is_the_same_as(&self, other: &Self) -> bool {
        self.group == other.group
            && self.stage == other.stage
            && self.by_orders == other.by_orders
            && self.by_rank == other.by_rank
            && self.health == other.health
            && self.health_reasons == other.health_reasons
    }
}

/// A pass finds what time did and was missed, and what the cut-offs do.
fn cause(
    rules: &Rules<'_>,
    before: Option<&Assessment>,
    now: &Assessment,
    trigger: Trigger,
) -> Cause {
    match trigger {
        Trigger::Event => Cause::Event,
        Trigger::Time => Cause::Time,
        Trigger::Settings => Cause::Settings,
        Trigger::Pass => {
            let by_rank = before.is_some_and(|before| before.by_rank);
            let by_place = rules.settings.rfm.mode == RfmMode::Quintiles;
            let moved = by_place && before.is_some_and(|before| before.group != now.group);
            if by_rank != now.by_rank || moved {
                Cause::Population
            } else {
                Cause::Time
            }
        }
    }
}
