//! An order in a few fields, for lists.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Channel, FinancialStatus, Order, OrderStatus};
use crate::identity::ExternalId;
use crate::money::{Amount, Currency};
use crate::returns::{Resolution, ReturnStatus};

/// What a list of orders shows. Amounts in the order's own currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderSummary {
    /// The source's id of it.
    pub id: ExternalId,
    /// The number people use.
    pub name: String,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When something happened to it last; none in a summary of before this
    /// was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_at: Option<Timestamp>,
    /// Where it stands.
    pub status: OrderStatus,
    /// How far it is paid.
    pub financial_status: FinancialStatus,
    /// Where it was sold.
    pub channel: Channel,
    /// Whether it is in the totals (a zero-value one if the setting says so).
    pub counted: bool,
    /// Its currency.
    pub currency: Currency,
    /// Merchandise sold.
    pub gross: Amount,
    /// Merchandise given back.
    pub refunded: Amount,
    /// Units bought.
    pub units: i64,
    /// Units that came back.
    pub units_returned: i64,
    /// Days until it has to be paid, where that was agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms_days: Option<i64>,
    /// Its returns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub returns: Vec<ReturnSummary>,
}

/// What a list of returns shows: a return document, or where a shop keeps none
/// a refund of returned goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnSummary {
    /// The source's id of it.
    pub id: String,
    /// Where it stands; none of a refund.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ReturnStatus>,
    /// Units that count as returned.
    pub units: i64,
    /// The first reason given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How it was settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
    /// When it was made, of a refund.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// What was given back, of a refund.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refunded: Option<Amount>,
}

impl Order {
    /// The order in a few fields; none while it is a stub.
    #[must_use]
    pub fn summary(&self) -> Option<OrderSummary> {
        let (_, body) = self.body.as_ref()?;
        Some(OrderSummary {
            id: self.id.clone(),
            name: body.name.clone(),
            placed_at: body.placed_at,
            last_at: self.happenings().into_iter().map(|one| one.at).max(),
            status: self.status(),
            financial_status: body.financial_status,
            channel: body.channel,
            counted: self.counted.is_some(),
            currency: body.currency,
            gross: body.gross().unwrap_or_default(),
            refunded: self.refunded(),
            units: self.units_bought(),
            units_returned: self.units_returned(),
            terms_days: body.terms.as_ref().and_then(|terms| terms.days),
            returns: self.return_summaries(),
        })
    }
}
