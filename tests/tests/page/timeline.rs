//! All that happened, in order, page by page.

use crm_tests::shop::{Webhook, order, refund};
use crm_tests::stack::Stack;
use serde_json::{Value, json};

use crate::support::{bought, id_of, merge, set, unmerge};

const ADA: &str = "ada@example.com";

/// A month with Ada: bought, sent, arrived, partly given back; asked, called, joined and parted.
async fn a_month() -> (Stack, String) {
    let stack = Stack::start_at("2025-03-03T12:00:00Z").await;
    let sent = json!([{
        "id": 501, "order_id": 1, "status": "success", "created_at": "2025-03-03T10:00:00Z",
        "shipment_status": "delivered", "updated_at": "2025-03-03T11:00:00Z", "line_items": [],
    }]);
    let first = order(1, "2025-03-03T09:00:00Z", "20.00", 2)
        .by(1, ADA, "Ada")
        .with("2025-03-03T11:00:00Z", "fulfillments", sent);
    stack.deliver([first.created()]).await;
    let id = id_of(&stack, ADA).await;
    stack
        .deliver([refund(7, 1, "2025-03-03T11:30:00Z", 1, "20.00")])
        .await;
    let case = json!({"customer_id": id, "subject": "Broken", "priority": "low"});
    stack.call("agent", "POST", "/v1/cases", Some(case)).await;
    stack.until("2025-03-03T13:00:00Z").await;
    let said = json!({"kind": "call", "direction": "outbound", "body": "Said sorry."});
    let path = format!("/v1/customers/{id}/communications");
    stack.call("agent", "POST", &path, Some(said)).await;
    set(&stack, &id, json!({"nps": 2})).await;
    let yes = json!({
        "customer_id": 1, "email_address": ADA,
        "email_marketing_consent": {
            "state": "subscribed", "opt_in_level": "single_opt_in",
            "consent_updated_at": "2025-03-03T12:30:00Z",
        },
    });
    stack
        .deliver([Webhook::new(
            "customers_email_marketing_consent/update",
            &yes,
        )])
        .await;
    stack
        .deliver([bought(2, 2, "bo@example.com", "2025-03-03T09:00:00Z")])
        .await;
    let bo = id_of(&stack, "bo@example.com").await;
    stack.until("2025-03-03T14:00:00Z").await;
    let made = merge(&stack, &id, &bo).await;
    stack.until("2025-03-03T15:00:00Z").await;
    unmerge(&stack, &id, &made).await;
    let cancelled = order(3, "2025-03-03T14:10:00Z", "5.00", 1)
        .by(1, ADA, "Ada")
        .with(
            "2025-03-03T14:20:00Z",
            "cancelled_at",
            json!("2025-03-03T14:20:00Z"),
        );
    stack.deliver([cancelled.created()]).await;
    stack.until("2025-04-10T12:00:00Z").await;
    (stack, id)
}

async fn timeline(stack: &Stack, id: &str, limit: usize) -> Vec<Value> {
    let mut events = Vec::new();
    let path = format!("/v1/customers/{id}?sections=timeline&timeline_limit={limit}");
    let mut cursor = String::new();
    loop {
        let answer = stack.get("agent", &format!("{path}{cursor}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let page = answer.body["timeline"].as_array().unwrap();
        assert!(page.len() <= limit);
        events.extend(page.clone());
        let Some(next) = answer.body["timeline_cursor"].as_str() else {
            return events;
        };
        cursor = format!("&timeline_cursor={next}");
    }
}

/// The time of an event, or the date of one that has no more.
fn time(event: &Value) -> &str {
    let at = event["at"].as_str().or(event["on"].as_str());
    at.expect("a time or a date")
}

#[tokio::test]
async fn everything_that_happened_stands_in_order_and_once() {
    let (stack, id) = a_month().await;
    let all = timeline(&stack, &id, 100).await;
    let kinds: Vec<_> = all
        .iter()
        .map(|event| event["kind"].as_str().unwrap())
        .collect();
    for kind in [
        "order",
        "shipment",
        "delivery",
        "refund",
        "order_cancelled",
        "case_opened",
        "communication",
        "message",
        "consent",
        "merge",
        "unmerge",
        "change",
        "fields_set",
    ] {
        assert!(kinds.contains(&kind), "no {kind} in {kinds:?}");
    }
    // By their days at least, and among those of known times to the second.
    let days: Vec<_> = all.iter().map(|event| &time(event)[..10]).collect();
    assert!(days.is_sorted_by(|one, next| one >= next), "{days:?}");
    let exact: Vec<_> = all
        .iter()
        .filter_map(|event| event["at"].as_str())
        .collect();
    assert!(exact.is_sorted_by(|one, next| one >= next), "{exact:?}");
    let place = |kind: &str| kinds.iter().position(|known| *known == kind).unwrap();
    let own_order = all
        .iter()
        .position(|event| event["kind"] == "order" && event["order_name"] == "#1")
        .unwrap();
    assert!(place("refund") < place("delivery"));
    assert!(place("delivery") < place("shipment"));
    assert!(place("shipment") < own_order);
    // She is new no longer by time alone, after everything else.
    assert_eq!(
        (&all[0]["kind"], &all[0]["cause"]),
        (&json!("change"), &json!("time"))
    );
    assert_eq!(all[0]["stage"], "Single-order");

    for limit in [1, 2, 3, 7] {
        assert_eq!(timeline(&stack, &id, limit).await, all, "pages of {limit}");
    }
}

#[tokio::test]
async fn what_somebody_may_not_see_hides_nothing_behind_it() {
    let stack = Stack::start().await;
    stack
        .deliver([bought(1, 1, ADA, "2026-01-01T09:00:00Z")])
        .await;
    let id = id_of(&stack, ADA).await;
    let path = format!("/v1/customers/{id}/communications");
    for n in 0..9 {
        // The first and the last are for everybody.
        let kind = if n % 8 == 0 {
            "note"
        } else {
            "internal_comment"
        };
        let at = format!("2026-02-0{}T09:00:00Z", n + 1);
        let said = json!({"kind": kind, "body": format!("Number {n}"), "at": at});
        let added = stack.call("agent", "POST", &path, Some(said)).await;
        assert_eq!(added.status, 201, "{added:?}");
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/v1/customers/{id}?sections=timeline&timeline_limit=2{cursor}");
        let page = stack.get("viewer", &path).await.body;
        seen.extend(page["timeline"].as_array().unwrap().clone());
        let Some(next) = page["timeline_cursor"].as_str() else {
            break;
        };
        cursor = format!("&timeline_cursor={next}");
    }
    let texts: Vec<_> = seen
        .iter()
        .filter_map(|event| event["excerpt"].as_str())
        .collect();
    assert_eq!(texts, ["Number 8", "Number 0"]);
    assert!(
        seen.iter().any(|event| event["kind"] == "order"),
        "behind all of them"
    );
}
