//! A case is opened, and its first response is due when the store's hours say so.

use crm_tests::shop::order;
use crm_tests::stack::{Answer, Stack};
use serde_json::{Value, json};

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

async fn opened(stack: &Stack, subject: &str) -> Value {
    let ada = stack.customer("ada@example.com").await;
    let form = json!({"customer_id": ada["id"], "subject": subject, "priority": "urgent"});
    let opened = stack.call("agent", "POST", "/v1/cases", Some(form)).await;
    assert_eq!(opened.status, 201, "{opened:?}");
    stack.settle().await;
    opened.body
}

async fn moved(stack: &Stack, case: &Value, body: Value) -> Answer {
    let path = format!("/v1/cases/{}/status", case["id"].as_str().expect("an id"));
    let answer = stack.call("agent", "POST", &path, Some(body)).await;
    stack.settle().await;
    answer
}

async fn health(stack: &Stack) -> Value {
    stack.customer("ada@example.com").await["assessment"]["health"].clone()
}

#[tokio::test]
async fn health_is_red_with_two_open_cases_and_green_again_once_both_are_over() {
    let stack = Stack::start().await;
    let order = order(1, "2026-03-02T09:00:00Z", "10", 1).by(1, "ada@example.com", "Ada");
    stack.deliver([order.created()]).await;
    assert_eq!(health(&stack).await, "Green");
    let (one, other) = (opened(&stack, "Broken").await, opened(&stack, "Late").await);
    assert_eq!(health(&stack).await, "Red");

    let resolved = moved(&stack, &one, json!({"status": "Resolved", "version": 1})).await;
    assert_eq!(
        (resolved.status, &resolved.body["status"]),
        (200, &json!("Resolved"))
    );
    assert_eq!(resolved.body["ended_at"], "2026-03-02T12:00:00Z");
    assert_eq!(health(&stack).await, "Yellow");
    let closed = moved(&stack, &other, json!({"status": "Closed"})).await;
    assert_eq!(closed.status, 200, "{closed:?}");
    assert_eq!(health(&stack).await, "Green");

    // Neither clock warns any more; what is opened again counts again.
    stack.until("2026-03-02T14:30:00Z").await;
    let again = moved(&stack, &one, json!({"status": "In Progress"})).await;
    assert_eq!(
        again.body["first_response"]["warned_at"],
        json!(null),
        "{again:?}"
    );
    assert_eq!(health(&stack).await, "Yellow");
    let refused = moved(&stack, &other, json!({"status": "In Progress"})).await;
    assert_eq!(
        (refused.status, &refused.body["field"]),
        (409, &json!("status"))
    );
}

#[tokio::test]
async fn a_case_that_was_moved_in_between_is_not_moved_over() {
    let stack = Stack::start().await;
    let order = order(1, "2026-03-02T09:00:00Z", "10", 1).by(1, "ada@example.com", "Ada");
    stack.deliver([order.created()]).await;
    let case = opened(&stack, "Broken").await;
    let escalated = moved(&stack, &case, json!({"status": "Escalated", "version": 1})).await;
    assert_eq!(escalated.body["version"], 2, "{escalated:?}");
    let late = moved(&stack, &case, json!({"status": "Resolved", "version": 1})).await;
    assert_eq!((late.status, &late.body["field"]), (409, &json!("version")));
    // The same once more is as well as once.
    let again = moved(&stack, &case, json!({"status": "Escalated", "version": 1})).await;
    assert_eq!((again.status, &again.body["version"]), (200, &json!(2)));

    for (body, field) in [
        (json!({"status": "Done"}), "status"),
        (json!({"status": "New"}), "status"),
        (json!({"status": "Closed", "version": "2"}), "version"),
        (json!({"status": "Closed", "why": "x"}), "why"),
    ] {
        let refused = moved(&stack, &case, body).await;
        assert_eq!(
            (refused.status, &refused.body["field"]),
            (400, &json!(field))
        );
    }
    let path = format!("/v1/cases/{}/status", case["id"].as_str().unwrap());
    let body = Some(json!({"status": "Closed"}));
    assert_eq!(stack.call("viewer", "POST", &path, body).await.status, 403);
    let nobody = json!({"id": "aaaaaaaa"});
    assert_eq!(
        moved(&stack, &nobody, json!({"status": "Closed"}))
            .await
            .status,
        404
    );
}
