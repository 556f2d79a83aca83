//! Payloads that real shops and the documentation sent, found and named; and
//! the sample store's own, held against them.
//!
//! They lie beside the repository, in `../shared/data`; their licences do not
//! let them lie in it. Where `CI=true` they must be there.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crm_local::replay::Reading;
use crm_local::replay::files::find;
use crm_local::replay::skipped::{Found, Reason};
use crm_local::sample::{SampleOptions, generate};
use serde_json::Value;

fn data(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("../shared/data/shopify").join(name);
    let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    if !path.exists() {
        assert!(!ci, "{} is missing", path.display());
        eprintln!("not tested: {} is missing", path.display());
        return None;
    }
    Some(path)
}

/// Deliveries by topic, and the names of files that stay out.
fn read(folder: &str) -> Option<(BTreeMap<String, usize>, BTreeSet<String>)> {
    let files = find(&[data(folder)?]).unwrap();
    let reading = Reading {
        shop: None,
        mapping: None,
        books: None,
    };
    let (mut topics, mut nameless) = (BTreeMap::new(), BTreeSet::new());
    for found in reading.all(&files) {
        match found.unwrap() {
            Found::Delivery(posting) => *topics.entry(posting.topic).or_default() += 1,
            Found::Skipped(skipped) => {
                assert_eq!(skipped.reason, Reason::NoTopic, "{}", skipped.origin);
                let name = skipped.origin.rsplit('/').next().unwrap();
                nameless.insert(name.split('.').next().unwrap().to_owned());
            }
        }
    }
    Some((topics, nameless))
}

#[test]
fn every_recording_says_what_it_is_about() {
    for folder in [
        "documented",
        "recorded_rudder",
        "recorded_pipedream",
        "recorded_with_headers",
    ] {
        let Some((topics, nameless)) = read(folder) else {
            return;
        };
        assert!(nameless.is_empty(), "{folder}: {nameless:?}");
        assert!(topics.values().sum::<usize>() > 0);
        assert!(
            topics
                .keys()
                .all(|topic| topic.contains('/') || topic.contains('.'))
        );
    }
}

#[test]
fn answers_of_the_admin_interface_are_named_by_what_is_in_them() {
    let Some((topics, nameless)) = read("rest_fixtures") else {
        return;
    };

    assert_eq!(topics["orders/updated"], 3);
    assert_eq!(topics["refunds/create"], 1);
    assert_eq!(topics["fulfillments/update"], 2);
    assert_eq!(topics["fulfillment_events/create"], 1);
    assert!(nameless.contains("go_customer_addresses"), "{nameless:?}");
    assert!(nameless.contains("go_webhooks"), "{nameless:?}");
}

#[test]
fn the_sample_stores_bodies_have_every_field_of_the_documented_ones() {
    let until = "2026-03-15T13:37:00Z".parse().unwrap();
    let options = SampleOptions {
        customers: 60,
        ..SampleOptions::until(until)
    };
    let mut ours: BTreeMap<&str, Value> = BTreeMap::new();
    for webhook in generate(&options) {
        let body = serde_json::from_slice(&webhook.body).unwrap();
        ours.entry(webhook.topic).or_insert(body);
    }
    for (topic, file) in [
        ("orders/create", "orders_updated/2026-04__2026-07.json"),
        ("orders/fulfilled", "orders_fulfilled/2026-04__2026-07.json"),
        ("orders/cancelled", "orders_cancelled/2026-04__2026-07.json"),
        ("refunds/create", "refunds_create/2026-01__2026-07.json"),
        ("customers/create", "customers_create/2025-10__2026-07.json"),
        ("returns/request", "returns_request/2024-10__2026-07.json"),
        ("returns/approve", "returns_approve/2024-10__2026-07.json"),
        (
            "fulfillment_events/create",
            "fulfillment_events_create/2023-07__2026-07.json",
        ),
    ] {
        let Some(path) = data("documented").map(|folder| folder.join(file)) else {
            return;
        };
        let documented: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        missing(topic, &documented["payload"], &ours[topic]);
    }
}

/// Fails when an object of ours lacks a field that the documented one has.
fn missing(place: &str, documented: &Value, ours: &Value) {
    match (documented, ours) {
        (Value::Object(documented), Value::Object(ours)) => {
            for (name, value) in documented {
                let place = format!("{place}.{name}");
                let own = ours.get(name);
                missing(
                    &place,
                    value,
                    own.unwrap_or_else(|| panic!("{place} is missing")),
                );
            }
        }
        (Value::Array(documented), Value::Array(ours)) => {
            if let (Some(documented), Some(ours)) = (documented.first(), ours.first()) {
                missing(&format!("{place}[]"), documented, ours);
            }
        }
        _ => {}
    }
}
