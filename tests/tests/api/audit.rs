//! Entries of the audit trail end.

use serde_json::{Value, json};

use crate::support::{Api, get, now, put};

#[tokio::test]
async fn an_entry_is_shown_for_as_long_as_the_settings_say() {
    let api = Api::new().await;
    api.expect(200, put("/v1/settings", &json!({"audit_days": 2})))
        .await;
    let customer = "abcdefghabcdefgh";
    for _ in 0..3 {
        api.expect(404, get(&format!("/v1/customers/{customer}/history")))
            .await;
    }
    // A look that found nobody is none; a list is one.
    api.expect(200, get("/v1/customers?email=ada@example.com"))
        .await;
    let hours = |hours| now() + jiff::SignedDuration::from_hours(hours);
    let seen = async |after: i64| {
        let answer = api
            .send_at(hours(after), get("/v1/audit?to=2026-03-09&limit=1"))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let items = answer.body["items"].as_array().unwrap();
        items
            .iter()
            .map(|item| item["action"].clone())
            .collect::<Vec<Value>>()
    };
    assert_eq!(seen(47).await, [json!("GET /v1/customers")]);
    // A day and more: the table need not have cleared it away.
    let later = seen(49).await;
    assert_eq!(
        later,
        [json!("GET /v1/audit")],
        "what was seen at 47 is newer"
    );
    assert_eq!(seen(120).await, [] as [Value; 0]);
}
