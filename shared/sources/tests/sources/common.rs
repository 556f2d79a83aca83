//! The recordings beside the repository, and how to find what is in them.

use std::path::{Path, PathBuf};

use crm_sources::{Delivery, Dialect};
use jiff::Timestamp;
use serde_json::Value;
use serde_json::value::RawValue;

/// One payload of the recordings, with the topic it came under.
pub struct Sample {
    /// Path below the folder, with the place in a list where there is one.
    pub name: String,
    pub topic: String,
    pub triggered_at: Option<Timestamp>,
    pub body: String,
}

impl Sample {
    pub fn delivery(&self) -> Delivery {
        Delivery {
            triggered_at: self.triggered_at,
            ..delivery(&self.topic, &self.body)
        }
    }
}

/// A delivery of Ada's shop.
pub fn delivery(topic: &str, body: &str) -> Delivery {
    Delivery {
        dialect: Dialect::Shopify,
        source: "shopify".into(),
        shop: "ada.myshopify.com".into(),
        topic: topic.into(),
        api_version: Some("2025-07".into()),
        webhook_id: None,
        event_id: None,
        triggered_at: None,
        received_at: "2026-01-02T03:04:05Z".parse().unwrap(),
        body: body.as_bytes().to_vec(),
    }
}

/// The folder with real data; `None`, said aloud, where it is not there. Where
/// `CI=true` it must be.
pub fn shopify_data() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/shopify");
    if folder.is_dir() {
        return Some(folder);
    }
    let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!ci, "CI=true, but {} is missing", folder.display());
    eprintln!("NOT TESTED: {} is missing", folder.display());
    None
}

/// Every payload below the folders that hold payloads.
pub fn samples(data: &Path) -> Vec<Sample> {
    let folders = [
        "documented",
        "recorded_with_headers",
        "recorded_rudder",
        "recorded_pipedream",
        "recorded_other",
        "rest_fixtures",
        "anonymised_shapes",
    ];
    let mut files = Vec::new();
    for folder in folders {
        collect(&data.join(folder), &mut files);
    }
    files.sort();
    let all = files.iter().flat_map(|file| unwrapped(data, file));
    all.collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ext| ext == "json") {
            files.push(path);
        }
    }
}

/// The payloads in a file, byte for byte.
fn unwrapped(data: &Path, file: &Path) -> Vec<Sample> {
    let text = std::fs::read_to_string(file).unwrap();
    let name = file.strip_prefix(data).unwrap().display().to_string();
    let json: Value = serde_json::from_str(&text).unwrap();
    let parts: std::collections::BTreeMap<String, Box<RawValue>> =
        serde_json::from_str(&text).unwrap_or_default();
    let folder = name.split('/').next().unwrap();
    let sample = |name: String, topic: &str, body: &str| Sample {
        name,
        topic: topic.into(),
        triggered_at: json["headers"]["x-shopify-triggered-at"]
            .as_str()
            .map(|time| time.parse().unwrap()),
        body: body.into(),
    };
    match folder {
        "documented" | "recorded_rudder" | "recorded_pipedream" => {
            let topic = json["topic"].as_str().unwrap();
            vec![sample(name, topic, parts["payload"].get())]
        }
        "recorded_with_headers" => {
            let topic = json["headers"]["x-shopify-topic"].as_str().unwrap();
            vec![sample(name, topic, parts["body"].get())]
        }
        "recorded_other" => vec![sample(name, "orders/create", &text)],
        "anonymised_shapes" => {
            let topic = anonymised_topic(&name);
            vec![sample(name, topic, &text)]
        }
        _ => rest_answers(&parts)
            .into_iter()
            .enumerate()
            .map(|(n, (topic, body))| sample(format!("{name}[{n}]"), topic, &body))
            .collect(),
    }
}

fn anonymised_topic(name: &str) -> &'static str {
    match name.split("__").nth(1).unwrap() {
        // Two topics lie under one name there.
        "orders" if name.ends_with("2025-04__orders__2.json") => "orders/edited",
        "orders" => "orders/updated",
        "refunds" => "refunds/create",
        "fulfillments" => "fulfillments/update",
        "customers_marketing_consent" => "customers_marketing_consent/update",
        _ => "other/update",
    }
}

/// An answer of the admin API names what it holds.
fn rest_answers(
    parts: &std::collections::BTreeMap<String, Box<RawValue>>,
) -> Vec<(&'static str, String)> {
    let list = |body: &str| -> Vec<Box<RawValue>> { serde_json::from_str(body).unwrap() };
    let mut answers = Vec::new();
    for (key, value) in parts {
        let (topic, bodies) = match key.as_str() {
            "order" => ("orders/updated", vec![value.clone()]),
            "orders" => ("orders/updated", list(value.get())),
            "customer" => ("customers/update", vec![value.clone()]),
            "customers" => ("customers/update", list(value.get())),
            "refund" => ("refunds/create", vec![value.clone()]),
            "fulfillment" => ("fulfillments/update", vec![value.clone()]),
            "fulfillment_event" => ("fulfillment_events/create", vec![value.clone()]),
            _ => ("other/answer", vec![value.clone()]),
        };
        answers.extend(
            bodies
                .into_iter()
                .map(|body| (topic, body.get().to_owned())),
        );
    }
    answers
}
