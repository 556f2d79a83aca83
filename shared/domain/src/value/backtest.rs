//! Which prediction to trust: both are asked about a time that has passed.

use jiff::Span;
use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Model;
use super::buyer::{Tally, float, purchases, weeks};
use super::buyers::Buyers;
use super::simple::carried_on;
use crate::history::History;
use crate::money::Amount;
use crate::settings::Settings;

/// Most days held back.
const LONGEST_WINDOW_DAYS: i64 = 365;
/// Fewest days that say anything.
const SHORTEST_WINDOW_DAYS: i64 = 56;

/// How many days to hold back: a year, or half of what there is since the
/// store's first order; none below eight weeks.
#[must_use]
pub fn back_test_window(first_ever: Date, on: Date) -> Option<i64> {
    let span = i64::from((on - first_ever).get_days());
    let window = (span / 2).min(LONGEST_WINDOW_DAYS);
    (window >= SHORTEST_WINDOW_DAYS).then_some(window)
}

/// A way to predict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ValuePredictor")]
pub enum Predictor {
    /// The past carried on.
    #[default]
    Simple,
    /// BG/NBD and gamma-gamma.
    Model,
}

/// What the two predictions came to, beside what was bought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BackTest {
    /// Last date of what they were allowed to know.
    pub cut: Date,
    /// Days after it that they had to predict.
    pub window_days: i64,
    /// Customers who had bought by the cut.
    pub customers: u64,
    /// What these bought in the window, gross.
    pub actual: Amount,
    /// Simple prediction by actual: 1 is right, 2 is twice too much.
    pub simple: f64,
    /// The model's prediction by actual.
    pub model: f64,
    /// Which was nearer, by factors: half is as far off as double.
    pub better: Predictor,
}

/// A back-test under way: customers one by one, in any order and in any
/// number of parts.
///
/// Holds 16 bytes a customer: what the model must know of all before it can
/// be fitted.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct BackTesting {
    window: Option<Window>,
    known: Buyers,
    actual: Amount,
    simple: Amount,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Window {
    cut: Date,
    days: i64,
}

impl BackTesting {
    /// Takes in one customer, with the last `window_days` up to and with `on`
    /// held back. Who first bought in the window is left out: nobody could
    /// have predicted her. All calls of one test name the same window.
    pub fn add(&mut self, history: &History, settings: &Settings, on: Date, window_days: i64) {
        let Ok(cut) = on.checked_sub(Span::new().days(window_days)) else {
            return;
        };
        let mut held_back = Amount::ZERO;
        let known = purchases(history, settings).filter(|(date, gross)| {
            if *date > cut && *date <= on {
                held_back += *gross;
            }
            *date <= cut
        });
        let Some(tally) = Tally::of(known) else {
            return;
        };
        self.window = Some(Window {
            cut,
            days: window_days,
        });
        self.known.add(tally.buyer(cut));
        self.actual += held_back;
        let days = Decimal::from(window_days);
        // An estimate beyond all amounts is left out rather than the customer.
        self.simple += carried_on(tally.gross, tally.first, cut, days).unwrap_or_default();
    }

    /// All of `other` added to this: two parts of one store.
    pub fn absorb(&mut self, other: Self) {
        self.window = self.window.or(other.window);
        self.known.absorb(other.known);
        self.actual += other.actual;
        self.simple += other.simple;
    }

    /// Fits the model to what was known at the cut and compares. None where
    /// there is nothing to compare with: nobody bought before, or in, the
    /// window.
    #[must_use]
    pub fn finish(mut self) -> Option<BackTest> {
        let Window { cut, days } = self.window?;
        let actual = float(self.actual);
        if actual <= 0.0 {
            return None;
        }
        self.known.sort();
        let window = u32::try_from(days).map_or(0.0, weeks);
        let predicted = total(&self.known, &self.known.fit(), window);
        let (simple, model) = (float(self.simple) / actual, predicted / actual);
        let better = if model.ln().abs() < simple.ln().abs() {
            Predictor::Model
        } else {
            Predictor::Simple
        };
        Some(BackTest {
            cut,
            window_days: days,
            customers: self.known.len() as u64,
            actual: self.actual,
            simple,
            model,
            better,
        })
    }
}

/// Expected spend of all of them in so many weeks, not discounted. They are
/// sorted, so that purchases of equal histories are worked out once.
fn total(buyers: &Buyers, model: &Model, window: f64) -> f64 {
    let mut sum = 0.0;
    let mut latest = None;
    for buyer in buyers.iter() {
        let known = latest.filter(|(history, _)| *history == buyer.history());
        let (history, purchases) = known.unwrap_or_else(|| {
            let purchases = model.purchases.expected(&buyer, window);
            (buyer.history(), purchases)
        });
        latest = Some((history, purchases));
        sum += purchases * model.spend.expected(&buyer);
    }
    sum
}
