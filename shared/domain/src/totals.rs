//! What a customer's orders come to: running sums and a purchase history.
//!
//! Zero-value orders are summed beside the others, so whether they count is
//! a matter of reading ([`Totals::view`]): changing that setting rewrites
//! nothing.

mod margin;
mod rates;

use std::ops::{AddAssign, SubAssign};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::history::History;
use crate::money::Amount;
use crate::order::{Channel, Contribution, Origin};

pub use margin::Margin;
pub use rates::ReturnRates;

/// Sums over counted orders. Amounts in the reporting currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sums {
    /// Counted orders.
    #[serde(rename = "n", default)]
    pub orders: i64,
    /// Merchandise sold.
    #[serde(rename = "g", default)]
    pub gross: Amount,
    /// Merchandise given back.
    #[serde(rename = "r", default)]
    pub refunded: Amount,
    /// Units bought.
    #[serde(rename = "b", default)]
    pub units_bought: i64,
    /// Units that came back.
    #[serde(rename = "u", default)]
    pub units_returned: i64,
    /// Return documents.
    #[serde(rename = "d", default)]
    pub return_documents: i64,
    /// Cost of the goods that stayed sold, as far as it is known.
    #[serde(rename = "c", default, skip_serializing_if = "Amount::is_zero_ref")]
    pub cost: Amount,
    /// Part of the gross whose cost is known.
    #[serde(rename = "k", default, skip_serializing_if = "Amount::is_zero_ref")]
    pub covered: Amount,
    /// Units that stayed sold whose cost is unknown.
    #[serde(rename = "x", default, skip_serializing_if = "is_zero")]
    pub uncovered: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(count: &i64) -> bool {
    *count == 0
}

impl Sums {
    /// Gross less what was given back.
    #[must_use]
    pub fn net(&self) -> Amount {
        self.gross - self.refunded
    }

    fn is_zero(&self) -> bool {
        *self == Self::default()
    }
}

impl From<&Contribution> for Sums {
    fn from(one: &Contribution) -> Self {
        Self {
            orders: 1,
            gross: one.gross,
            refunded: one.refunded,
            units_bought: one.units_bought,
            units_returned: one.units_returned,
            return_documents: one.return_documents,
            cost: one.cost,
            covered: one.covered,
            uncovered: one.uncovered,
        }
    }
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.orders += other.orders;
        self.gross += other.gross;
        self.refunded += other.refunded;
        self.units_bought += other.units_bought;
        self.units_returned += other.units_returned;
        self.return_documents += other.return_documents;
        self.cost += other.cost;
        self.covered += other.covered;
        self.uncovered += other.uncovered;
    }
}

impl SubAssign for Sums {
    fn sub_assign(&mut self, other: Self) {
        self.orders -= other.orders;
        self.gross -= other.gross;
        self.refunded -= other.refunded;
        self.units_bought -= other.units_bought;
        self.units_returned -= other.units_returned;
        self.return_documents -= other.return_documents;
        self.cost -= other.cost;
        self.covered -= other.covered;
        self.uncovered -= other.uncovered;
    }
}

/// All that is summed for a node, or for a person over its nodes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Orders worth something, and returns that name no order.
    #[serde(rename = "s", default, skip_serializing_if = "Sums::is_zero")]
    valued: Sums,
    /// Orders worth nothing.
    #[serde(rename = "z", default, skip_serializing_if = "Sums::is_zero")]
    zero: Sums,
    /// When, and for how much.
    #[serde(rename = "h", default, skip_serializing_if = "History::is_empty")]
    history: History,
}

/// Totals as one store's settings read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct View {
    /// The sums.
    pub sums: Sums,
    /// First and last counted order.
    pub span: Option<(Timestamp, Timestamp)>,
}

impl Totals {
    /// Puts the parts together that an item holds them in.
    #[must_use]
    pub fn of_parts(valued: Sums, zero: Sums, history: History) -> Self {
        Self {
            valued,
            zero,
            history,
        }
    }

    /// Replaces what an order counted for by what it counts for now.
    pub fn replace(&mut self, before: Option<&Contribution>, after: Option<&Contribution>) {
        if before == after {
            return;
        }
        if let Some(gone) = before {
            *self.side(gone) -= gone.into();
            let origin = gone.origin.as_ref();
            self.history.remove_from(gone.placed_at, gone.gross, origin);
        }
        if let Some(new) = after {
            *self.side(new) += new.into();
            let origin = new.origin.as_ref();
            self.history.add_from(new.placed_at, new.gross, origin);
        }
    }

    fn side(&mut self, contribution: &Contribution) -> &mut Sums {
        if contribution.gross.is_zero() {
            &mut self.zero
        } else {
            &mut self.valued
        }
    }

    /// Replaces what a return without an order counted for.
    pub fn replace_loose_return(
        &mut self,
        before: Option<(Amount, i64)>,
        after: Option<(Amount, i64)>,
    ) {
        let sums = |(refunded, units): (Amount, i64)| Sums {
            refunded,
            units_returned: units,
            return_documents: 1,
            ..Sums::default()
        };
        if let Some(gone) = before {
            self.valued -= sums(gone);
        }
        if let Some(new) = after {
            self.valued += sums(new);
        }
    }

    /// Adds another node's totals: one person's nodes are summed so.
    pub fn absorb(&mut self, other: &Self) {
        self.valued += other.valued;
        self.zero += other.zero;
        self.history.absorb(&other.history);
    }

    /// The totals with or without zero-value orders.
    #[must_use]
    pub fn view(&self, count_zero_value: bool) -> View {
        let mut sums = self.valued;
        if count_zero_value {
            sums += self.zero;
        }
        let span = self.history.span(count_zero_value);
        View { sums, span }
    }

    /// How the first counted order came about, as far as it is known: from
    /// there the customer was won (DOMAIN section 6).
    #[must_use]
    pub fn origin(&self, count_zero_value: bool) -> Option<&Origin> {
        self.history.origin(count_zero_value)
    }

    /// Whether everything was bought at market places.
    #[must_use]
    pub fn is_marketplace_only(&self) -> bool {
        let origin = Origin::sale(Channel::Marketplace);
        self.history.is_only_from(&origin)
    }

    /// When and for how much.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }
}
