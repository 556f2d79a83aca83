//! What an order adds to its customer (DOMAIN sections 1 and 2).

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Order, OrderBody, Origin, Unpaid};
use crate::money::{Amount, AmountError, Currency};
use crate::settings::Settings;

/// One counted order's part of a customer's totals, in the reporting
/// currency. A zero-value order has one too; whether it counts is decided
/// where totals are read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Contribution {
    /// The order's instant.
    #[serde(rename = "at")]
    pub placed_at: Timestamp,
    /// Merchandise at the sale.
    #[serde(rename = "g")]
    pub gross: Amount,
    /// Merchandise given back.
    #[serde(rename = "r", default, skip_serializing_if = "Amount::is_zero_ref")]
    pub refunded: Amount,
    /// Units bought, those cancelled before sending taken off.
    #[serde(rename = "b")]
    pub units_bought: i64,
    /// Units that came back.
    #[serde(rename = "u", default, skip_serializing_if = "is_zero")]
    pub units_returned: i64,
    /// Return documents.
    #[serde(rename = "d", default, skip_serializing_if = "is_zero")]
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
    /// What is open of it, where it is to be paid later.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub unpaid: Option<Unpaid>,
    /// How the order came about.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(count: &i64) -> bool {
    *count == 0
}

/// Why an order cannot be counted now. It is kept and may be tried again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotCount {
    /// The settings have no exchange rate for the order's currency and date.
    #[error("no exchange rate from {from} to {to} on {on}: add one to the setting fx_rates")]
    NoRate {
        /// The order's currency.
        from: Currency,
        /// The reporting currency.
        to: Currency,
        /// The order's date.
        on: Date,
    },
    /// Its amounts cannot be held exactly.
    #[error("the order's lines: {0}")]
    Amount(#[from] AmountError),
}

impl Order {
    /// What the order adds to its customer's totals; nothing while it is a
    /// stub or does not count.
    ///
    /// # Errors
    ///
    /// [`CannotCount`].
    pub fn contribution(&self, settings: &Settings) -> Result<Option<Contribution>, CannotCount> {
        let Some((_, body)) = self.body.as_ref().filter(|(_, body)| body.counts()) else {
            return Ok(None);
        };
        let convert = |amount| settings.reporting_amount(amount, body.currency, body.placed_at);
        let cost = self.cost(body)?;
        Ok(Some(Contribution {
            placed_at: body.placed_at,
            gross: convert(body.gross()?)?,
            refunded: convert(self.refunded())?,
            units_bought: self.units_bought(),
            units_returned: self.units_returned(),
            return_documents: self.return_documents(),
            cost: convert(cost.told)? + cost.from_table,
            covered: convert(cost.covered)?,
            uncovered: cost.uncovered,
            unpaid: unpaid(body, settings)?,
            origin: self.origin(),
        }))
    }

    /// Merchandise given back, in the order's currency, each refund once.
    #[must_use]
    pub fn refunded(&self) -> Amount {
        self.refunds.values().map(|refund| refund.amount).sum()
    }

    /// Units sold: those ordered without gift cards and without units that
    /// were cancelled before they were sent.
    #[must_use]
    pub fn units_bought(&self) -> i64 {
        let Some((_, body)) = &self.body else {
            return 0;
        };
        let ordered: i64 = body.merchandise().map(|line| line.quantity).sum();
        let cancelled: i64 = self.refunds.values().map(|r| r.units_cancelled).sum();
        (ordered - cancelled).max(0)
    }
}

/// What is open of an order, by the date on which it has to be paid. What is
/// worth nothing owes nothing: whether it counts is decided elsewhere.
fn unpaid(body: &OrderBody, settings: &Settings) -> Result<Option<Unpaid>, CannotCount> {
    let Some(terms) = body
        .open_terms()
        .filter(|_| body.gross().is_ok_and(|g| !g.is_zero()))
    else {
        return Ok(None);
    };
    let placed_on = settings.date_of(body.placed_at);
    let days = |days| Span::new().try_days(days).ok();
    let agreed = terms.days.and_then(days);
    let agreed = agreed.and_then(|days| placed_on.checked_add(days).ok());
    let told = terms.due_at.map(|at| settings.date_of(at));
    let amount = settings.reporting_amount(terms.outstanding, body.currency, body.placed_at)?;
    Ok(Some(Unpaid {
        amount,
        due_on: told.or(agreed),
    }))
}
