//! What a shop tells of a sale.

use anyhow::Result;
use crm_sources::{Delivery, Dialect};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// When the stories begin.
#[must_use]
pub fn noon() -> Timestamp {
    Timestamp::from_second(1_772_452_800).expect("a time in March 2026")
}

/// A paid order.
#[derive(Debug, Clone)]
pub struct Sale {
    number: u32,
    shop: &'static str,
    customer: &'static str,
    email: Option<&'static str>,
    first_name: &'static str,
    placed_at: Timestamp,
}

impl Sale {
    /// Ada buys something at noon in the shop `main`.
    #[must_use]
    pub fn to_ada(number: u32) -> Self {
        Self {
            number,
            shop: "main",
            customer: "ada",
            email: Some("ada@example.com"),
            first_name: "Ada",
            placed_at: noon(),
        }
    }

    /// It was this long ago.
    #[must_use]
    pub fn ago(mut self, hours: i64) -> Self {
        self.placed_at = noon() - SignedDuration::from_hours(hours);
        self
    }

    /// It was in another shop.
    #[must_use]
    pub fn at(mut self, shop: &'static str) -> Self {
        self.shop = shop;
        self
    }

    /// The customer gave another address.
    #[must_use]
    pub fn reached_at(mut self, email: &'static str) -> Self {
        self.email = Some(email);
        self
    }

    /// The customer gave no address.
    #[must_use]
    pub fn without_address(mut self) -> Self {
        self.email = None;
        self
    }

    /// The order's id.
    #[must_use]
    pub fn id(&self) -> String {
        format!("lamps:{}:{}", self.shop, self.number)
    }

    pub(super) fn delivery(&self, received_at: Timestamp) -> Result<Delivery> {
        let customer: u32 = self.customer.bytes().map(u32::from).sum();
        let body = json!({
            "id": self.number,
            "name": format!("#{}", self.number),
            "email": self.email,
            "customer": {
                "id": customer,
                "email": self.email,
                "first_name": self.first_name,
            },
            "created_at": self.placed_at,
            "updated_at": self.placed_at,
            "currency": "EUR",
            "financial_status": "paid",
            "line_items": [{"id": 1, "title": "Lamp", "quantity": 1, "price": "19.99", "gift_card": false}],
        });
        Ok(Delivery {
            dialect: Dialect::Shopify,
            source: "lamps".to_owned(),
            shop: self.shop.to_owned(),
            topic: "orders/create".to_owned(),
            api_version: None,
            webhook_id: None,
            event_id: None,
            triggered_at: Some(received_at),
            received_at,
            body: serde_json::to_vec(&body)?,
        })
    }
}
