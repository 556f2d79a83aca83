//! How well things stand with a customer: green, yellow or red, and why
//! (DOMAIN section 5).

use std::fmt;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Stage;
use crate::care::Care;
use crate::settings::Settings;
use crate::totals::Sums;

/// How well things stand, worst last.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
pub enum Health {
    /// Nothing speaks against it.
    #[default]
    Green,
    /// Something to keep an eye on.
    Yellow,
    /// Somebody should act.
    Red,
}

/// One thing that speaks against a customer's health.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum HealthReason {
    /// Red: too many units came back.
    HighReturnRate,
    /// Red: several cases are open.
    ManyOpenCases,
    /// Red: several cases were opened lately.
    ManyRecentCases,
    /// Red: the customer is lost.
    Lapsed,
    /// Red: a bill is long overdue.
    LongOverdue,
    /// Yellow: many units came back.
    RaisedReturnRate,
    /// Yellow: a case is open.
    OpenCase,
    /// Yellow: the customer is about to be lost.
    AtRisk,
    /// Yellow: a bill is overdue.
    Overdue,
}

impl Health {
    /// Every level, best first.
    pub const ALL: [Self; 3] = [Self::Green, Self::Yellow, Self::Red];

    /// The word itself.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Green => "Green",
            Self::Yellow => "Yellow",
            Self::Red => "Red",
        }
    }

    /// What its worst reason makes of it.
    #[must_use]
    pub fn of(reasons: &[HealthReason]) -> Self {
        let levels = reasons.iter().map(|reason| reason.level());
        levels.max().unwrap_or_default()
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl HealthReason {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::HighReturnRate,
        Self::ManyOpenCases,
        Self::ManyRecentCases,
        Self::Lapsed,
        Self::LongOverdue,
        Self::RaisedReturnRate,
        Self::OpenCase,
        Self::AtRisk,
        Self::Overdue,
    ];

    /// How bad it is.
    #[must_use]
    pub fn level(self) -> Health {
        match self {
            Self::HighReturnRate
            | Self::ManyOpenCases
            | Self::ManyRecentCases
            | Self::Lapsed
            | Self::LongOverdue => Health::Red,
            Self::RaisedReturnRate | Self::OpenCase | Self::AtRisk | Self::Overdue => {
                Health::Yellow
            }
        }
    }

    /// All that speaks against a customer on a date, of two degrees of one
    /// thing the worse.
    pub(super) fn all(
        sums: &Sums,
        care: &Care,
        stage: Stage,
        settings: &Settings,
        on: Date,
    ) -> Vec<Self> {
        let rules = &settings.health;
        let (returned, bought) = (sums.units_returned, sums.units_bought);
        let enough = bought >= rules.least_units;
        let open = care.open_cases();
        let late = care.overdue_days(on);
        let first = |reasons: [(bool, Self); 2]| {
            let mut reasons = reasons.into_iter();
            reasons.find_map(|(holds, reason)| holds.then_some(reason))
        };
        [
            first([
                (
                    enough && rules.red_return_rate.is_exceeded_by(returned, bought),
                    Self::HighReturnRate,
                ),
                (
                    enough && rules.yellow_return_rate.is_exceeded_by(returned, bought),
                    Self::RaisedReturnRate,
                ),
            ]),
            first([
                (open >= rules.red_open_cases, Self::ManyOpenCases),
                (open >= rules.yellow_open_cases, Self::OpenCase),
            ]),
            (care.recent_cases(settings, on) >= rules.red_recent_cases)
                .then_some(Self::ManyRecentCases),
            first([
                (stage == Stage::Lapsed, Self::Lapsed),
                (stage == Stage::AtRisk, Self::AtRisk),
            ]),
            first([
                (late > rules.red_overdue_days, Self::LongOverdue),
                (late > 0, Self::Overdue),
            ]),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
