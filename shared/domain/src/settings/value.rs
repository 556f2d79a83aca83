//! Rules about a customer's value and well-being, and their defaults.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{InvalidSetting, check};
use crate::money::Amount;

/// A share of a whole: an exact decimal from 0 to 1, such as `0.15`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Share(pub Amount);

/// A number of years: an exact decimal, such as `3.2`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Years(pub Amount);

impl Share {
    /// So many hundredths.
    #[must_use]
    pub fn percent(hundredths: i64) -> Self {
        Self(Amount::from_decimal(rust_decimal::Decimal::new(
            hundredths, 2,
        )))
    }

    /// Whether `part` of `whole` is more than this share; never of nothing.
    #[must_use]
    pub fn is_exceeded_by(self, part: i64, whole: i64) -> bool {
        whole > 0 && Amount::whole(part).decimal() > self.of(whole)
    }

    /// Whether `part` of `whole` is less than this share.
    #[must_use]
    pub fn is_missed_by(self, part: i64, whole: i64) -> bool {
        whole <= 0 || Amount::whole(part).decimal() < self.of(whole)
    }

    fn of(self, whole: i64) -> rust_decimal::Decimal {
        self.0.decimal() * Amount::whole(whole).decimal()
    }

    fn within(self, least: i64, most: i64) -> bool {
        Self::percent(least) <= self && self <= Self::percent(most)
    }
}

/// From what a digit of recency, frequency or monetary value is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RfmMode {
    /// From the limits of the settings.
    #[default]
    Thresholds,
    /// From the customer's place among all, in fifths, as the last nightly
    /// pass found them; from the limits until there was one.
    Quintiles,
}

/// Who is a VIP by rank (DOMAIN section 4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct VipRule {
    /// Share of customers, best by net value first, that become VIP.
    pub enter_share: Share,
    /// Share within which a VIP stays one.
    pub keep_share: Share,
    /// Below so many customers nobody is VIP by rank.
    #[schemars(range(min = LEAST_BASE, max = MOST))]
    pub least_base: i64,
}

impl Default for VipRule {
    fn default() -> Self {
        Self {
            enter_share: Share::percent(10),
            keep_share: Share::percent(15),
            least_base: 50,
        }
    }
}

/// When a customer's health is red or yellow (DOMAIN section 5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HealthRules {
    /// Fewest units bought for the return rate to mean anything.
    #[schemars(range(min = 1, max = MOST))]
    pub least_units: i64,
    /// Above this share of units returned: red.
    pub red_return_rate: Share,
    /// Above this share of units returned: yellow.
    pub yellow_return_rate: Share,
    /// From so many open cases: red.
    #[schemars(range(min = 1, max = MOST))]
    pub red_open_cases: i64,
    /// From so many open cases: yellow.
    #[schemars(range(min = 1, max = MOST))]
    pub yellow_open_cases: i64,
    /// From so many cases opened lately: red.
    #[schemars(range(min = 1, max = MOST))]
    pub red_recent_cases: i64,
    /// How many days back lately goes.
    #[schemars(range(min = 1, max = MOST_DAYS))]
    pub recent_case_days: i64,
    /// An invoice late by more days than this: red; late at all: yellow.
    #[schemars(range(min = 1, max = MOST_DAYS))]
    pub red_overdue_days: i64,
}

impl Default for HealthRules {
    fn default() -> Self {
        Self {
            least_units: 5,
            red_return_rate: Share::percent(30),
            yellow_return_rate: Share::percent(20),
            red_open_cases: 2,
            yellow_open_cases: 1,
            red_recent_cases: 3,
            recent_case_days: 30,
            red_overdue_days: 15,
        }
    }
}

/// When somebody has to look at what a customer sends back (DOMAIN
/// section 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReturnAlertRule {
    /// Above this share of units returned it fires.
    pub rate: Share,
    /// Below this share it may fire again.
    pub rearm_below: Share,
    /// Fewest counted orders.
    #[schemars(range(min = 1, max = MOST))]
    pub least_orders: i64,
    /// Fewest units bought.
    #[schemars(range(min = 1, max = MOST))]
    pub least_units: i64,
}

impl Default for ReturnAlertRule {
    fn default() -> Self {
        Self {
            rate: Share::percent(30),
            rearm_below: Share::percent(25),
            least_orders: 3,
            least_units: 5,
        }
    }
}

/// Fewest customers that are ranked.
const LEAST_BASE: i64 = 10;
/// Most cases, units or orders that a rule may ask for.
const MOST: i64 = 1_000_000;
/// Most days a rule may look back or forward: ten years.
const MOST_DAYS: i64 = 3_653;

impl VipRule {
    pub(super) fn validate(&self) -> Result<(), InvalidSetting> {
        let entering = self.enter_share.within(1, 50);
        check(entering, "vip.enter_share", "must be from 0.01 to 0.5")?;
        check(
            self.enter_share <= self.keep_share && self.keep_share.within(1, 100),
            "vip.keep_share",
            "must be from vip.enter_share to 1",
        )?;
        let base = (LEAST_BASE..=MOST).contains(&self.least_base);
        check(
            base,
            "vip.least_base",
            "must be from 10 to 1000000 customers",
        )
    }
}

impl HealthRules {
    pub(super) fn validate(&self) -> Result<(), InvalidSetting> {
        let count = |value: i64, field: &str| {
            let fine = (1..=MOST).contains(&value);
            check(fine, field, "must be from 1 to 1000000")
        };
        count(self.least_units, "health.least_units")?;
        count(self.yellow_open_cases, "health.yellow_open_cases")?;
        count(self.red_recent_cases, "health.red_recent_cases")?;
        check(
            self.yellow_open_cases <= self.red_open_cases && self.red_open_cases <= MOST,
            "health.red_open_cases",
            "must be from health.yellow_open_cases to 1000000",
        )?;
        let yellow = self.yellow_return_rate.within(0, 100);
        check(yellow, "health.yellow_return_rate", "must be from 0 to 1")?;
        check(
            self.yellow_return_rate <= self.red_return_rate && self.red_return_rate.within(0, 100),
            "health.red_return_rate",
            "must be from health.yellow_return_rate to 1",
        )?;
        let days = |value: i64| (1..=MOST_DAYS).contains(&value);
        let problem = "must be from 1 to 3653 days";
        check(
            days(self.recent_case_days),
            "health.recent_case_days",
            problem,
        )?;
        check(
            days(self.red_overdue_days),
            "health.red_overdue_days",
            problem,
        )
    }
}

impl ReturnAlertRule {
    pub(super) fn validate(&self) -> Result<(), InvalidSetting> {
        check(
            self.rate.within(1, 100),
            "return_alert.rate",
            "must be from 0.01 to 1",
        )?;
        check(
            self.rearm_below <= self.rate && self.rearm_below.within(0, 100),
            "return_alert.rearm_below",
            "must be from 0 to return_alert.rate",
        )?;
        for (value, field) in [
            (self.least_orders, "return_alert.least_orders"),
            (self.least_units, "return_alert.least_units"),
        ] {
            check(
                (1..=MOST).contains(&value),
                field,
                "must be from 1 to 1000000",
            )?;
        }
        Ok(())
    }
}

impl Years {
    pub(super) fn validate(self, field: &str) -> Result<(), InvalidSetting> {
        let fine = self.0 > Amount::ZERO && self.0 <= Amount::whole(50);
        check(fine, field, "must be above 0 and at most 50 years")
    }
}
