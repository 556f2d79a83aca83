//! What is open of an order that is to be paid later (DOMAIN section 10).

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{FinancialStatus, OrderBody};
use crate::money::Amount;

/// What was agreed about paying an order later, and what is open of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Terms {
    /// Days until it has to be paid, where that is how it was agreed.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub days: Option<i64>,
    /// When it has to be paid, as far as the source knows: of several
    /// payments the first that is open.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// What is not paid yet, tax and shipping included, in the order's
    /// currency.
    #[serde(rename = "o")]
    pub outstanding: Amount,
}

/// An unpaid bill, in the reporting currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unpaid {
    /// What is open of it.
    #[serde(rename = "a")]
    pub amount: Amount,
    /// The date by which it had to be paid, where one is known.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<Date>,
}

impl OrderBody {
    /// What is open of it by agreement; nothing once it is paid, given back
    /// or called off, nor of what does not count.
    #[must_use]
    pub fn open_terms(&self) -> Option<&Terms> {
        let unpaid = matches!(
            self.financial_status,
            FinancialStatus::Pending | FinancialStatus::PartiallyPaid
        );
        let terms = self.terms.as_deref().filter(|_| unpaid && self.counts());
        terms.filter(|terms| !terms.outstanding.is_zero() && !terms.outstanding.is_negative())
    }
}
