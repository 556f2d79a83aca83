//! The import format as whoever brings books of the past in writes it.

use crm_domain::money::{Amount, Currency};
use crm_domain::order::FinancialStatus;
use jiff::Timestamp;
use serde::Serialize;

/// Body of `orders/create`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportOrder {
    /// The order's id at the source; the same id is the same order.
    pub id: String,
    /// The number people use; the id when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Who bought, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<ImportCustomer>,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// Currency of its amounts.
    pub currency: Currency,
    /// How far it is paid; paid when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub financial_status: Option<FinancialStatus>,
    /// What was bought.
    pub lines: Vec<ImportLine>,
    /// When the record changed last: a later one replaces an earlier one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

/// One line of an [`ImportOrder`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportLine {
    /// The product's id at the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Units.
    pub quantity: i64,
    /// Price of a unit before discounts.
    pub unit_price: Amount,
    /// What a unit cost the shop, not negative, in the order's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_cost: Option<Amount>,
    /// Discount on the line.
    #[serde(skip_serializing_if = "Amount::is_zero_ref")]
    pub discount: Amount,
}

/// Who bought. `Debug` prints nothing of it.
#[derive(Clone, PartialEq, Eq, Default, Serialize)]
pub struct ImportCustomer {
    /// The customer's id at the source; a guest has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

impl std::fmt::Debug for ImportCustomer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ImportCustomer(…)")
    }
}

/// Body of `returns/create`: a return that names its customer but no order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportReturn {
    /// The document's id at the source.
    pub id: String,
    /// Whose it is, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<ImportCustomer>,
    /// When it was booked.
    pub returned_at: Timestamp,
    /// Currency of the amount.
    pub currency: Currency,
    /// Merchandise given back, not negative.
    pub amount: Amount,
    /// Units that came back, not negative.
    pub units: i64,
    /// When the record changed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}
