//! A Shopify shop that talks to the door: what it sends, signed as it signs.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;

/// The shop of every story.
pub const SHOP: &str = "cups.myshopify.com";

/// One webhook, not signed yet.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Its topic, such as `orders/create`.
    pub topic: String,
    /// Its body as it goes over the wire.
    pub body: Vec<u8>,
    /// When the shop says it fired; the time of delivery unless given.
    pub triggered_at: Option<Timestamp>,
    /// The shop it comes from; [`SHOP`] unless given.
    pub shop: String,
}

impl Webhook {
    /// A webhook with a JSON body.
    #[must_use]
    pub fn new(topic: &str, body: &Value) -> Self {
        Self::raw(topic, body.to_string())
    }

    /// A webhook with any body.
    #[must_use]
    pub fn raw(topic: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            topic: topic.to_owned(),
            body: body.into(),
            triggered_at: None,
            shop: SHOP.to_owned(),
        }
    }

    /// The same from another shop.
    #[must_use]
    pub fn from_shop(mut self, shop: &str) -> Self {
        shop.clone_into(&mut self.shop);
        self
    }

    /// The request that delivers it, signed with `secret`.
    #[must_use]
    pub fn signed(&self, secret: &str, now: Timestamp) -> Request<Vec<u8>> {
        let triggered_at = self.triggered_at.unwrap_or(now);
        Request::builder()
            .method("POST")
            .uri("/webhooks/shopify")
            .header("content-type", "application/json")
            .header("x-shopify-topic", &self.topic)
            .header("x-shopify-shop-domain", &self.shop)
            .header("x-shopify-api-version", "2026-07")
            .header(
                "x-shopify-webhook-id",
                format!("{:016x}", fastrand::u64(..)),
            )
            .header("x-shopify-triggered-at", triggered_at.to_string())
            .header("x-shopify-hmac-sha256", signature(secret, &self.body))
            .body(self.body.clone())
            .expect("a well-formed request")
    }
}

/// The signature of a body: base64 of its HMAC-SHA256.
#[must_use]
pub fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key will do");
    mac.update(body);
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

/// An order being written.
#[derive(Debug, Clone)]
pub struct OrderForm(Value);

/// An order of one line: `quantity` cups at `price` euros, by customer 7770001, at `at`.
#[must_use]
pub fn order(id: u64, at: &str, price: &str, quantity: u32) -> OrderForm {
    OrderForm(json!({
        "id": id,
        "admin_graphql_api_id": format!("gid://shopify/Order/{id}"),
        "name": format!("#{id}"),
        "created_at": at,
        "processed_at": at,
        "updated_at": at,
        "currency": "EUR",
        "presentment_currency": "EUR",
        "financial_status": "paid",
        "fulfillment_status": null,
        "cancelled_at": null,
        "test": false,
        "taxes_included": false,
        "source_name": "web",
        "email": null,
        "customer": null,
        "refunds": [],
        "fulfillments": [],
        "line_items": [{
            "id": id * 10 + 1,
            "product_id": 9001,
            "title": "Cup",
            "quantity": quantity,
            "price": price,
            "gift_card": false,
            "discount_allocations": [],
            "tax_lines": [],
            "price_set": {"shop_money": {"amount": price, "currency_code": "EUR"}}
        }]
    }))
}

impl OrderForm {
    /// Bought by a registered customer.
    #[must_use]
    pub fn by(mut self, customer: u64, email: &str, first_name: &str) -> Self {
        self.0["email"] = json!(email);
        self.0["customer"] = json!({
            "id": customer,
            "email": email,
            "first_name": first_name,
            "last_name": "Lovelace",
            "updated_at": self.0["updated_at"],
            "created_at": self.0["created_at"],
        });
        self
    }

    /// Bought by a guest who left an address.
    #[must_use]
    pub fn by_guest(mut self, email: &str) -> Self {
        self.0["email"] = json!(email);
        self
    }

    /// The same order with a field changed, told at `at`.
    #[must_use]
    pub fn with(mut self, at: &str, field: &str, value: Value) -> Self {
        self.0["updated_at"] = json!(at);
        self.0[field] = value;
        self
    }

    /// The webhook that tells it under a topic.
    #[must_use]
    pub fn told(&self, topic: &str) -> Webhook {
        Webhook::new(topic, &self.0)
    }

    /// `orders/create`.
    #[must_use]
    pub fn created(&self) -> Webhook {
        self.told("orders/create")
    }
}

/// A refund of `quantity` units that came back, worth `subtotal`.
#[must_use]
pub fn refund(id: u64, order: u64, at: &str, quantity: u32, subtotal: &str) -> Webhook {
    let line = json!({
        "id": id * 10 + 1,
        "line_item_id": order * 10 + 1,
        "quantity": quantity,
        "restock_type": "return",
        "subtotal": subtotal,
        "subtotal_set": {"shop_money": {"amount": subtotal, "currency_code": "EUR"}},
        "line_item": {"id": order * 10 + 1, "gift_card": false},
    });
    let body = json!({
        "id": id,
        "order_id": order,
        "created_at": at,
        "processed_at": at,
        "order_adjustments": [],
        "refund_line_items": [line],
    });
    Webhook::new("refunds/create", &body)
}
