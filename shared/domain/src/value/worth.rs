//! What a customer is worth, past and to come: everything that changes from
//! day to day and is therefore computed when it is read (DOMAIN section 6).

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Buyer, Predictor, orders_per_year, simple};
use crate::acquisition::won_by;
use crate::money::Amount;
use crate::segment::{Rules, Subject};
use crate::totals::Margin;

/// A customer's worth on a date. Amounts in the reporting currency.
#[derive(Debug, Clone, PartialEq)]
pub struct Worth {
    /// Merchandise sold.
    pub gross: Amount,
    /// Less what was given back.
    pub net: Amount,
    /// Gross of an order; none without one.
    pub average_order_value: Option<Amount>,
    /// Net less the cost of the goods, where that is known.
    pub margin: Margin,
    /// Counted orders a year; none on the day of the first.
    pub orders_per_year: Option<Decimal>,
    /// The simple estimate; none before the first order.
    pub simple: Option<Amount>,
    /// What the model looks at; none before the first order.
    pub buyer: Option<Buyer>,
    /// Spend the model expects in twelve months; none before the first order.
    pub model: Option<f64>,
    /// Probability that the customer still buys, by the model; none before a
    /// repeat purchase.
    pub alive: Option<f64>,
    /// Which of the two predictions is the better one for this store.
    pub predictor: Predictor,
    /// The channel that won the customer: as somebody said, else that of the
    /// first counted order; none without either.
    pub channel: Option<String>,
}

impl Worth {
    /// What a customer is worth on a date, by the settings and the model.
    #[must_use]
    pub fn of(subject: &Subject<'_>, rules: &Rules<'_>, on: Date) -> Self {
        let settings = rules.settings;
        let totals = subject.totals;
        let view = totals.view(settings.count_zero_value_orders);
        let sums = &view.sums;
        let first = view.span.filter(|_| sums.orders > 0);
        let first = first.map(|(first, _)| settings.date_of(first));
        let buyer = first.and_then(|_| Buyer::of(totals.history(), settings, on));
        let model = &rules.cutoffs.model;
        Self {
            gross: sums.gross,
            net: sums.net(),
            average_order_value: sums.average_order_value(),
            margin: sums.margin(),
            orders_per_year: first.and_then(|first| orders_per_year(sums.orders, first, on)),
            simple: first.and_then(|first| simple(sums.gross, first, on, settings)),
            model: buyer.as_ref().map(|buyer| model.value(buyer)),
            alive: buyer.as_ref().and_then(|buyer| model.alive(buyer)),
            buyer,
            predictor: rules.cutoffs.predictor,
            channel: won_by(subject, settings),
        }
    }
}
