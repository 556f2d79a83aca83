//! What real shops and Shopify's own documentation sent, every file of it, through the door.
//!
//! Each is accepted, and then handled, or left alone because its topic is none we follow, or parked
//! with an error that names the field. Nothing panics and nothing is lost.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use crm_local::deliver::Posting;
use crm_local::replay::Reading;
use crm_local::replay::files::find;
use crm_local::replay::skipped::Found;
use crm_sources::Dialect;
use crm_tests::shared_data;
use crm_tests::stack::Stack;
use http::Request;
use serde_json::{Value, json};

const FOLDERS: [&str; 7] = [
    "documented",
    "recorded_with_headers",
    "recorded_rudder",
    "recorded_pipedream",
    "recorded_other",
    "rest_fixtures",
    "anonymised_shapes",
];

/// What became of a file's payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Handled,
    LeftAlone,
    Parked,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Handled => "handled",
            Self::LeftAlone => "left alone",
            Self::Parked => "parked",
        })
    }
}

/// Every payload of the folders, each with the topic it goes by.
fn postings(folders: &[PathBuf]) -> Vec<Posting> {
    let files = find(folders).expect("the folders can be read");
    let reading = Reading {
        shop: None,
        mapping: None,
        books: None,
    };
    let found = reading
        .all(&files)
        .map(|found| found.expect("every file can be opened"));
    found
        .map(|found| match found {
            Found::Delivery(posting) => posting,
            Found::Skipped(skipped) => unnamed(&skipped.origin),
        })
        .collect()
}

/// A file whose name and envelope tell no topic: parts of resources, mostly, that no webhook
/// carries. It is sent under its own name.
fn unnamed(origin: &str) -> Posting {
    let body = std::fs::read(origin).expect("the file is there");
    let stem = Path::new(origin)
        .file_stem()
        .and_then(OsStr::to_str)
        .expect("a named file");
    let edit = body.windows(12).any(|part| part == b"\"order_edit\"");
    let name = stem
        .to_lowercase()
        .replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    Posting {
        origin: origin.to_owned(),
        dialect: Dialect::Shopify,
        source: "shopify".to_owned(),
        shop: "recorded.myshopify.com".to_owned(),
        topic: if edit {
            "orders/edited".to_owned()
        } else {
            format!("unnamed/{name}")
        },
        api_version: None,
        webhook_id: stem.to_owned(),
        triggered_at: None,
        body,
    }
}

fn short(origin: &str) -> String {
    origin
        .split("/shopify/")
        .last()
        .unwrap_or(origin)
        .to_owned()
}

async fn post(stack: &Stack, posting: &Posting) -> u16 {
    let secrets = stack.system().identity().webhook_secrets();
    let secret = &secrets[posting.dialect.name()];
    let mut request = Request::builder().method("POST").uri(posting.path());
    for (name, value) in posting.headers(secret.as_bytes()) {
        request = request.header(name, value);
    }
    let request = request
        .body(posting.body.clone())
        .expect("headers that a sender can send");
    stack.send(request).await.status
}

/// What a delivery did, told by what the functions counted and what was given up.
async fn deliver(stack: &Stack, posting: &Posting, parked: &mut Vec<Value>) -> Outcome {
    let count = |name: &str| {
        let all = stack.system().functions().measures().all();
        all.get(&format!("customer_upsert.{name}"))
            .copied()
            .unwrap_or(0.0)
    };
    let handled = || count("deliveries_recorded") + count("deliveries_unchanged");
    let before = (handled(), count("deliveries_not_followed"));
    assert_eq!(
        post(stack, posting).await,
        200,
        "{} was not let in",
        posting.origin
    );
    stack.settle().await;
    let given_up = stack.dead_letters().await;
    if given_up.len() > parked.len() {
        *parked = given_up;
        return Outcome::Parked;
    }
    let after = (handled(), count("deliveries_not_followed"));
    if after.1 > before.1 {
        return Outcome::LeftAlone;
    }
    assert!(after.0 > before.0, "{} left no trace: lost", posting.origin);
    Outcome::Handled
}

/// A store that knows a rate for every currency in the recordings.
async fn worldly_store() -> Stack {
    let stack = Stack::start_at("2026-11-01T00:00:00Z").await;
    let currencies = [
        "GBP", "INR", "CAD", "VND", "EUR", "AUD", "JPY", "SEK", "DKK", "PLN", "CHF", "NZD", "USD",
    ];
    let rates: BTreeMap<_, _> = currencies
        .map(|code| (code, json!({"1970-01-01": "1.25"})))
        .into();
    let settings = json!({"reporting_currency": "USD", "fx_rates": rates});
    let answer = stack
        .call("admin", "PUT", "/v1/settings", Some(settings))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    stack
}

#[tokio::test]
async fn every_recorded_and_documented_payload_is_handled_left_alone_or_parked_with_its_field() {
    let folders: Option<Vec<_>> = FOLDERS
        .map(|folder| shared_data::find(&format!("shopify/{folder}")))
        .into_iter()
        .collect();
    let Some(folders) = folders else {
        return;
    };
    let stack = worldly_store().await;
    let postings = postings(&folders);
    let mut table: BTreeMap<(String, Outcome), u32> = BTreeMap::new();
    let (mut parked, mut explained) = (Vec::new(), Vec::new());
    for posting in &postings {
        let known = parked.len();
        let outcome = deliver(&stack, posting, &mut parked).await;
        *table.entry((posting.topic.clone(), outcome)).or_default() += 1;
        for letter in &parked[known..] {
            let reason = letter["reason"].as_str().unwrap_or_default().to_owned();
            explained.push((short(&posting.origin), reason));
        }
    }

    println!("{:<48} {:<10} {:>5}", "topic", "outcome", "files");
    for ((topic, outcome), files) in &table {
        println!("{topic:<48} {outcome:<10} {files:>5}");
    }
    for (file, reason) in &explained {
        println!("parked: {file}: {reason}");
    }
    println!("{} payloads, {} parked", postings.len(), explained.len());

    assert_eq!(
        table.values().sum::<u32>() as usize,
        postings.len(),
        "each has one outcome"
    );
    assert!(
        postings.len() > 400,
        "only {} payloads were found",
        postings.len()
    );
    // Each reason names the field at fault, as `field: what is wrong with it`.
    for (file, reason) in &explained {
        assert!(
            reason.contains("cannot read the delivery"),
            "{file}: {reason}"
        );
        assert!(
            reason.contains(": "),
            "{file} is parked without its field: {reason}"
        );
    }
    assert_eq!(
        explained.len(),
        20,
        "payloads that are cut down, masked or hand-edited"
    );
}
