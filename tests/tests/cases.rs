//! A case is opened, and its first response is due when the store's hours say so.

use crm_tests::shop::order;
use crm_tests::stack::Stack;
use serde_json::json;

#[tokio::test]
async fn a_missed_first_response_is_breached_at_its_due_time_however_late_the_checker_runs() {
    let stack = Stack::start().await;
    stack
        .deliver([order(1, "2026-03-02T09:00:00Z", "10", 1)
            .by(1, "ada@example.com", "Ada")
            .created()])
        .await;
    let ada = stack.customer("ada@example.com").await;
    let form = json!({"customer_id": ada["id"], "order_id": "shopify:1", "subject": "Broken", "priority": "urgent"});
    let opened = stack.call("agent", "POST", "/v1/cases", Some(form)).await;
    assert_eq!(opened.status, 201, "{opened:?}");
    assert_eq!(opened.body["order_id"], "shopify:cups.myshopify.com:1");
    assert_eq!(
        opened.body["first_response"]["due_at"],
        "2026-03-02T14:00:00Z"
    );

    // The system sleeps over the due time and wakes up two days later.
    stack.until("2026-03-04T08:00:00Z").await;
    let path = format!("/v1/cases/{}", opened.body["id"].as_str().unwrap());
    let case = stack.get("viewer", &path).await.body;
    assert_eq!(case["first_response"]["warned_at"], "2026-03-02T13:30:00Z");
    assert_eq!(
        case["first_response"]["breached_at"],
        "2026-03-02T14:00:00Z"
    );
}

#[tokio::test]
async fn one_business_hour_from_friday_evening_ends_on_monday_morning() {
    let stack = Stack::start_at("2026-03-06T16:30:00Z").await;
    let hour = json!({"first_response": {"normal": {"business_hours": 1}}});
    let changed = stack.call("admin", "PUT", "/v1/settings", Some(hour)).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    stack
        .deliver([order(1, "2026-03-06T09:00:00Z", "10", 1)
            .by(1, "ada@example.com", "Ada")
            .created()])
        .await;
    let ada = stack.customer("ada@example.com").await;
    let form = json!({"customer_id": ada["id"], "subject": "Where is it?", "priority": "Normal"});
    let opened = stack.call("agent", "POST", "/v1/cases", Some(form)).await;
    assert_eq!(
        opened.body["first_response"]["due_at"], "2026-03-09T09:30:00Z",
        "{opened:?}"
    );
}
