//! Reading and changing settings.

use serde_json::json;

use crate::support::{Api, NOW, get, put};

#[tokio::test]
async fn a_change_replaces_what_is_given_and_keeps_who_made_it() {
    let api = Api::new().await;
    let before = api.expect(200, get("/v1/settings")).await;
    assert_eq!(before["version"], 0);

    let answer = api
        .send(put("/v1/settings", &json!({"time_zone": "Europe/Paris"})))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("etag"), Some("\"1\""));
    let mut expected = before.clone();
    expected["time_zone"] = json!("Europe/Paris");
    expected["version"] = json!(1);
    assert_eq!(answer.body, expected);
    assert_eq!(
        api.expect(200, get("/v1/settings").by_role("viewer")).await,
        expected
    );

    let change = api.expect(200, get("/v1/settings?version=1")).await;
    let recorded =
        json!({"version": 1, "at": NOW, "by": "admin-1", "old": before, "new": expected});
    assert_eq!(change, recorded);
    api.expect(404, get("/v1/settings?version=2")).await;
}

#[tokio::test]
async fn a_caller_who_saw_older_settings_changes_nothing() {
    let api = Api::new().await;
    let change = |version: u64| {
        put(
            "/v1/settings",
            &json!({"count_zero_value_orders": true, "version": version}),
        )
    };
    api.expect(200, change(0)).await;

    let problem = api
        .expect(
            409,
            put(
                "/v1/settings",
                &json!({"time_zone": "Asia/Tokyo", "version": 0}),
            ),
        )
        .await;
    assert_eq!(problem["field"], "version");
    let stale =
        put("/v1/settings", &json!({"time_zone": "Europe/Paris"})).header("if-match", "\"0\"");
    assert_eq!(api.expect(412, stale).await["field"], "If-Match");
    let fresh =
        put("/v1/settings", &json!({"time_zone": "Europe/Paris"})).header("if-match", "\"1\"");
    assert_eq!(api.expect(200, fresh).await["version"], 2);
}

#[tokio::test]
async fn the_same_settings_again_are_no_new_version() {
    let api = Api::new().await;
    let change = json!({"rfm": {"recency_days": [10, 20, 30, 40]}});
    assert_eq!(
        api.expect(200, put("/v1/settings", &change)).await["version"],
        1
    );
    let whole = api.expect(200, put("/v1/settings", &change)).await;
    assert_eq!(whole["version"], 1);
    assert_eq!(api.expect(200, put("/v1/settings", &whole)).await, whole);
}

#[tokio::test]
async fn wrong_settings_are_named_with_their_limit_and_never_repeated() {
    let api = Api::new().await;
    for (given, status, field) in [
        (json!({"time_zone": "canary-value"}), 422, "time_zone"),
        (
            json!({"rfm": {"recency_days": ["canary-value"]}}),
            400,
            "rfm.recency_days",
        ),
        (
            json!({"first_response": {"urgent": {"canary-value": 1}}}),
            400,
            "first_response.urgent",
        ),
        (json!({"lifecycle": {"new_days": 500}}), 422, "lifecycle"),
        (json!({"colour": "canary-value"}), 400, "colour"),
        (json!({"version": "canary-value"}), 400, "version"),
    ] {
        let problem = api.expect(status, put("/v1/settings", &given)).await;
        assert_eq!(problem["field"], field);
        assert!(problem["limit"].is_string());
        assert!(!problem.to_string().contains("canary-value"), "{problem}");
    }
    assert_eq!(api.expect(200, get("/v1/settings")).await["version"], 0);
}
