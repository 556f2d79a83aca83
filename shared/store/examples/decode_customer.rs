//! How long a pass over everyone takes for one customer: reading the item,
//! and evaluating it.
//!
//! `cargo run --release -p crm-store --example decode_customer` reads the
//! same items once as the pass does, field by field into a node, and once by
//! way of `serde_json::Value`, and prints both with their ratio.

use std::collections::HashMap;
use std::hint::black_box;
use std::time::Instant;

use aws_sdk_dynamodb::types::AttributeValue;
use crm_domain::customer::{Node, Profile};
use crm_domain::identity::{Email, ExternalId, NodeId};
use crm_domain::money::Amount;
use crm_domain::named::NamedSegments;
use crm_domain::order::Contribution;
use crm_domain::population::Cutoffs;
use crm_domain::segment::{Rules, Subject, assess, reassess};
use crm_domain::settings::Settings;
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

type Item = HashMap<String, AttributeValue>;

const CUSTOMERS: u64 = 2_000;
const ROUNDS: u32 = 20;
const ON: Date = date(2026, 6, 1);

/// A customer of one to six orders, assessed once.
fn customer(number: u64) -> Node {
    let begun: Timestamp = "2025-01-01T12:00:00Z".parse().expect("an instant");
    let id = NodeId::parse(&format!("customer{number:0>8}")).expect("an id");
    let external = ExternalId::new("shopify", "main", &number.to_string()).expect("an id");
    let mut node = Node::new(id, Some(external), begun);
    node.profile = Profile {
        first_name: Some("Ada".to_owned()),
        last_name: Some("Lovelace".to_owned()),
        email: Email::parse(&format!("ada{number}@example.com")).ok(),
        ..Profile::default()
    };
    for order in 0..=number % 6 {
        let days = i64::try_from((number * 37 + order * 53) % 500).expect("a few days");
        let worth = Contribution {
            placed_at: begun + SignedDuration::from_hours(24 * days),
            gross: Amount::parse(&format!("{}.{:02}", 20 + order, number % 100)).expect("money"),
            units_bought: 2,
            ..Contribution::default()
        };
        node.totals.replace(None, Some(&worth));
    }
    let settings = Settings::default();
    let rules = Rules::alone(&settings);
    let mut chronicle = node.chronicle.clone();
    let trigger = crm_domain::chronicle::Trigger::Event;
    let subject = Subject::of_node(&node);
    node.assessment = Some(reassess(
        &subject,
        &rules,
        date(2026, 5, 1),
        None,
        &mut chronicle,
        trigger,
    ));
    node.chronicle = chronicle;
    node.stale = false;
    node
}

/// An item as JSON, the way it is done without types.
fn json(value: AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => Value::String(text),
        AttributeValue::N(number) => number.parse().map_or(Value::Null, Value::Number),
        AttributeValue::Bool(truth) => Value::Bool(truth),
        AttributeValue::B(bytes) => bytes
            .as_ref()
            .iter()
            .map(|byte| Value::from(*byte))
            .collect(),
        AttributeValue::L(list) => list.into_iter().map(json).collect(),
        AttributeValue::M(map) => object(map),
        _ => Value::Null,
    }
}

fn object(item: Item) -> Value {
    let fields = item.into_iter().map(|(name, value)| (name, json(value)));
    Value::Object(fields.collect::<Map<_, _>>())
}

/// The node by way of a JSON value.
fn by_value(item: Item) -> Node {
    serde_json::from_value(object(item)).expect("a node")
}

fn by_type(item: Item) -> Node {
    serde_dynamo::from_item(item).expect("a node")
}

/// The best time for one customer, in nanoseconds.
fn time(items: &[Item], settings: &Settings, decode: fn(Item) -> Node) -> f64 {
    let cutoffs = Cutoffs::NONE;
    let rules = Rules {
        settings,
        cutoffs: &cutoffs,
        named: NamedSegments::none(),
    };
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let items = items.to_vec();
        let begun = Instant::now();
        for item in items {
            let node = decode(item);
            let before = node.assessment.as_ref();
            black_box(assess(&Subject::of_node(&node), &rules, ON, before));
        }
        best = best.min(begun.elapsed().as_secs_f64());
    }
    best * 1e9 / f64::from(u32::try_from(items.len()).unwrap_or(u32::MAX))
}

fn main() {
    let nodes: Vec<Node> = (0..CUSTOMERS).map(customer).collect();
    let items: Vec<Item> = nodes
        .iter()
        .map(|node| serde_dynamo::to_item(node).expect("an item"))
        .collect();
    for (item, node) in items.iter().zip(&nodes) {
        assert_eq!(&by_type(item.clone()), node, "read back");
        assert_eq!(&by_value(item.clone()), node, "read back as JSON");
    }
    for zone in ["UTC", "Europe/Berlin"] {
        let settings = Settings {
            time_zone: zone.to_owned(),
            ..Settings::default()
        };
        let typed = time(&items, &settings, by_type);
        let valued = time(&items, &settings, by_value);
        println!(
            "{zone}: decode and evaluate {typed:.0} ns a customer; by serde_json::Value {valued:.0} ns; {:.2}x",
            typed / valued
        );
    }
}
