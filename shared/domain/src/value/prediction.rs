//! The year ahead of one customer.

use jiff::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::bgnbd::Outlook;
use super::buyer::Buyer;
use super::interval::interval;
use super::{MONTHLY_DISCOUNT, MONTHS, Model, WEEKS_PER_MONTH};

/// What one customer is expected to do in the twelve months after a date.
///
/// Amounts are estimates in the reporting currency, discounted by 1 % a
/// month; a month is 4.345 weeks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// Expected spend: the mean over all that could happen.
    pub value: f64,
    /// Spend that one such customer in ten stays at or below. Most often 0:
    /// many never come back.
    pub low: f64,
    /// Spend that one such customer in ten exceeds. Where nearly all stay
    /// away and few buy much, the mean can lie above it.
    pub high: f64,
    /// Expected purchase days, not discounted.
    pub orders: f64,
    /// Probability that she still buys; none before a repeat purchase, where
    /// the model calls everyone alive.
    pub alive: Option<f64>,
    /// Date by which half of such customers, if they still buy, have bought
    /// again. None before a repeat purchase, when she has more likely stopped
    /// than not, and when it is more than five years away.
    pub next_order_on: Option<Date>,
}

/// Days within which a next order is worth naming: five years.
const FARTHEST_DAYS: f64 = 5.0 * 365.25;
/// Under this probability to buy at all, no date is named.
const LEAST_ALIVE: f64 = 0.5;

impl Model {
    /// Expected spend in the twelve months ahead, discounted month by month:
    /// purchases expected in each month times the expected spend on one.
    #[must_use]
    pub fn value(&self, buyer: &Buyer) -> f64 {
        let months = Months::of(&self.purchases.outlook(buyer));
        months.discounted * self.spend.expected(buyer)
    }

    /// Probability that the customer still buys; none before a repeat
    /// purchase, where the model has no opinion.
    #[must_use]
    pub fn alive(&self, buyer: &Buyer) -> Option<f64> {
        (buyer.repeat_days > 0).then(|| self.purchases.alive(buyer))
    }

    /// Everything the model has to say about the year after `on`, the date
    /// that the buyer was taken for.
    #[must_use]
    pub fn predict(&self, buyer: &Buyer, on: Date) -> Prediction {
        let outlook = self.purchases.outlook(buyer);
        let months = Months::of(&outlook);
        let (low, high) = interval(&outlook, &self.spend, buyer, months.mean_discount());
        Prediction {
            value: months.discounted * self.spend.expected(buyer),
            low,
            high,
            orders: months.expected,
            alive: self.alive(buyer),
            next_order_on: self.next_order_on(buyer, on),
        }
    }

    fn next_order_on(&self, buyer: &Buyer, on: Date) -> Option<Date> {
        self.alive(buyer).filter(|alive| *alive >= LEAST_ALIVE)?;
        let days = (self.purchases.median_wait_weeks(buyer) * 7.0).ceil();
        if days.is_nan() || days > FARTHEST_DAYS {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "a few thousand at most")]
        let days = days as i64;
        on.checked_add(Span::new().days(days)).ok()
    }
}

/// Purchase days of the twelve months together.
struct Months {
    expected: f64,
    discounted: f64,
}

impl Months {
    fn of(outlook: &Outlook) -> Self {
        let mut months = Self {
            expected: 0.0,
            discounted: 0.0,
        };
        let mut discount = 1.0;
        for month in 1..=MONTHS {
            let until = outlook.expected(f64::from(month) * WEEKS_PER_MONTH);
            discount /= 1.0 + MONTHLY_DISCOUNT;
            // A sum that only grows, were it not for rounding.
            months.discounted += (until - months.expected).max(0.0) * discount;
            months.expected = until;
        }
        months
    }

    /// What discounting leaves of a purchase, on average over the year.
    fn mean_discount(&self) -> f64 {
        if self.expected > 0.0 {
            (self.discounted / self.expected).min(1.0)
        } else {
            1.0
        }
    }
}
