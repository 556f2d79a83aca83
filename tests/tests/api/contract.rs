//! The document that describes the API: what is in it, and how callers get it.

use std::collections::BTreeSet;
use std::path::Path;

use api::contract::DOCUMENT;
use api::route::TABLE;
use serde_json::{Value, json};

use crate::support::{Api, get};

/// Set this to write the document anew, once the change is meant.
const ACCEPT: &str = "ACCEPT_OPENAPI";

#[test]
fn the_document_that_is_served_is_what_the_types_say() {
    let text = api::contract::text(&api::contract::document());
    if std::env::var_os(ACCEPT).is_some() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/api/openapi.json");
        std::fs::write(file, &text).unwrap();
        return;
    }
    assert!(
        text == DOCUMENT,
        "openapi.json is no longer what the types say; to accept the change: \
         {ACCEPT}=1 cargo test --workspace --test api -- contract"
    );
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let document = api::contract::document();
    let mut told = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            told.insert((method.to_uppercase(), path.clone()));
        }
    }
    let table = TABLE.iter();
    let table: BTreeSet<_> = table
        .map(|entry| (entry.method.to_owned(), entry.path.to_owned()))
        .collect();
    assert_eq!(told, table);
    assert_eq!(table.len(), TABLE.len());
}

#[test]
fn every_reference_leads_somewhere_and_every_type_is_used() {
    let document = api::contract::document();
    let mut places = BTreeSet::new();
    references(&document, &mut places);
    let mut known = BTreeSet::new();
    for kind in ["schemas", "responses"] {
        let all = document["components"][kind].as_object().unwrap();
        known.extend(all.keys().map(|name| format!("#/components/{kind}/{name}")));
    }
    assert_eq!(places, known);
}

fn references(value: &Value, places: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(place) = object.get("$ref").and_then(Value::as_str) {
                places.insert(place.to_owned());
            }
            object.values().for_each(|value| references(value, places));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, places)),
        _ => {}
    }
}

#[test]
fn every_request_says_in_words_what_it_does_and_every_body_is_closed() {
    let document = api::contract::document();
    for entry in &TABLE {
        let told = &document["paths"][entry.path][entry.method.to_lowercase()];
        assert!(
            told["summary"].as_str().unwrap().len() > 5,
            "{}",
            entry.path
        );
        let schema = &told["requestBody"]["content"]["application/json"]["schema"];
        if schema.is_null() {
            assert!(matches!(entry.method, "GET" | "DELETE"), "{}", entry.path);
            continue;
        }
        let name = schema["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
        let body = &document["components"]["schemas"][name];
        assert_eq!(body["additionalProperties"], false, "{name}");
    }
}

#[test]
fn a_tag_is_described_exactly_where_it_is_heeded() {
    let document = api::contract::document();
    for entry in &TABLE {
        let told = &document["paths"][entry.path][entry.method.to_lowercase()];
        let parameters = told["parameters"].as_array().into_iter().flatten();
        let mut names = parameters.map(|parameter| &parameter["name"]);
        let is_told = names.any(|name| name == "If-Match");
        assert_eq!(is_told, entry.route.is_guarded(), "{:?}", entry.route);
    }
}

#[tokio::test]
async fn whoever_asks_is_told_what_can_be_asked() {
    let api = Api::new().await;
    let asked = || get("/v1/openapi.json").with_claims(&json!({}));
    let first = api.send(asked()).await;
    assert_eq!(first.status, 200);
    assert_eq!(first.body["openapi"], "3.1.0");
    assert!(first.body["paths"]["/v1/customers/{id}"]["get"].is_object());
    // The same for everyone, and nothing of the store.
    assert_eq!(first.header("cache-control"), Some("public, max-age=300"));

    let tag = first.header("etag").unwrap();
    let again = api.send(asked().header("if-none-match", tag)).await;
    assert_eq!((again.status, again.header("etag")), (304, Some(tag)));
    let other = api.send(asked().header("if-none-match", "\"x\"")).await;
    assert_eq!(other.status, 200);
    api.expect(400, get("/v1/openapi.json?version=2")).await;
}
