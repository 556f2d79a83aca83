//! Every recorded and documented payload about an order or a customer, against the document it led
//! to. What has to be there is read from the payload by itself, with none of the product's code.
//!
//! The payloads may not be published, so nothing of theirs is kept here.

use std::collections::BTreeSet;
use std::str::FromStr;

use crm_local::deliver::Posting;
use crm_tests::recorded::{folders, post, postings, worldly_store};
use crm_tests::stack::Stack;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::golden::customer_of;
use crate::oracle::{check_consent, check_reach, id, list, status, strings, text};

/// Topics that tell a whole order, or a whole customer.
const ORDERS: [&str; 6] = [
    "orders/create",
    "orders/updated",
    "orders/paid",
    "orders/cancelled",
    "orders/fulfilled",
    "orders/partially_fulfilled",
];
const CUSTOMERS: [&str; 4] = [
    "customers/create",
    "customers/update",
    "customers/enable",
    "customers/disable",
];
const COUNTED: [&str; 5] = [
    "authorized",
    "paid",
    "partially_paid",
    "partially_refunded",
    "refunded",
];

/// A payload with a shop of its own.
struct Told {
    posting: Posting,
    raw: Value,
}

impl Told {
    fn is_order(&self) -> bool {
        ORDERS.contains(&self.posting.topic.as_str())
    }

    fn external_id(&self) -> String {
        format!(
            "shopify:{}:{}",
            self.posting.shop,
            id(&self.raw).unwrap_or_default()
        )
    }
}

fn amount(value: &Value) -> Decimal {
    let text = text(value).unwrap_or_else(|| "0".to_owned());
    Decimal::from_str(&text).expect("an amount")
}

/// The shop's amount, where both are told.
fn shop_amount(thing: &Value, name: &str) -> Decimal {
    let of_shop = &thing[format!("{name}_set")]["shop_money"]["amount"];
    amount(if of_shop.is_null() {
        &thing[name]
    } else {
        of_shop
    })
}

fn merchandise(order: &Value) -> impl Iterator<Item = &Value> {
    list(&order["line_items"]).filter(|line| line["gift_card"] != true && line["tip"].is_null())
}

fn gross(order: &Value) -> Decimal {
    let lines = merchandise(order).map(|line| {
        let shares = list(&line["discount_allocations"]).map(|one| shop_amount(one, "amount"));
        let discount = if line["discount_allocations"].is_array() {
            shares.sum()
        } else {
            shop_amount(line, "total_discount")
        };
        let taxes = list(&line["tax_lines"]).map(|tax| shop_amount(tax, "price"));
        let tax: Decimal = if order["taxes_included"] == true {
            taxes.sum()
        } else {
            Decimal::ZERO
        };
        shop_amount(line, "price") * amount(&line["quantity"]) - discount - tax
    });
    lines.sum()
}

fn refunded(order: &Value) -> Decimal {
    let refunds = list(&order["refunds"]).map(|refund| {
        let lines = list(&refund["refund_line_items"]).filter(|line| {
            line["line_item"]["gift_card"] != true && line["line_item"]["tip"].is_null()
        });
        let back: Decimal = lines.map(|line| shop_amount(line, "subtotal")).sum();
        let kept = list(&refund["order_adjustments"]);
        let kept = kept.filter(|adjustment| adjustment["kind"] == "refund_discrepancy");
        back - kept.map(|one| shop_amount(one, "amount")).sum::<Decimal>()
    });
    refunds.sum()
}

fn counts(order: &Value) -> bool {
    let status = order["financial_status"].as_str().unwrap_or_default();
    let agreed =
        COUNTED.contains(&status) || status == "pending" && !order["payment_terms"].is_null();
    agreed && order["cancelled_at"].is_null() && order["test"] != true
}

fn channel(order: &Value) -> &'static str {
    let name = order["source_name"]
        .as_str()
        .unwrap_or_default()
        .to_lowercase();
    let of = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if order["company"].is_object() || of(&["wholesale", "b2b"]) {
        "wholesale"
    } else if of(&["marketplace", "amazon", "ebay", "etsy", "walmart", "tiktok"]) {
        "marketplace"
    } else if ["pos", "iphone", "android"].contains(&name.as_str()) {
        "pos"
    } else {
        "web"
    }
}

