//! The whole document of each kind of customer, as it was looked through and found right.
//!
//! After a change on purpose: `INSTA_UPDATE=always cargo test --workspace --test page golden`, and
//! look through the difference.

use std::collections::HashMap;

use crm_domain::identity::ExternalId;
use crm_store::{Consistency, Store, Wanted};
use crm_tests::shop::SHOP;
use crm_tests::stack::Stack;
use serde_json::{Value, json};

use crate::kinds::{Kind, kinds};
use crate::support::{settings, whole};

/// Length of a random id.
const ID: usize = 26;

/// The customer of an order, however little is known of them.
pub async fn customer_of(stack: &Stack, order: &str) -> Option<String> {
    let wiring = stack.system().wiring();
    let variables = &wiring.functions["Api"].variables;
    let sdk = stack.system().services().sdk_config();
    let store = Store::new(&sdk, &variables["PEOPLE_TABLE"], &variables["FACTS_TABLE"]);
    let id = ExternalId::parse(order).ok()?;
    let mut wanted = Wanted::default();
    let loaded = store.load(wanted.order(&id), Consistency::Strong).await;
    let order = loaded.unwrap().order(&id).unwrap()?;
    order.order.node.map(|node| node.to_string())
}

async fn document(kind: &Kind) -> Value {
    let stack = Stack::start_at("2026-03-02T12:00:00Z").await;
    let rates = json!({"GBP": {"2026-01-01": "1.2"}, "USD": {"2026-01-01": "0.9"}});
    settings(
        &stack,
        json!({"reporting_currency": "EUR", "fx_rates": rates}),
    )
    .await;
    for webhook in &kind.told {
        stack.deliver([webhook.clone()]).await;
    }
    assert_eq!(stack.dead_letters().await, [""; 0], "{}", kind.name);
    let id = customer_of(&stack, &format!("shopify:{SHOP}:{}", kind.order)).await;
    whole(&stack, &id.expect("the order has a customer")).await
}

/// The same with its profiles, and what two of them were on one day, which
/// come by their random ids, by what the shops call them.
fn in_order(mut document: Value) -> Value {
    let mut names = HashMap::new();
    if let Some(profiles) = document["identities"].as_array_mut() {
        profiles.sort_by_key(|profile| profile["external_id"].to_string());
        let name = |profile: &Value| (profile["id"].clone(), profile["external_id"].to_string());
        names.extend(profiles.iter().map(name));
    }
    if let Some(events) = document["timeline"].as_array_mut() {
        let of_a_day = |one: &Value, other: &Value| {
            one["kind"] == "change" && other["kind"] == "change" && one["on"] == other["on"]
        };
        for changes in events.chunk_by_mut(of_a_day) {
            changes.sort_by_cached_key(|change| names.get(&change["customer_id"]).cloned());
        }
    }
    document
}

/// The same with its random ids numbered as they appear.
fn numbered(value: Value, known: &mut HashMap<String, usize>) -> Value {
    match value {
        Value::String(text) => Value::String(without_ids(&text, known)),
        Value::Array(items) => items
            .into_iter()
            .map(|item| numbered(item, known))
            .collect(),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            fields
                .map(|(name, value)| (name, numbered(value, known)))
                .collect()
        }
        plain => plain,
    }
}

fn without_ids(text: &str, known: &mut HashMap<String, usize>) -> String {
    let words = text.split_inclusive('-').map(|part| {
        let word = part.trim_end_matches('-');
        let is_digit = |c: char| c.is_ascii_lowercase() || ('2'..='7').contains(&c);
        if word.len() != ID || !word.chars().all(is_digit) {
            return part.to_owned();
        }
        let next = known.len() + 1;
        let number = *known.entry(word.to_owned()).or_insert(next);
        part.replace(word, &format!("<id {number}>"))
    });
    words.collect()
}

#[tokio::test]
async fn each_kind_of_customer_has_its_golden_document() {
    for kind in kinds() {
        let document = in_order(document(&kind).await);
        let document = numbered(document, &mut HashMap::new());
        insta::assert_json_snapshot!(kind.name, document);
    }
}

#[tokio::test]
async fn drafts_carts_and_checkouts_leave_nobody_and_nothing() {
    let kind = kinds()
        .into_iter()
        .find(|kind| kind.name == "drafts_left_alone");
    let mut told = kind.unwrap().told;
    told.pop();
    let stack = Stack::start().await;
    stack.deliver(told).await;
    assert_eq!(stack.dead_letters().await, [""; 0]);
    for (table, items) in kept(&stack).await {
        // That there is such a shop is all that is known.
        assert!(items.iter().all(|pk| pk == "S"), "{table}: {items:?}");
    }
}

/// The partition keys of everything in both tables.
async fn kept(stack: &Stack) -> Vec<(String, Vec<String>)> {
    let variables = &stack.system().wiring().functions["Api"].variables;
    let sdk = stack.system().services().sdk_config();
    let client = aws_sdk_dynamodb::Client::new(&sdk);
    let mut all = Vec::new();
    for name in ["PEOPLE_TABLE", "FACTS_TABLE"] {
        let table = &variables[name];
        let found = client.scan().table_name(table).send().await.unwrap();
        let keys = found.items.unwrap_or_default().into_iter();
        let keys = keys.map(|item| item["pk"].as_s().unwrap().clone());
        all.push((table.clone(), keys.collect()));
    }
    all
}
