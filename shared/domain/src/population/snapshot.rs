//! The figures of a day: what everyone together came to, as one pass found.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Cutoffs;
use crate::money::Amount;
use crate::value::BackTest;

/// Averages are kept to so many decimals.
const DECIMALS: u32 = 6;

/// What a pass found. Amounts in the reporting currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Population")]
pub struct Snapshot {
    /// The date.
    pub on: Date,
    /// Version of the settings.
    pub settings: u64,
    /// The limits that follow, with the models.
    pub cutoffs: Cutoffs,
    /// Version of the limits by which VIPs and segments were counted: those
    /// that follow, once the pass has brought them to everyone.
    #[serde(default)]
    pub counted_by: u64,
    /// Everyone.
    pub all: Figures,
    /// Everyone who ordered.
    pub buyers: Figures,
    /// Those among them who are ranked.
    pub ranked: u64,
    /// Those who ordered first in the last twelve months.
    pub recent: Figures,
    /// VIPs, by orders or by rank.
    pub vips: Figures,
    /// VIPs by rank.
    pub vips_by_rank: u64,
    /// By segment.
    pub segments: BTreeMap<String, Figures>,
    /// By group.
    pub groups: BTreeMap<String, Figures>,
    /// By stage.
    pub stages: BTreeMap<String, Figures>,
    /// By health.
    pub health: BTreeMap<String, Figures>,
    /// By the channel of the first order.
    pub channels: BTreeMap<String, Figures>,
    /// By the quarter of the first order, such as `2026-Q1`.
    pub quarters: BTreeMap<String, Figures>,
    /// The store's first counted order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_order_on: Option<Date>,
    /// What the models came to when they were compared last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_test: Option<BackTest>,
    /// When that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_tested_on: Option<Date>,
    /// By channel, then by month of the first order, such as `2026-03`:
    /// customers.
    #[serde(default)]
    pub acquired: BTreeMap<String, BTreeMap<String, u64>>,
}

/// Sums over some of the customers. Amounts in the reporting currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Figures {
    /// Customers.
    pub customers: u64,
    /// Counted orders.
    pub orders: i64,
    /// Merchandise sold.
    pub gross: Amount,
    /// Merchandise given back.
    pub refunded: Amount,
    /// Gross of what has a known cost.
    pub covered: Amount,
    /// Gross margin of those customers for whom it is known.
    pub margin: Amount,
    /// How many these are.
    pub margin_known_of: u64,
    /// What they are expected to bring in the next twelve months, by the
    /// predictor that was nearer in the last back-test; an estimate.
    pub predicted: Amount,
}

/// Figures by channel.
#[derive(Debug, Default)]
pub(super) struct Acquired {
    pub(super) channels: BTreeMap<String, Figures>,
    pub(super) by_month: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Figures {
    pub(super) fn plus(&mut self, other: &Self) {
        self.customers += other.customers;
        self.orders += other.orders;
        self.gross += other.gross;
        self.refunded += other.refunded;
        self.covered += other.covered;
        self.margin += other.margin;
        self.margin_known_of += other.margin_known_of;
        self.predicted += other.predicted;
    }

    pub(super) fn minus(&mut self, other: &Self) {
        self.customers = self.customers.saturating_sub(other.customers);
        self.orders -= other.orders;
        self.gross -= other.gross;
        self.refunded -= other.refunded;
        self.covered -= other.covered;
        self.margin -= other.margin;
        self.margin_known_of = self.margin_known_of.saturating_sub(other.margin_known_of);
        self.predicted -= other.predicted;
    }

    /// Gross less what was given back.
    #[must_use]
    pub fn net(&self) -> Amount {
        self.gross - self.refunded
    }

    /// Gross of an order; none without orders.
    #[must_use]
    pub fn average_order_value(&self) -> Option<Amount> {
        ratio(self.gross, Decimal::from(self.orders))
    }

    /// Gross of a customer.
    #[must_use]
    pub fn average_gross(&self) -> Option<Amount> {
        self.a_customer(self.gross)
    }

    /// Net of a customer.
    #[must_use]
    pub fn average_net(&self) -> Option<Amount> {
        self.a_customer(self.net())
    }

    /// Orders of a customer.
    #[must_use]
    pub fn average_orders(&self) -> Option<Amount> {
        self.a_customer(Amount::whole(self.orders))
    }

    /// Predicted value of a customer.
    #[must_use]
    pub fn average_predicted(&self) -> Option<Amount> {
        self.a_customer(self.predicted)
    }

    fn a_customer(&self, sum: Amount) -> Option<Amount> {
        ratio(sum, Decimal::from(self.customers))
    }
}

fn ratio(sum: Amount, of: Decimal) -> Option<Amount> {
    let exact = sum.decimal().checked_div(of)?;
    let kept = exact.round_dp_with_strategy(DECIMALS, RoundingStrategy::MidpointNearestEven);
    Some(Amount::from_decimal(kept))
}
