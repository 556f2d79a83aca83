//! What the model needs of one customer: three whole numbers and a mean.

use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;

use crate::history::History;
use crate::money::Amount;
use crate::settings::Settings;

/// One customer's purchases as the model counts them, up to a date.
///
/// A purchase is a *day* with at least one counted order, in the store's
/// zone: two orders on one day are one decision to buy.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Buyer {
    /// Purchase days after the first.
    pub repeat_days: u32,
    /// Days from the first to the latest purchase.
    pub recency_days: u32,
    /// Days from the first purchase to the date of the question.
    pub age_days: u32,
    /// Mean gross of a repeat purchase day; 0 without one.
    pub mean_repeat: f64,
}

impl Buyer {
    /// The customer as of the end of `on`; none who had not bought by then.
    /// Later purchases are left out.
    #[must_use]
    pub fn of(history: &History, settings: &Settings, on: Date) -> Option<Self> {
        let until = purchases(history, settings).take_while(|(date, _)| *date <= on);
        Tally::of(until).map(|tally| tally.buyer(on))
    }

    /// All that the model of purchases looks at.
    pub(super) fn history(&self) -> (u32, u32, u32) {
        let recency = self.recency_days.min(self.age_days);
        (self.repeat_days, recency, self.age_days)
    }

    /// Repeat purchase days as the formulas take them.
    pub(super) fn repeats(&self) -> f64 {
        f64::from(self.repeat_days)
    }

    /// Weeks from the first to the latest purchase, never beyond the age.
    pub(super) fn recency_weeks(&self) -> f64 {
        weeks(self.recency_days.min(self.age_days))
    }

    /// Weeks since the first purchase.
    pub(super) fn age_weeks(&self) -> f64 {
        weeks(self.age_days)
    }

    /// Mean spend within what the formulas can bear: no shop sells for more
    /// than amounts can hold, and less than nothing is nothing.
    pub(super) fn mean_spend(&self) -> f64 {
        if self.repeat_days == 0 || self.mean_repeat.is_nan() {
            return 0.0;
        }
        self.mean_repeat.clamp(0.0, 1e15)
    }
}

/// Days in weeks.
pub(super) fn weeks(days: u32) -> f64 {
    f64::from(days) / 7.0
}

/// Date and gross of every instant with a counted order, earliest first.
pub(super) fn purchases(
    history: &History,
    settings: &Settings,
) -> impl Iterator<Item = (Date, Amount)> {
    // Looked up once: by name it costs more than all the rest.
    let zone = settings.zone();
    let count_zero_value = settings.count_zero_value_orders;
    history
        .entries()
        .filter(move |(_, bought)| bought.orders(count_zero_value) > 0)
        .map(move |(at, bought)| (zone.to_datetime(at).date(), bought.gross))
}

/// Purchases of one customer, counted by day.
pub(super) struct Tally {
    /// The first purchase day.
    pub first: Date,
    /// Gross of everything counted.
    pub gross: Amount,
    last: Date,
    repeat_days: u32,
    repeat_gross: Amount,
}

impl Tally {
    /// Counts purchases that come earliest first; none of none.
    pub fn of(mut purchases: impl Iterator<Item = (Date, Amount)>) -> Option<Self> {
        let (first, gross) = purchases.next()?;
        let mut tally = Self {
            first,
            gross,
            last: first,
            repeat_days: 0,
            repeat_gross: Amount::ZERO,
        };
        purchases.for_each(|(date, gross)| tally.add(date, gross));
        Some(tally)
    }

    fn add(&mut self, date: Date, gross: Amount) {
        self.gross += gross;
        if date > self.last {
            self.last = date;
            self.repeat_days += 1;
        }
        if self.repeat_days > 0 {
            self.repeat_gross += gross;
        }
    }

    /// What the model needs of them, as of `on`.
    pub fn buyer(&self, on: Date) -> Buyer {
        let gross = float(self.repeat_gross);
        Buyer {
            repeat_days: self.repeat_days,
            recency_days: days_between(self.first, self.last),
            age_days: days_between(self.first, on),
            mean_repeat: gross / f64::from(self.repeat_days.max(1)),
        }
    }
}

/// Whole days from one date to a later one; 0 to an earlier one.
pub(super) fn days_between(from: Date, to: Date) -> u32 {
    u32::try_from((to - from).get_days()).unwrap_or(0)
}

/// An exact amount as an estimate takes it.
pub(super) fn float(amount: Amount) -> f64 {
    amount.decimal().to_f64().unwrap_or(0.0)
}
