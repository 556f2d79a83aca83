//! Entries of the audit trail end.

use jiff::SignedDuration;
use serde_json::json;

use crate::support::{Api, get, now, put};

#[tokio::test]
async fn an_entry_is_shown_for_as_long_as_the_settings_say() {
    let api = Api::new().await;
    api.expect(200, put("/v1/settings", &json!({"audit_days": 2})))
        .await;
    let look = || get("/v1/customers?segment=New");
    assert_eq!(api.send(look()).await.status, 200);

    // How many looks are told of so many hours later.
    let seen = async |hours: i64, page: u32| {
        let at = now() + SignedDuration::from_hours(hours);
        let target = format!("/v1/audit?to=2026-03-09&limit={page}");
        let answer = api.send_at(at, get(&target)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let items = answer.body["items"].as_array().unwrap().iter();
        items
            .filter(|item| item["action"] == "GET /v1/customers")
            .count()
    };
    assert_eq!(seen(47, 100).await, 1);
    // The table need not have cleared it away by then.
    assert_eq!(seen(48, 100).await, 0);

    // What has ended keeps nothing from being told behind it: the change of
    // the settings is kept for as long as those before it said.
    let at = now() + SignedDuration::from_hours(120);
    let answer = api
        .send_at(at, get("/v1/audit?to=2026-03-09&limit=1"))
        .await;
    assert_eq!(answer.body["items"][0]["action"], "PUT /v1/settings");
}
