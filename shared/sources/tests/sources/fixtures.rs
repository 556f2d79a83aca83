//! Payloads of Ada's shop, written by hand in the shapes that shops send.

use crm_domain::fact::Fact;
use crm_domain::order::{Order, OrderChange};
use crm_sources::{Unreadable, read};
use serde_json::{Value, json};

use crate::common::delivery;

/// What a payload under a topic says.
pub fn told(topic: &str, body: &Value) -> Result<Option<Fact>, Unreadable> {
    read(&delivery(topic, &body.to_string()))
}

/// As [`told`], of one that says something.
pub fn fact(topic: &str, body: &Value) -> Fact {
    told(topic, body).unwrap().unwrap()
}

/// The news of an order in a payload.
pub fn change(topic: &str, body: &Value) -> OrderChange {
    match fact(topic, body) {
        Fact::Order { change, .. } => change,
        other => panic!("{other:?} is no news of an order"),
    }
}

/// The order that is known after one payload.
pub fn order_of(topic: &str, body: &Value) -> Order {
    match fact(topic, body) {
        Fact::Order { order, change, .. } => {
            let mut known = Order::unknown(order);
            known.apply(&change);
            known
        }
        other => panic!("{other:?} is no news of an order"),
    }
}

/// The field that keeps a payload from being read.
pub fn trouble(topic: &str, body: &Value) -> String {
    told(topic, body).unwrap_err().field
}

fn set(amount: &str) -> Value {
    json!({
        "shop_money": {"amount": amount, "currency_code": "EUR"},
        "presentment_money": {"amount": "999.99", "currency_code": "USD"},
    })
}

/// Ada buys two lamps of 49.99 with 9.98 off, and a gift card of 25 for Bo.
pub fn order() -> Value {
    json!({
        "id": 5_001,
        "admin_graphql_api_id": "gid://shopify/Order/5001",
        "name": "#1001",
        "order_number": 1001,
        "created_at": "2025-03-01T10:00:05+01:00",
        "processed_at": "2025-03-01T10:00:00+01:00",
        "updated_at": "2025-03-01T10:00:09+01:00",
        "cancelled_at": null,
        "currency": "EUR",
        "financial_status": "paid",
        "fulfillment_status": null,
        "payment_terms": null,
        "source_name": "web",
        "landing_site": "/lamps?utm_source=news+letter&utm_medium=e%2Dmail&x=1",
        "referring_site": "https://www.Lamp-Blog.example/best?of=2025",
        "tags": "gift, first order",
        "taxes_included": false,
        "test": false,
        "email": "Ada@Example.com",
        "phone": null,
        "buyer_accepts_marketing": true,
        "line_items": [
            {
                "id": 61,
                "product_id": 71,
                "title": "Lamp",
                "quantity": 2,
                "price": "1.00",
                "price_set": set("49.99"),
                "gift_card": false,
                "total_discount": "0.00",
                "discount_allocations": [{"amount": "1.00", "amount_set": set("9.98")}],
                "tax_lines": [{"price": "1.00", "price_set": set("14.37")}],
            },
            {
                "id": 62,
                "product_id": null,
                "title": "Gift card",
                "quantity": 1,
                "price": "25.00",
                "gift_card": true,
                "discount_allocations": [],
                "tax_lines": [],
            },
        ],
        "customer": {
            "id": 8_001,
            "admin_graphql_api_id": "gid://shopify/Customer/8001",
            "first_name": "Ada",
            "last_name": "Byron",
            "email": "ada@example.com",
            "phone": "+49 30 901820",
            "tags": "regular",
            "email_marketing_consent": {
                "state": "subscribed",
                "opt_in_level": "single_opt_in",
                "consent_updated_at": "2025-01-01T00:00:00Z",
            },
            "default_address": {
                "address1": "Lampenweg 1",
                "address2": "",
                "city": "Berlin",
                "zip": "10115",
                "province": null,
                "country": "Germany",
                "country_code": "DE",
                "phone": null,
            },
        },
        "refunds": [],
        "fulfillments": [],
    })
}

/// One lamp comes back: 40.01 of merchandise, and 3 of shipping besides.
pub fn refund() -> Value {
    json!({
        "id": 9_001,
        "admin_graphql_api_id": "gid://shopify/Refund/9001",
        "order_id": 5_001,
        "created_at": "2025-03-05T12:00:00Z",
        "processed_at": "2025-03-05T12:00:01Z",
        "return": {"id": 77, "admin_graphql_api_id": "gid://shopify/Return/77"},
        "refund_line_items": [{
            "quantity": 1,
            "restock_type": "return",
            "subtotal": 1.0,
            "subtotal_set": set("45.00"),
            "total_tax": 8.55,
            "line_item": {"id": 61, "gift_card": false},
        }],
        "order_adjustments": [
            {"kind": "shipping_refund", "amount": "-3.00", "amount_set": set("-3.00")},
            {"kind": "refund_discrepancy", "amount": "4.99", "amount_set": set("4.99")},
        ],
    })
}

/// A return of two lamps, one of them for another.
pub fn return_document() -> Value {
    json!({
        "id": 77,
        "admin_graphql_api_id": "gid://shopify/Return/77",
        "status": "open",
        "order": {"id": 5_001, "admin_graphql_api_id": "gid://shopify/Order/5001"},
        "total_return_line_items": 2,
        "return_line_items": [
            {"id": 1, "quantity": 1, "return_reason": "defective"},
            {"id": 2, "quantity": 1, "return_reason": "style"},
        ],
        "exchange_line_items": [{"id": 3, "line_item": null}],
        "total_exchange_line_items": 1,
    })
}

/// The parcel with the lamps.
pub fn fulfilment() -> Value {
    json!({
        "id": 4_001,
        "admin_graphql_api_id": "gid://shopify/Fulfillment/4001",
        "order_id": 5_001,
        "status": "success",
        "shipment_status": null,
        "created_at": "2025-03-02T08:00:00Z",
        "updated_at": "2025-03-02T08:00:00Z",
    })
}

/// The parcel arrives.
pub fn shipment() -> Value {
    json!({
        "id": 3_001,
        "admin_graphql_api_id": "gid://shopify/FulfillmentEvent/3001",
        "fulfillment_id": 4_001,
        "order_id": 5_001,
        "status": "delivered",
        "happened_at": "2025-03-03T16:20:00Z",
        "created_at": "2025-03-03T16:21:00Z",
        "updated_at": "2025-03-03T16:21:00Z",
    })
}

/// Ada herself.
pub fn customer() -> Value {
    let mut customer = order()["customer"].clone();
    customer["updated_at"] = json!("2025-03-01T10:00:09+01:00");
    customer
}

/// Two customers become one.
pub fn merge() -> Value {
    json!({
        "admin_graphql_api_customer_kept_id": "gid://shopify/Customer/8001",
        "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/8002",
        "admin_graphql_api_job_id": null,
        "status": "completed",
        "errors": [],
    })
}
