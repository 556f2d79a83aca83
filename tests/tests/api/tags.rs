//! Tags of what can be changed: told with it, and asked back where it is
//! changed.

use serde_json::json;

use crate::shop::customer;
use crate::support::{Api, get, post, put};

const ADA: &str = "adaadaadaada";
const SPEND: &str = "/v1/spend/email/2026-03";
const PRODUCT: &str = "shopify:one.example:9";

#[tokio::test]
async fn what_was_spent_is_changed_by_who_has_seen_it() {
    let api = Api::new().await;
    let tell =
        |amount: &str, seen: &str| put(SPEND, &json!({"amount": amount})).header("if-match", seen);
    // Nobody told yet.
    api.expect(412, tell("7", "\"1\"")).await;
    let first = api.send(tell("7", "\"0\"")).await;
    assert_eq!((first.status, first.header("etag")), (200, Some("\"1\"")));
    let problem = api.expect(412, tell("8", "\"0\"")).await;
    assert_eq!(problem["field"], "If-Match");
    let second = api.send(tell("8", "\"1\"")).await;
    assert_eq!((second.status, second.header("etag")), (200, Some("\"2\"")));
    // The same amount once more is no change.
    let again = api.send(put(SPEND, &json!({"amount": "8"}))).await;
    assert_eq!(again.header("etag"), Some("\"2\""));
}

#[tokio::test]
async fn costs_and_settings_are_not_sent_to_who_has_them() {
    let api = Api::new().await;
    let costs = json!({"costs": [{"product": PRODUCT, "unit_cost": "4.5"}]});
    api.expect(200, put("/v1/costs", &costs)).await;
    for target in [format!("/v1/costs/{PRODUCT}"), "/v1/settings".to_owned()] {
        let read = api.send(get(&target)).await;
        let tag = read.header("etag").unwrap();
        let again = api.send(get(&target).header("if-none-match", tag)).await;
        assert_eq!((again.status, again.header("etag")), (304, Some(tag)));
        let other = api
            .send(get(&target).header("if-none-match", "\"9\""))
            .await;
        assert_eq!((other.status, &other.body), (200, &read.body));
    }
}

#[tokio::test]
async fn a_case_has_the_tag_it_was_opened_with() {
    let api = Api::new().await;
    let ada = customer(ADA, "shopify:one.example:7", "ada@example.com");
    ada.record(&api.tables.store).await;
    let case = json!({"customer_id": ADA, "subject": "Where?", "priority": "low"});
    let opened = api.send(post("/v1/cases", &case)).await;
    let path = opened.header("location").unwrap();
    let read = api.send(get(path)).await;
    assert_eq!(read.header("etag"), opened.header("etag"));
    assert_eq!(read.header("etag"), Some("\"1\""));
}
