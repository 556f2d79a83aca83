//! However a payload is spoilt, it is read or refused, never a panic, and a
//! refusal tells nothing of what is in it.

use crm_sources::import::{ORDERS_CREATE, RETURNS_CREATE};
use crm_sources::{Dialect, read};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common::delivery;
use crate::fixtures;

/// Payloads with the topics under which they are tried.
fn payloads() -> Vec<(&'static str, Value)> {
    let mut order = fixtures::order();
    order["refunds"] = json!([fixtures::refund()]);
    order["fulfillments"] = json!([fixtures::fulfilment()]);
    let update = json!({
        "admin_graphql_api_id": "gid://shopify/Return/77",
        "return_line_items": {"removals": [{"delta": 2}]},
    });
    let consent = json!({
        "customer_id": 8_001,
        "email_marketing_consent": fixtures::customer()["email_marketing_consent"],
    });
    let tags = json!({
        "customerId": "gid://shopify/Customer/8001",
        "tags": ["vip"],
        "occurredAt": "2025-04-01T10:00:00Z",
    });
    vec![
        ("orders/updated", order),
        (
            "orders/edited",
            json!({"order_edit": {"id": 31, "order_id": 5_001}}),
        ),
        ("refunds/create", fixtures::refund()),
        ("returns/approve", fixtures::return_document()),
        ("returns/update", update),
        ("fulfillments/update", fixtures::fulfilment()),
        ("fulfillment_events/create", fixtures::shipment()),
        ("customers/update", fixtures::customer()),
        ("customers_email_marketing_consent/update", consent),
        ("customer.tags_added", tags),
        ("customers/delete", fixtures::customer()),
        ("customers/merge", fixtures::merge()),
    ]
}

/// What a field may turn into; most of it is canaries.
fn spoilt() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!(true)),
        Just(json!([])),
        Just(json!({})),
        Just(json!([null])),
        Just(json!({"canary": "canary"})),
        Just(json!("canary@example.com")),
        Just(json!("gid://shopify/Order/canary")),
        any::<i64>().prop_map(|n| json!(n)),
        any::<u64>().prop_map(|n| json!(n)),
        any::<f64>().prop_map(|n| json!(n)),
        "-?[0-9]{0,30}\\.?[0-9]{0,30}([eE]-?[0-9]{1,9})?".prop_map(|n| json!(n)),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]{0,12}(Z|[+-][0-9:]{0,6})".prop_map(|t| json!(t)),
        "\\PC{0,20}".prop_map(|t| json!(t)),
        Just(json!("x".repeat(100_000))),
    ]
}

/// Paths of all values in a payload.
fn paths(value: &Value, path: &str, all: &mut Vec<String>) {
    all.push(path.to_owned());
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                paths(field, &format!("{path}/{name}"), all);
            }
        }
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                paths(item, &format!("{path}/{n}"), all);
            }
        }
        _ => {}
    }
}

proptest! {
    #[test]
    fn a_spoilt_field_never_panics_and_is_never_told(
        places in proptest::collection::vec((any::<prop::sample::Index>(), spoilt()), 1..4),
    ) {
        for (topic, mut payload) in payloads() {
            for (place, value) in &places {
                let mut all = Vec::new();
                paths(&payload, "", &mut all);
                *payload.pointer_mut(&all[place.index(all.len())]).unwrap() = value.clone();
            }
            if let Err(error) = read(&delivery(topic, &payload.to_string())) {
                let said = format!("{error} {error:?}");
                prop_assert!(!said.contains("canary"), "{}", said);
            }
        }
    }

    #[test]
    fn a_cut_or_scrambled_body_never_panics(
        cut in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        for (topic, payload) in payloads() {
            let mut bytes = payload.to_string().into_bytes();
            let cut_off = cut.index(bytes.len());
            let mut short = delivery(topic, "");
            short.body = bytes[..cut_off].to_vec();
            prop_assert!(read(&short).is_err(), "half of an object is no JSON");

            let place = place.index(bytes.len());
            bytes[place] = byte;
            let mut scrambled = delivery(topic, "");
            scrambled.body = bytes;
            // One delivery has one meaning, however odd.
            prop_assert_eq!(read(&scrambled), read(&scrambled));
            scrambled.dialect = Dialect::Import;
            for topic in [ORDERS_CREATE, RETURNS_CREATE] {
                scrambled.topic = topic.into();
                prop_assert!(read(&scrambled).is_err(), "it is in another dialect");
            }
        }
    }
}

#[test]
fn a_payload_nested_a_million_deep_is_refused_or_passed_over() {
    let deep = "[".repeat(1_000_000);
    for topic in ["orders/create", "refunds/create", "customers/update"] {
        let error = read(&delivery(topic, &deep)).unwrap_err();
        assert_eq!(error.field, "body");
        let field = format!(
            r#"{{"id":1,"note_attributes":{deep}{}}}"#,
            "]".repeat(1_000_000)
        );
        let described = read(&delivery(topic, &field));
        assert!(described.is_err() || topic == "customers/update");
    }
}

#[test]
fn what_is_no_text_is_refused() {
    let mut bytes = delivery("orders/create", "");
    for body in [&b"\xff\xfe"[..], b"", b"null", b"[]", b"{} {}"] {
        bytes.body = body.to_vec();
        assert!(read(&bytes).is_err());
    }
}
