//! How long a pass over everyone takes for one customer: reading what the scan
//! answers with, and evaluating it.
//!
//! `cargo run --release -p crm-store --example decode_customer` takes the same
//! attributes out of the same answers once as the pass does, by hand, and once
//! by way of `serde_json::Value`, and prints both with their ratio; beside
//! them, both ways of reading whole records. Times are a machine's at a moment;
//! `valgrind --tool=callgrind` counts the instructions of `… hand`, `… value`
//! and `… neither`, of which the last is what the others do besides.

use std::collections::HashMap;
use std::hint::black_box;
use std::time::Instant;

use aws_sdk_dynamodb::types::AttributeValue;
use crm_domain::care::Care;
use crm_domain::customer::{Node, Profile, is_a_market_places};
use crm_domain::field::{ACQUISITION_SOURCE, Fields};
use crm_domain::identity::{Email, ExternalId, NodeId};
use crm_domain::money::Amount;
use crm_domain::named::NamedSegments;
use crm_domain::order::{Contribution, Origin};
use crm_domain::population::Cutoffs;
use crm_domain::segment::{Assessment, Glance, Rules, assess, reassess};
use crm_domain::settings::Settings;
use crm_domain::totals::Totals;
use crm_store::{GLANCED_ATTRIBUTES, Glanced, node_item};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

type Item = HashMap<String, AttributeValue>;

const CUSTOMERS: u64 = 2_000;
const ROUNDS: u32 = 40;
const ON: Date = date(2026, 6, 1);

