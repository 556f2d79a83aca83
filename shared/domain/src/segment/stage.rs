//! Where a customer stands in the life cycle, and the word to filter by.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::settings::LifecycleThresholds;

/// Exactly one place in the life cycle (DOMAIN section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Stage {
    /// No counted order.
    Prospect,
    /// One order, not long ago.
    New,
    /// One order, some time ago.
    #[serde(rename = "Single-order")]
    SingleOrder,
    /// Several orders, the last not long ago.
    Active,
    /// Several orders, the last some time ago.
    #[serde(rename = "At-Risk")]
    AtRisk,
    /// The last order is long ago.
    Lapsed,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 6] = [
        Self::Prospect,
        Self::New,
        Self::SingleOrder,
        Self::Active,
        Self::AtRisk,
        Self::Lapsed,
    ];

    /// The word itself, such as `At-Risk`.
    #[must_use]
    pub fn name(self) -> &'static str {
        Segment::of(self, false).name()
    }

    /// The stage for days since the last counted order and their number.
    #[must_use]
    #[inline]
    pub fn of(limits: &LifecycleThresholds, recency_days: Option<i64>, orders: i64) -> Self {
        let Some(days) = recency_days.filter(|_| orders > 0) else {
            return Self::Prospect;
        };
        if days > limits.at_risk_days {
            return Self::Lapsed;
        }
        match orders {
            1 if days <= limits.new_days => Self::New,
            1 => Self::SingleOrder,
            _ if days <= limits.active_days => Self::Active,
            _ => Self::AtRisk,
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The one word people filter by: the stage, or VIP for one of the best who
/// is around.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Segment {
    /// One of the best, and around.
    #[serde(rename = "VIP")]
    Vip,
    /// [`Stage::Prospect`].
    Prospect,
    /// [`Stage::New`].
    New,
    /// [`Stage::SingleOrder`].
    #[serde(rename = "Single-order")]
    SingleOrder,
    /// [`Stage::Active`].
    Active,
    /// [`Stage::AtRisk`].
    #[serde(rename = "At-Risk")]
    AtRisk,
    /// [`Stage::Lapsed`].
    Lapsed,
}

impl Segment {
    /// Every segment.
    pub const ALL: [Self; 7] = [
        Self::Vip,
        Self::Prospect,
        Self::New,
        Self::SingleOrder,
        Self::Active,
        Self::AtRisk,
        Self::Lapsed,
    ];

    /// The segment of a stage and the VIP mark.
    #[must_use]
    pub fn of(stage: Stage, vip: bool) -> Self {
        match stage {
            Stage::New | Stage::Active if vip => Self::Vip,
            Stage::Prospect => Self::Prospect,
            Stage::New => Self::New,
            Stage::SingleOrder => Self::SingleOrder,
            Stage::Active => Self::Active,
            Stage::AtRisk => Self::AtRisk,
            Stage::Lapsed => Self::Lapsed,
        }
    }

    /// The word itself, such as `At-Risk`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Vip => "VIP",
            Self::Prospect => "Prospect",
            Self::New => "New",
            Self::SingleOrder => "Single-order",
            Self::Active => "Active",
            Self::AtRisk => "At-Risk",
            Self::Lapsed => "Lapsed",
        }
    }

    /// The segment of that name, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|segment| segment.name().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
