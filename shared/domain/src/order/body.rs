//! The body of an order, as the newest delivery tells it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Terms;
use crate::money::{Amount, AmountError, Currency};

/// What a source says of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderBody {
    /// The number people use, such as `#1001`.
    pub name: String,
    /// When it was placed: `processed_at`, else `created_at`.
    pub placed_at: Timestamp,
    /// How far it is paid.
    pub financial_status: FinancialStatus,
    /// Whether it is to be paid later by agreement.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_payment_terms: bool,
    /// What was agreed, where the source tells. Boxed: few orders have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Box<Terms>>,
    /// When it was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_at: Option<Timestamp>,
    /// Whether it only tests the shop.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_test: bool,
    /// Whether the source says that everything was sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fulfilled: bool,
    /// Where it was sold.
    pub channel: Channel,
    /// Currency of all amounts here: the shop's.
    pub currency: Currency,
    /// What was bought.
    pub lines: Vec<Line>,
    /// How the customer came, where the source knows.
    #[serde(default, skip_serializing_if = "Acquisition::is_empty")]
    pub acquisition: Acquisition,
    /// The source's labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// How far an order is paid.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FinancialStatus {
    /// Not paid yet.
    Pending,
    /// The payment is reserved.
    Authorized,
    /// Paid in part.
    PartiallyPaid,
    /// Paid.
    Paid,
    /// Paid, then refunded in part.
    PartiallyRefunded,
    /// Paid, then refunded.
    Refunded,
    /// The reservation was given up.
    Voided,
    /// The reservation lapsed.
    Expired,
}

/// Where an order was sold (DOMAIN section 2).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "OrderChannel")]
pub enum Channel {
    /// The online shop.
    Web,
    /// A till.
    Pos,
    /// A business customer's order.
    Wholesale,
    /// Someone else's market place.
    Marketplace,
    /// Brought in from books of the past.
    Import,
}

/// One line of an order. Amounts are in the order's currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The line's id at the source, where it has one.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The product's id at the source, where it has one.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// What it is called.
    #[serde(rename = "t", default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Units, as ordered.
    #[serde(rename = "q")]
    pub quantity: i64,
    /// Price of a unit before discounts.
    #[serde(rename = "u")]
    pub unit_price: Amount,
    /// What a unit cost the shop, where the source tells.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub unit_cost: Option<Amount>,
    /// Discounts allocated to the line.
    #[serde(rename = "d", default, skip_serializing_if = "Amount::is_zero_ref")]
    pub discount: Amount,
    /// Tax included in the prices.
    #[serde(rename = "x", default, skip_serializing_if = "Amount::is_zero_ref")]
    pub tax_included: Amount,
    /// Whether it sells a gift card, which is money, not merchandise.
    #[serde(rename = "g", default, skip_serializing_if = "std::ops::Not::not")]
    pub is_gift_card: bool,
}

impl Line {
    /// Price x quantity - discounts - included tax.
    ///
    /// # Errors
    ///
    /// [`AmountError`] when it cannot be held exactly.
    pub fn gross(&self) -> Result<Amount, AmountError> {
        Ok(self.unit_price.times(self.quantity)? - self.discount - self.tax_included)
    }
}

/// How a customer came to an order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Acquisition {
    /// `utm_source` of the landing page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utm_source: Option<String>,
    /// `utm_medium` of the landing page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utm_medium: Option<String>,
    /// Host of the page that linked to the shop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referring_host: Option<String>,
}

impl Acquisition {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl OrderBody {
    /// Takes out every text that may name who bought.
    pub(super) fn redact(&mut self) {
        let Self {
            name,
            lines,
            tags,
            placed_at: _,
            financial_status: _,
            has_payment_terms: _,
            terms: _,
            cancelled_at: _,
            is_test: _,
            fulfilled: _,
            channel: _,
            currency: _,
            acquisition: _,
        } = self;
        name.clear();
        tags.clear();
        for line in lines.iter_mut().filter(|line| line.product.is_none()) {
            line.title.clear();
        }
    }

    /// Whether the order was called off, one way or another.
    #[must_use]
    pub fn is_called_off(&self) -> bool {
        let given_up = matches!(
            self.financial_status,
            FinancialStatus::Voided | FinancialStatus::Expired
        );
        self.cancelled_at.is_some() || given_up
    }

    /// Whether the order counts in every metric, its value left aside
    /// (DOMAIN section 2).
    #[must_use]
    pub fn counts(&self) -> bool {
        let agreed = self.financial_status != FinancialStatus::Pending || self.has_payment_terms;
        agreed && !self.is_called_off() && !self.is_test
    }

    /// Price x quantity - discounts - included tax over the merchandise, in
    /// the order's currency.
    ///
    /// # Errors
    ///
    /// [`AmountError`] when it cannot be held exactly.
    pub fn gross(&self) -> Result<Amount, AmountError> {
        let mut gross = Amount::ZERO;
        for line in self.merchandise() {
            gross += line.gross()?;
        }
        Ok(gross)
    }

    /// The lines that sell goods.
    pub fn merchandise(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| !line.is_gift_card)
    }
}