/// An address that can be somebody's: the rest is left out on purpose.
fn email(value: &Value) -> Option<String> {
    let email = text(value)?.to_lowercase();
    let (local, domain) = email.split_once('@')?;
    let shared = ["guest", "anonymous", "noreply", "no-reply", "null", "none"];
    let plain = |c: char| c.is_ascii_graphic() && c != '*';
    let fits = !local.is_empty() && domain.contains('.') && email.chars().all(plain);
    (fits && !shared.contains(&local) && !domain.contains("marketplace.amazon")).then_some(email)
}

fn tags(customer: &Value) -> Option<BTreeSet<String>> {
    let words = match &customer["tags"] {
        Value::String(tags) => tags.split(',').map(str::to_owned).collect(),
        Value::Array(tags) => tags.iter().filter_map(text).collect::<Vec<_>>(),
        _ => return None,
    };
    let words = words.into_iter().map(|word| word.trim().to_owned());
    Some(words.filter(|word| !word.is_empty()).collect())
}

fn decimal(value: &Value) -> Decimal {
    Decimal::from_str(value.as_str().expect("an amount as text")).expect("an exact decimal")
}

/// The addresses in a payload: two that share one would become one person.
fn addresses(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Object(fields) => {
            let named = |name: &str| matches!(name, "email" | "contact_email");
            let own = fields.iter().filter(|(name, _)| named(name));
            let own = own.filter_map(|(_, value)| email(value));
            own.chain(fields.values().flat_map(addresses)).collect()
        }
        Value::Array(items) => items.iter().flat_map(addresses).collect(),
        _ => BTreeSet::new(),
    }
}

