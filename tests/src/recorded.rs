//! What real shops and Shopify's own documentation sent, as it lies beside the repository.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crm_local::deliver::Posting;
use crm_local::replay::Reading;
use crm_local::replay::files::find;
use crm_local::replay::skipped::Found;
use crm_sources::Dialect;
use http::Request;
use serde_json::json;

use crate::shared_data;
use crate::stack::Stack;

const FOLDERS: [&str; 7] = [
    "documented",
    "recorded_with_headers",
    "recorded_rudder",
    "recorded_pipedream",
    "recorded_other",
    "rest_fixtures",
    "anonymised_shapes",
];

/// The folders of recorded and documented payloads; none where they are not installed.
#[must_use]
pub fn folders() -> Option<Vec<PathBuf>> {
    let folders = FOLDERS.map(|folder| shared_data::find(&format!("shopify/{folder}")));
    folders.into_iter().collect()
}

/// Every payload of the folders, each with the topic it goes by.
///
/// # Panics
///
/// When a file cannot be read.
#[must_use]
pub fn postings(folders: &[PathBuf]) -> Vec<Posting> {
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

/// Sends a payload to the door as its sender signs it; the status it answers.
///
/// # Panics
///
/// Never, for headers that a sender can send.
pub async fn post(stack: &Stack, posting: &Posting) -> u16 {
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

/// A store that knows a rate for every currency in the recordings: 1.25 dollars each.
///
/// # Panics
///
/// When the system cannot start.
pub async fn worldly_store() -> Stack {
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
