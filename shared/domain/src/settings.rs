//! What a store decides for itself: every threshold, with its default.
//!
//! Settings are one document, validated whole, versioned, and readable
//! through the API. An error names the field and the limit.

mod identity;
mod rates;
mod validate;
mod value;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use identity::IdentityLimits;
pub use validate::InvalidSetting;
pub use value::{HealthRules, ReturnAlertRule, RfmMode, Share, VipRule, Years};

use validate::{MOST_AUDIT_DAYS, MOST_DAYS, MOST_ORDER_AGE_HOURS, MOST_ORDERS, check};

use crate::acquisition::{self, ChannelRule};
use crate::calendar::BusinessHours;
use crate::case::FirstResponseTargets;
use crate::field::{self, CustomField, TagRule};
use crate::money::{Amount, Currency};
use crate::order::CannotCount;

/// No version is greater.
pub const LAST_VERSION: u64 = 999_999_999_999;

/// A store's settings. A field left out of a document has its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(description = "A store's settings.")]
pub struct Settings {
    /// Counts changes; 0 is the defaults.
    #[schemars(range(max = LAST_VERSION))]
    pub version: u64,
    /// One currency for all totals; the first shop's, until set.
    pub reporting_currency: Option<Currency>,
    /// IANA name of the zone in which a day begins and ends.
    pub time_zone: String,
    /// Whether orders worth nothing count.
    pub count_zero_value_orders: bool,
    /// Per foreign currency, from which date on which rate converts one unit
    /// into the reporting currency.
    #[schemars(schema_with = "crate::schema::rates")]
    pub fx_rates: BTreeMap<Currency, BTreeMap<Date, Rate>>,
    /// Digits of recency, frequency and monetary value.
    pub rfm: RfmThresholds,
    /// Stages by days and orders.
    pub lifecycle: LifecycleThresholds,
    /// Who is a VIP by rank.
    pub vip: VipRule,
    /// When a customer's health is red or yellow.
    pub health: HealthRules,
    /// When somebody has to look at a customer's returns.
    pub return_alert: ReturnAlertRule,
    /// For how long the simple prediction takes a customer to stay.
    pub lifespan_years: Years,
    /// Whether the cost of goods without one is looked up in the cost table.
    pub cost_table: bool,
    /// Whether a source has told of what kind products are; the first to do so
    /// switches it on.
    pub product_categories: bool,
    /// Which channel won a customer: the first rule that matches.
    #[schemars(length(max = acquisition::MOST_RULES))]
    pub acquisition_channels: Vec<ChannelRule>,
    /// What the store's people may say of a customer beyond what shops tell.
    pub custom_fields: Vec<CustomField>,
    /// What labels of the source's stand for.
    pub tag_labels: Vec<TagRule>,
    /// First-response targets of cases.
    pub first_response: FirstResponseTargets,
    /// When the store answers.
    pub business_hours: BusinessHours,
    /// How much of a kind one person may have and still be joined unasked.
    pub identity: IdentityLimits,
    /// Orders older than this many hours start no workflow.
    #[schemars(range(min = 1, max = MOST_ORDER_AGE_HOURS))]
    pub workflow_max_order_age_hours: u32,
    /// For how many days it is kept who looked at what and changed what.
    #[schemars(range(min = 1, max = MOST_AUDIT_DAYS))]
    pub audit_days: u32,
}

/// An exchange rate: an exact decimal above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Rate(pub Amount);

/// Limits of the RFM digits (DOMAIN section 3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RfmThresholds {
    /// Whether these limits are used, or the place among all customers.
    pub mode: RfmMode,
    /// Most days since the last order for recency 5, 4, 3 and 2.
    #[schemars(inner(range(min = 0, max = MOST_DAYS)))]
    pub recency_days: [i64; 4],
    /// Fewest orders for frequency 2, 3, 4 and 5.
    #[schemars(inner(range(min = 2, max = MOST_ORDERS)))]
    pub frequency_orders: [i64; 4],
    /// Least gross for monetary 2, 3, 4 and 5, in the reporting currency.
    pub monetary_gross: [Amount; 4],
}

impl Default for RfmThresholds {
    fn default() -> Self {
        Self {
            mode: RfmMode::default(),
            recency_days: [30, 90, 180, 365],
            frequency_orders: [2, 3, 6, 10],
            monetary_gross: [100, 250, 500, 1000].map(Amount::whole),
        }
    }
}

/// Limits of the life-cycle stages (DOMAIN section 4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LifecycleThresholds {
    /// Most days since the only order of a new customer.
    #[schemars(range(min = 0, max = MOST_DAYS))]
    pub new_days: i64,
    /// Most days since the last order of an active customer.
    #[schemars(range(min = 0, max = MOST_DAYS))]
    pub active_days: i64,
    /// Most days since the last order before a customer has lapsed.
    #[schemars(range(min = 0, max = MOST_DAYS))]
    pub at_risk_days: i64,
    /// Fewest counted orders that make a VIP.
    #[schemars(range(min = 2, max = MOST_ORDERS))]
    pub vip_orders: i64,
}

impl Default for LifecycleThresholds {
    fn default() -> Self {
        Self {
            new_days: 30,
            active_days: 90,
            at_risk_days: 180,
            vip_orders: 5,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            version: 0,
            reporting_currency: None,
            time_zone: "UTC".to_owned(),
            count_zero_value_orders: false,
            fx_rates: BTreeMap::new(),
            rfm: RfmThresholds::default(),
            lifecycle: LifecycleThresholds::default(),
            vip: VipRule::default(),
            health: HealthRules::default(),
            return_alert: ReturnAlertRule::default(),
            lifespan_years: Years(Amount::from_decimal(Decimal::new(32, 1))),
            cost_table: false,
            product_categories: false,
            acquisition_channels: acquisition::defaults(),
            custom_fields: field::defaults(),
            tag_labels: TagRule::defaults(),
            first_response: FirstResponseTargets::default(),
            business_hours: BusinessHours::default(),
            identity: IdentityLimits::default(),
            workflow_max_order_age_hours: 48,
            audit_days: 365,
        }
    }
}

impl Settings {
    /// The store's zone. Validation has seen that it exists.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// The calendar date of an instant in the store's zone.
    #[must_use]
    pub fn date_of(&self, at: Timestamp) -> Date {
        self.zone().to_datetime(at).date()
    }

    /// The instant at which a date begins in the store's zone.
    #[must_use]
    pub fn start_of(&self, date: Date) -> Timestamp {
        let begins = date.to_zoned(self.zone());
        begins.map_or(Timestamp::MAX, |begins| begins.timestamp())
    }

    /// An amount in the reporting currency, converted by the rate that was
    /// in force on the date of `at` (DOMAIN section 1).
    ///
    /// # Errors
    ///
    /// [`CannotCount`] when there is no rate for that date; never a guess.
    pub fn reporting_amount(
        &self,
        amount: Amount,
        currency: Currency,
        at: Timestamp,
    ) -> Result<Amount, CannotCount> {
        let to = self.reporting_currency.unwrap_or(currency);
        if currency == to {
            return Ok(amount);
        }
        let on = self.date_of(at);
        let from = currency;
        let rate = self
            .rate(from, on)
            .map(Rate::decimal)
            .ok_or(CannotCount::NoRate { from, to, on })?;
        Ok(amount.converted(rate)?)
    }
}

impl Rate {
    /// The rate as a decimal.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        self.0.decimal()
    }
}
