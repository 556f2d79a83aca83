//! What the goods of an order cost the shop (DOMAIN section 6).
//!
//! A cost is that of the sale. It comes with the line, or is kept from the
//! shop's table of costs when the product is first seen on the order; neither
//! a later table nor a later return changes it.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Line, Order, OrderBody};
use crate::money::{Amount, AmountError};

/// What a product costs the shop from which date on, in the reporting
/// currency.
pub type DatedCosts = BTreeMap<Date, Amount>;

/// The goods of an order and their cost, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Cost {
    /// Of lines that told their cost, in the order's currency.
    pub(super) told: Amount,
    /// Of lines that have theirs from the table, in the reporting currency.
    pub(super) from_table: Amount,
    /// Gross of the lines of which no unit is of unknown cost, in the order's
    /// currency.
    pub(super) covered: Amount,
    /// Units of unknown cost.
    pub(super) uncovered: i64,
}

/// The cost in force on a date: the latest that began by then.
#[must_use]
pub fn cost_on(costs: &DatedCosts, on: Date) -> Option<Amount> {
    costs.range(..=on).next_back().map(|(_, cost)| *cost)
}

impl Order {
    /// The products whose cost neither their lines tell nor the order keeps
    /// from the table of costs.
    pub fn products_without_cost(&self) -> impl Iterator<Item = &str> {
        let body = self.body.as_ref().map(|(_, body)| body);
        let open = body.into_iter().flat_map(OrderBody::products_without_cost);
        open.filter(|product| !self.table_costs.contains_key(*product))
    }

    /// Keeps for good what `cost_of` tells of the products without a cost. A
    /// product that it knows no cost of stays without.
    pub fn keep_costs(&mut self, cost_of: impl Fn(&str) -> Option<Amount>) {
        let told = |product: &str| Some((product.to_owned(), cost_of(product)?));
        let costs: Vec<_> = self.products_without_cost().filter_map(told).collect();
        self.table_costs.extend(costs);
    }

    /// What the goods that stayed sold cost. Units that were cancelled before
    /// they were sent, or came back fit to be sold again, cost nothing,
    /// whether their cost is known or not.
    pub(super) fn cost(&self, body: &OrderBody) -> Result<Cost, AmountError> {
        let mut cost = Cost::default();
        for line in body.merchandise() {
            let units = self.units_given_away(line);
            let kept = line.product.as_ref().and_then(|p| self.table_costs.get(p));
            match (line.unit_cost, kept) {
                (Some(told), _) => cost.told += told.times(units)?,
                (None, Some(kept)) => cost.from_table += kept.times(units)?,
                (None, None) if units > 0 => {
                    cost.uncovered += units;
                    continue;
                }
                (None, None) => {}
            }
            cost.covered += line.gross()?;
        }
        Ok(cost)
    }

    /// Units of a line that the shop no longer has.
    fn units_given_away(&self, line: &Line) -> i64 {
        let Some(id) = &line.id else {
            return line.quantity;
        };
        let refunds = self.refunds.values();
        let back = refunds.filter_map(|refund| refund.back_in_stock.get(id));
        (line.quantity - back.sum::<i64>()).max(0)
    }
}

impl OrderBody {
    /// The products of goods that came without their cost.
    pub fn products_without_cost(&self) -> impl Iterator<Item = &str> {
        let open = self.merchandise().filter(|line| line.unit_cost.is_none());
        open.filter_map(|line| line.product.as_deref())
    }
}
