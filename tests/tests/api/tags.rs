//! Tags of what can be changed: told with it, and asked back where it is
//! changed.

use api::route::TABLE;
use serde_json::json;

use crate::shop::customer;
use crate::support::{Api, get, patch, post, put, request};

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

/// The first answer was lost on its way, so the caller asks once more for what
/// it asked, with the tag it had then.
#[tokio::test]
async fn a_change_that_stands_already_is_answered_whatever_tag_it_names() {
    let api = Api::new().await;
    let ada = customer(ADA, "shopify:one.example:7", "ada@example.com");
    ada.record(&api.tables.store).await;
    let said = json!({"kind": "note", "body": "A friend."});
    let said = post(&format!("/v1/customers/{ADA}/communications"), &said);
    let said = api.send(said).await;
    let said = said.header("location").unwrap();
    let of_ada = format!("/v1/customers/{ADA}");
    for (seen_at, asked, other) in [
        (
            of_ada.as_str(),
            patch(&of_ada, &json!({"fields": {"nps": 9}})),
            patch(&of_ada, &json!({"fields": {"nps": 3}})),
        ),
        (
            "/v1/settings",
            put("/v1/settings", &json!({"time_zone": "Europe/Paris"})),
            put("/v1/settings", &json!({"time_zone": "Asia/Tokyo"})),
        ),
        (
            said,
            patch(said, &json!({"body": "An old friend."})),
            patch(said, &json!({"body": "No friend."})),
        ),
    ] {
        let read = api.send(get(seen_at)).await;
        let seen = read.header("etag").unwrap();
        let asked = asked.header("if-match", seen);
        let first = api.send(asked.clone()).await;
        let again = api.send(asked.clone()).await;
        assert_eq!((first.status, again.status), (200, 200), "{seen_at}");
        assert_eq!(first.body, again.body);
        assert_eq!(first.header("etag"), again.header("etag"));
        assert_ne!(again.header("etag"), Some(seen));
        // A tag must look like one all the same.
        let long = asked.header("if-match", &"x".repeat(1025));
        assert_eq!(api.expect(400, long).await["field"], "If-Match");
        // Whoever wants something else has to look again.
        let problem = api.expect(412, other.header("if-match", seen)).await;
        assert_eq!(problem["field"], "If-Match");
    }
    // So it is with the version in the body.
    let told = |zone: &str| put("/v1/settings", &json!({"time_zone": zone, "version": 0}));
    api.expect(200, told("Europe/Paris")).await;
    api.expect(409, told("Asia/Tokyo")).await;

    let spent = |amount: &str| put(SPEND, &json!({ "amount": amount })).header("if-match", "\"0\"");
    let first = api.send(spent("7")).await;
    let again = api.send(spent("7")).await;
    assert_eq!((first.status, again.status), (200, 200));
    assert_eq!(first.header("etag"), again.header("etag"));
    api.expect(412, spent("8")).await;
}

#[tokio::test]
async fn a_tag_is_not_ignored_where_there_is_none() {
    let api = Api::new().await;
    for entry in TABLE.iter().filter(|entry| entry.method != "GET") {
        let words = entry.path.split('/').map(|part| match part {
            _ if part.starts_with('{') => "abcdefgh",
            _ => part,
        });
        let path = words.collect::<Vec<_>>().join("/");
        let asked = request(entry.method, &path).header("if-match", "\"made up\"");
        let answer = api.send(asked).await;
        let refused = (answer.status, &answer.body["field"]) == (400, &json!("If-Match"));
        assert_eq!(refused, !entry.route.is_guarded(), "{:?}", entry.route);
    }
    let costs = json!({"costs": [{"product": PRODUCT, "unit_cost": "4.5"}]});
    let told = put("/v1/costs", &costs).header("if-match", "*");
    api.expect(400, told).await;
    api.expect(404, get(&format!("/v1/costs/{PRODUCT}"))).await;
}
