//! The document that describes the API, as callers get it.

use serde_json::json;

use crate::support::{Api, get};

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
