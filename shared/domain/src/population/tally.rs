//! Sums over some of the customers.

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};
use serde::{Deserialize, Serialize};

use super::Figures;
use crate::money::Amount;
use crate::totals::Sums;

/// Millionths: predictions are summed in whole ones, so that no order of
/// adding changes a digit.
const MILLIONTHS: f64 = 1e6;
/// Beyond this a prediction is no estimate any more.
const MOST_PREDICTED: f64 = 1e18;

/// Sums that are the same however they came together.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Tally {
    pub(super) customers: u64,
    orders: i64,
    gross: Amount,
    refunded: Amount,
    covered: Amount,
    margin: Amount,
    margin_known_of: u64,
    predicted: i128,
}

impl Tally {
    /// One customer with these sums and this predicted value.
    pub(super) fn of(sums: &Sums, predicted: f64) -> Self {
        let margin = sums.margin().value;
        let predicted = predicted.clamp(-MOST_PREDICTED, MOST_PREDICTED);
        Self {
            customers: 1,
            orders: sums.orders,
            gross: sums.gross,
            refunded: sums.refunded,
            covered: sums.covered,
            margin: margin.unwrap_or_default(),
            margin_known_of: u64::from(margin.is_some()),
            predicted: (predicted * MILLIONTHS).round().to_i128().unwrap_or(0),
        }
    }

    pub(super) fn absorb(&mut self, other: &Self) {
        self.customers += other.customers;
        self.orders += other.orders;
        self.gross += other.gross;
        self.refunded += other.refunded;
        self.covered += other.covered;
        self.margin += other.margin;
        self.margin_known_of += other.margin_known_of;
        self.predicted += other.predicted;
    }

    pub(super) fn figures(&self) -> Figures {
        let predicted = Decimal::from_i128(self.predicted).unwrap_or(Decimal::MAX);
        Figures {
            customers: self.customers,
            orders: self.orders,
            gross: self.gross,
            refunded: self.refunded,
            covered: self.covered,
            margin: self.margin,
            margin_known_of: self.margin_known_of,
            predicted: Amount::from_decimal(predicted / Decimal::from(1_000_000)),
        }
    }
}