/// Payloads put so that in no group two speak of one address.
fn groups(all: Vec<Told>) -> Vec<Vec<Told>> {
    let mut groups: Vec<(BTreeSet<String>, Vec<Told>)> = Vec::new();
    for told in all {
        let own = addresses(&told.raw);
        let free = groups.iter_mut().find(|(taken, _)| taken.is_disjoint(&own));
        match free {
            Some((taken, group)) => {
                taken.extend(own);
                group.push(told);
            }
            None => groups.push((own, vec![told])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

fn check_customer(document: &Value, customer: &Value, origin: &str) {
    for (name, field) in [("first_name", "first_name"), ("last_name", "last_name")] {
        let expected = text(&customer[name]).map_or(Value::Null, Value::String);
        assert_eq!(document[field], expected, "{name} of {origin}");
    }
    let expected: BTreeSet<_> = email(&customer["email"]).into_iter().collect();
    assert_eq!(strings(&document["emails"]), expected, "e-mail of {origin}");
    if let Some(expected) = tags(customer) {
        assert_eq!(strings(&document["tags"]), expected, "tags of {origin}");
    }
    check_reach(document, customer, origin);
}

fn check_order(document: &Value, told: &Told) {
    let (raw, origin) = (&told.raw, &told.posting.origin);
    let orders = document["orders"].as_array().unwrap();
    assert_eq!(orders.len(), 1, "{origin}");
    let order = &orders[0];
    assert_eq!(order["id"], told.external_id(), "{origin}");
    let placed = text(&raw["processed_at"])
        .or_else(|| text(&raw["created_at"]))
        .unwrap();
    let placed: Timestamp = placed.parse().expect("an instant");
    assert_eq!(order["placed_at"], placed.to_string(), "{origin}");
    assert_eq!(order["currency"], raw["currency"], "{origin}");
    assert_eq!(order["channel"], channel(raw), "{origin}");
    assert_eq!(order["status"], status(raw, channel(raw)), "{origin}");
    assert_eq!(
        order["financial_status"], raw["financial_status"],
        "{origin}"
    );
    assert_eq!(decimal(&order["gross"]), gross(raw), "gross of {origin}");
    assert_eq!(
        decimal(&order["refunded"]),
        refunded(raw),
        "refunded of {origin}"
    );
    let counted = counts(raw) && !gross(raw).is_zero();
    assert_eq!(order["counted"], counted, "{origin}");
    assert_eq!(document["orders_count"], u8::from(counted), "{origin}");
    // A rate of one and a quarter for everything but the reporting currency.
    let rate = if raw["currency"] == "USD" {
        "1"
    } else {
        "1.25"
    };
    let rate = Decimal::from_str(rate).unwrap();
    let worth = |amount: Decimal| {
        let worth = if counted {
            amount * rate
        } else {
            Decimal::ZERO
        };
        worth.round_dp(10)
    };
    assert_eq!(decimal(&document["gross"]), worth(gross(raw)), "{origin}");
    assert_eq!(
        decimal(&document["refunded"]),
        worth(refunded(raw)),
        "{origin}"
    );
    let first = if counted {
        json!(channel(raw))
    } else {
        Value::Null
    };
    assert_eq!(
        document["acquisition"]["first_order_channel"], first,
        "{origin}"
    );
    let timeline = document["timeline"].as_array().unwrap();
    let happened = |kind: &str| {
        timeline
            .iter()
            .filter(|event| event["kind"] == kind)
            .count()
    };
    assert_eq!(happened("order"), 1, "{origin}");
    assert_eq!(
        happened("refund"),
        list(&raw["refunds"]).count(),
        "{origin}"
    );
    let cancelled = usize::from(!raw["cancelled_at"].is_null());
    assert_eq!(happened("order_cancelled"), cancelled, "{origin}");
    if raw["customer"].is_object() && id(&raw["customer"]).is_some() {
        check_customer(document, &raw["customer"], origin);
        return;
    }
    // What little stands where a customer would goes before the order's own.
    let guest = email(&raw["customer"]["email"]).or_else(|| email(&raw["email"]));
    let guest = guest.or_else(|| email(&raw["contact_email"]));
    let expected: BTreeSet<_> = guest.into_iter().collect();
    assert_eq!(strings(&document["emails"]), expected, "e-mail of {origin}");
}

/// The document that a payload led to; none where it is parked.
async fn document(stack: &Stack, told: &Told) -> Option<Value> {
    let id = if told.is_order() {
        customer_of(stack, &told.external_id()).await?
    } else {
        let path = format!("/v1/customers?external_id={}", told.external_id());
        let found = stack.get("viewer", &path).await.body;
        found["items"][0]["id"].as_str()?.to_owned()
    };
    Some(
        stack
            .get("agent", &format!("/v1/customers/{id}"))
            .await
            .body,
    )
}

#[tokio::test]
async fn every_recorded_and_documented_customer_and_order_lands_in_a_right_document() {
    let Some(folders) = folders() else {
        return;
    };
    let mut told = Vec::new();
    for (n, mut posting) in postings(&folders).into_iter().enumerate() {
        let topic = posting.topic.as_str();
        if !ORDERS.contains(&topic) && !CUSTOMERS.contains(&topic) {
            continue;
        }
        let Ok(raw) = serde_json::from_slice(&posting.body) else {
            continue;
        };
        posting.shop = format!("p{n}.myshopify.com");
        told.push(Told { posting, raw });
    }
    let count = told.len();
    let groups = groups(told);
    let (mut orders, mut customers, mut parked) = (0, 0, 0);
    for group in &groups {
        let stack = worldly_store().await;
        for told in group {
            assert_eq!(
                post(&stack, &told.posting).await,
                200,
                "{}",
                told.posting.origin
            );
        }
        stack.settle().await;
        let mut left_out = 0;
        for told in group {
            let Some(document) = document(&stack, told).await else {
                left_out += 1;
                println!("parked: {}", told.posting.origin);
                continue;
            };
            if told.is_order() {
                check_order(&document, told);
                orders += 1;
            } else {
                check_customer(&document, &told.raw, &told.posting.origin);
                check_consent(&document, &told.raw, &told.posting.origin);
                customers += 1;
            }
        }
        let given_up = stack.dead_letters().await.len();
        assert_eq!(
            given_up, left_out,
            "what led to no document is given up, visibly"
        );
        parked += left_out;
    }
    println!(
        "{count} payloads in {} stores: {orders} orders, {customers} customers, {parked} parked",
        groups.len()
    );
    assert!(orders >= 66 && customers >= 18, "{orders} {customers}");
    assert_eq!(
        parked, 13,
        "payloads that are cut down, masked or hand-edited"
    );
}
