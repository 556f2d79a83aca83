//! What a customer will be worth over the next year, and how sure that is
//! (DOMAIN section 6).
//!
//! Two answers. The *simple estimate* ([`simple`]) carries the past on at the
//! same pace. The *model* ([`Model`]) knows that people stop buying: BG/NBD
//! for when they buy (Fader, Hardie and Lee, *"Counting Your Customers" the
//! Easy Way*, Marketing Science 24(2), 2005) and gamma-gamma for how much
//! (Fader and Hardie, *The Gamma-Gamma Model of Monetary Value*, 2013).
//! [`BackTesting`] tells which of the two was nearer to what came.
//!
//! Units: rates and times of the model are in weeks; a [`Buyer`] counts days.
//! Amounts are floats here and nowhere else: these are estimates.

mod average;
mod backtest;
mod bgnbd;
mod buyer;
mod buyers;
mod fit;
mod grouped;
mod interval;
mod prediction;
mod simple;
mod spend;
mod worth;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use backtest::{BackTest, BackTesting, Predictor, back_test_window};
pub use bgnbd::BgNbd;
pub use buyer::Buyer;
pub use buyers::{Buyers, Sample};
pub use prediction::Prediction;
pub use simple::{orders_per_year, simple, year_ahead};
pub use spend::GammaGamma;
pub use worth::Worth;

/// Fewest buyers a model is fitted to; under that its prior is used.
pub const LEAST_BUYERS: usize = 500;
/// Fewest buyers with money spent on a repeat purchase that the three
/// parameters of spend are fitted to.
pub const LEAST_SPENDERS: u32 = 50;
/// Largest parameter a fit may end with: beyond, the likelihood is running
/// away along a ridge and the parameters mean nothing.
pub const LARGEST_PARAMETER: f64 = 1000.0;
/// Weeks of a month, as the references count them.
pub const WEEKS_PER_MONTH: f64 = 4.345;
/// What a month's wait takes off the worth of money.
pub const MONTHLY_DISCOUNT: f64 = 0.01;
/// How far a prediction looks ahead.
pub const MONTHS: u32 = 12;

/// Where parameters come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ValueModelBasis")]
pub enum Basis {
    /// Maximum likelihood over the store's own buyers.
    Fitted,
    /// The published estimates, because the store's own could not be had.
    Prior(PriorReason),
}

/// Why a store has no parameters of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PriorReason {
    /// Under [`LEAST_BUYERS`], or for spend under [`LEAST_SPENDERS`].
    TooFewBuyers,
    /// The likelihood has no finite maximum: a parameter not finite or beyond
    /// [`LARGEST_PARAMETER`], or spend without a mean (`q <= 1`).
    Degenerate,
}

/// When a store's customers buy and how much they spend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ValueModel")]
pub struct Model {
    /// Purchases and giving up.
    pub purchases: BgNbd,
    /// Where the parameters of purchases come from.
    pub purchases_basis: Basis,
    /// Spend on a purchase day.
    pub spend: GammaGamma,
    /// Where the parameters of spend come from.
    pub spend_basis: Basis,
    /// Customers with a purchase that the model has seen.
    pub buyers: u64,
    /// Those of them who came back.
    pub repeat_buyers: u64,
    /// Log-likelihood of the purchases, where they were fitted.
    pub log_likelihood: Option<f64>,
}

impl Model {
    /// The published estimates: what a store without a fit goes by.
    pub const PRIOR: Self = Self {
        purchases: BgNbd::PRIOR,
        purchases_basis: Basis::Prior(PriorReason::TooFewBuyers),
        spend: GammaGamma::PRIOR,
        spend_basis: Basis::Prior(PriorReason::TooFewBuyers),
        buyers: 0,
        repeat_buyers: 0,
        log_likelihood: None,
    };
}

impl Default for Model {
    fn default() -> Self {
        Self::PRIOR
    }
}