/// A customer of one to six orders, assessed once.
fn customer(number: u64) -> Node {
    let begun: Timestamp = "2025-01-01T12:00:00Z".parse().expect("an instant");
    let id = NodeId::parse(&format!("customer{number:0>8}")).expect("an id");
    let external = ExternalId::new("shopify", "main", &number.to_string()).expect("an id");
    let mut node = Node::new(id, Some(external), begun);
    let email = Email::parse(&format!("ada{number}@example.com")).ok();
    node.profile = Profile {
        first_name: Some("Ada".to_owned()),
        last_name: Some("Lovelace".to_owned()),
        email: email.clone(),
        ..Profile::default()
    };
    node.claimed_email = email;
    for order in 0..=number % 6 {
        let days = i64::try_from((number * 37 + order * 53) % 500).expect("a few days");
        let worth = Contribution {
            placed_at: begun + SignedDuration::from_hours(24 * days),
            gross: Amount::parse(&format!("{}.{:02}", 20 + order, number % 100)).expect("money"),
            units_bought: 2,
            origin: Origin::parse("sale:web").ok(),
            ..Contribution::default()
        };
        node.totals.replace(None, Some(&worth));
    }
    let settings = Settings::default();
    let rules = Rules::alone(&settings);
    let mut chronicle = node.chronicle.clone();
    let trigger = crm_domain::chronicle::Trigger::Event;
    let subject = crm_domain::segment::Subject::of_node(&node);
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

/// What a scan answers with when only some attributes are asked for.
fn projected(item: &Item) -> Item {
    let mut answer = Item::new();
    for path in GLANCED_ATTRIBUTES.split(", ") {
        let names: Vec<_> = path.trim_start_matches('#').split('.').collect();
        copy(&names, item, &mut answer);
    }
    answer
}

fn copy(names: &[&str], from: &Item, to: &mut Item) {
    let [name, rest @ ..] = names else { return };
    match from.get(*name) {
        Some(value) if rest.is_empty() => {
            to.insert((*name).to_owned(), value.clone());
        }
        Some(AttributeValue::M(inner)) => {
            let empty = AttributeValue::M(Item::new());
            let copied = to.entry((*name).to_owned()).or_insert(empty);
            if let AttributeValue::M(copied) = copied {
                copy(rest, inner, copied);
            }
        }
        _ => {}
    }
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

/// The attributes of an answer, as serde reads them.
#[derive(Deserialize)]
struct Answer {
    pk: String,
    root: Option<IgnoredAny>,
    external_id: Option<String>,
    claimed_email: Option<IgnoredAny>,
    #[serde(default)]
    profile: Named,
    #[serde(default)]
    fields: Fields,
    #[serde(default)]
    stale: bool,
    #[serde(default)]
    totals: Totals,
    #[serde(default)]
    care: Care,
    assessment: Option<Assessment>,
}

/// What of a profile tells whether somebody is known.
#[derive(Default, Deserialize)]
struct Named {
    phone: Option<IgnoredAny>,
    first_name: Option<IgnoredAny>,
    last_name: Option<IgnoredAny>,
    address: Option<Housed>,
}

#[derive(Deserialize)]
struct Housed {
    street: Option<IgnoredAny>,
}

impl Answer {
    fn is_ranked(&self) -> bool {
        let named = &self.profile;
        let street = named.address.as_ref().and_then(|home| home.street.as_ref());
        let name = named.last_name.as_ref().or(named.first_name.as_ref());
        let id = self.external_id.as_deref();
        let known = id.is_some()
            || self.claimed_email.is_some()
            || named.phone.is_some()
            || (name.is_some() && street.is_some());
        known && !id.is_some_and(is_a_market_places) && !self.totals.is_marketplace_only()
    }
}

fn glance_by_value(item: Item) -> Glance {
    let answer: Answer = serde_json::from_value(object(item)).expect("an answer");
    let id = answer.pk.strip_prefix("N#").expect("a node");
    Glance {
        id: NodeId::parse(id).expect("an id"),
        ranked: answer.is_ranked(),
        joined: answer.root.is_some(),
        stale: answer.stale,
        totals: answer.totals,
        care: answer.care,
        source: answer.fields.get(ACQUISITION_SOURCE).cloned().map(Box::new),
        assessment: answer.assessment,
    }
}

fn glance_by_hand(item: Item) -> Glance {
    match Glanced::of(item) {
        Some(Glanced::Node(glance)) => glance,
        _ => panic!("a node"),
    }
}

fn whole_by_value(item: Item) -> Glance {
    let node: Node = serde_json::from_value(object(item)).expect("a node");
    Glance::from(node)
}

fn whole_by_type(item: Item) -> Glance {
    let node: Node = serde_dynamo::from_item(item).expect("a node");
    Glance::from(node)
}

fn evaluate(glance: &Glance, rules: &Rules<'_>) {
    black_box(assess(
        &glance.subject(),
        rules,
        ON,
        glance.assessment.as_ref(),
    ));
}

/// The best time for one customer, in nanoseconds.
fn time(items: &[Item], settings: &Settings, decode: fn(Item) -> Glance) -> f64 {
    let rules = Rules {
        settings,
        cutoffs: &Cutoffs::NONE,
        named: NamedSegments::none(),
    };
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let items = items.to_vec();
        let begun = Instant::now();
        for item in items {
            evaluate(&decode(item), &rules);
        }
        best = best.min(begun.elapsed().as_secs_f64());
    }
    best * 1e9 / f64::from(u32::try_from(items.len()).unwrap_or(u32::MAX))
}

/// Everyone once, as a count of instructions sees it.
fn once(items: &[Item], settings: &Settings, decode: fn(Item) -> Glance) {
    let rules = Rules {
        settings,
        cutoffs: &Cutoffs::NONE,
        named: NamedSegments::none(),
    };
    // All at once, as a page of a scan has them.
    let page = items.to_vec();
    for item in page {
        evaluate(&decode(item), &rules);
    }
}

fn compare(what: &str, items: &[Item], typed: fn(Item) -> Glance, valued: fn(Item) -> Glance) {
    for item in items {
        assert_eq!(typed(item.clone()), valued(item.clone()), "read alike");
    }
    for zone in ["UTC", "Europe/Berlin"] {
        let settings = Settings {
            time_zone: zone.to_owned(),
            ..Settings::default()
        };
        let typed = time(items, &settings, typed);
        let valued = time(items, &settings, valued);
        println!(
            "{what}, {zone}: read and evaluated in {typed:.0} ns; by serde_json::Value in {valued:.0} ns; {:.2}x",
            typed / valued
        );
    }
}

fn main() {
    let nodes: Vec<Node> = (0..CUSTOMERS).map(customer).collect();
    let whole: Vec<Item> = nodes
        .iter()
        .map(|node| node_item(node).expect("an item"))
        .collect();
    let asked: Vec<Item> = whole.iter().map(projected).collect();
    let settings = Settings::default();
    match std::env::args().nth(1).as_deref() {
        Some("hand") => once(&asked, &settings, glance_by_hand),
        Some("value") => once(&asked, &settings, glance_by_value),
        Some("neither") => std::mem::forget(asked.clone()),
        _ => {
            compare("what is asked for", &asked, glance_by_hand, glance_by_value);
            compare("whole records", &whole, whole_by_type, whole_by_value);
        }
    }
}
