//! All that happened, in order, page by page.

use crm_domain::case::{Case, CaseStatus, Clock, Priority};
use crm_domain::identity::NodeId;
use crm_domain::settings::Settings;
use crm_store::{Changes, Store};
use crm_tests::shop::{Webhook, order, refund};
use crm_tests::stack::Stack;
use serde_json::{Value, json};

use crate::support::{ask, bought, id_of, merge, set, unmerge};

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

/// Moves a case on.
async fn move_to(stack: &Stack, case: &str, status: &str) {
    let path = format!("/v1/cases/{case}/status");
    let body = Some(json!({ "status": status }));
    let moved = stack.call("agent", "POST", &path, body).await;
    assert_eq!(moved.status, 200, "{moved:?}");
    stack.settle().await;
}

async fn open_case(stack: &Stack, id: &str) -> String {
    let body = json!({"customer_id": id, "subject": "Broken", "priority": "low"});
    let made = stack.call("agent", "POST", "/v1/cases", Some(body)).await;
    assert_eq!(made.status, 201, "{made:?}");
    stack.settle().await;
    made.body["id"].as_str().unwrap().to_owned()
}

/// Kind and status of each event of some kinds, the oldest first.
fn told(all: &[Value], kinds: &str) -> Vec<String> {
    let word = |event: &Value, name: &str| event[name].as_str().unwrap_or("-").to_owned();
    let told = all.iter().rev();
    let told = told.filter(|event| word(event, "kind").starts_with(kinds));
    told.map(|event| format!("{} {}", word(event, "kind"), word(event, "status")))
        .collect()
}

#[tokio::test]
async fn every_step_of_a_case_is_told() {
    let (stack, id) = ada().await;
    let case = open_case(&stack, &id).await;
    for (at, status) in [
        ("2026-03-02T13:00:00Z", "Escalated"),
        ("2026-03-02T14:00:00Z", "Resolved"),
        ("2026-03-02T15:00:00Z", "In Progress"),
        ("2026-03-02T16:00:00Z", "Resolved"),
        ("2026-03-02T17:00:00Z", "Closed"),
    ] {
        stack.until(at).await;
        move_to(&stack, &case, status).await;
    }
    let all = timeline(&stack, &id, 100).await;
    assert_eq!(
        told(&all, "case"),
        [
            "case_opened -",
            "case_escalated Escalated",
            "case_closed Resolved",
            "case_reopened In Progress",
            "case_closed Resolved",
            "case_closed Closed",
        ]
    );
    for limit in [1, 3] {
        assert_eq!(timeline(&stack, &id, limit).await, all, "pages of {limit}");
    }
}

#[tokio::test]
async fn a_case_that_ended_before_what_health_looks_at_is_told_all_the_same() {
    let (stack, id) = ada().await;
    let opened_at = "2024-03-04T12:00:00Z".parse().unwrap();
    let priority = Priority::Urgent;
    let clock = Clock::first_response(&Settings::default(), priority, opened_at);
    let mut case = Case {
        id: "a".repeat(26),
        version: 0,
        node: NodeId::parse(&id).unwrap(),
        order: None,
        subject: "Broken".to_owned(),
        priority,
        status: CaseStatus::New,
        opened_at,
        ended_at: None,
        moves: Vec::new(),
        first_response: clock,
    };
    let ended_at = "2024-03-04T18:00:00Z".parse().unwrap();
    case.move_to(CaseStatus::Resolved, ended_at).unwrap();
    let mut changes = Changes::new();
    changes.case_put(&case).unwrap();
    store(&stack).commit(changes).await.unwrap();

    let all = timeline(&stack, &id, 100).await;
    let steps = ["case_opened -", "case_breached -", "case_closed Resolved"];
    assert_eq!(told(&all, "case"), steps);
    let last: Vec<_> = all.iter().rev().take(3).collect();
    assert!(
        last.iter().all(|event| event["case_id"] == *case.id),
        "before the order"
    );
}

/// The tables behind a stack.
fn store(stack: &Stack) -> Store {
    let variables = &stack.system().wiring().functions["Api"].variables;
    let sdk = stack.system().services().sdk_config();
    Store::new(&sdk, &variables["PEOPLE_TABLE"], &variables["FACTS_TABLE"])
}

#[tokio::test]
async fn a_return_is_told_of_at_every_state_it_came_to() {
    let (stack, id) = ada().await;
    for (topic, status, at) in [
        ("returns/request", "requested", "2026-03-01T10:00:00Z"),
        ("returns/approve", "open", "2026-03-01T11:00:00Z"),
        ("returns/close", "closed", "2026-03-01T12:00:00Z"),
        ("returns/reopen", "open", "2026-03-01T13:00:00Z"),
    ] {
        let body = json!({
            "id": 7, "status": status, "order": {"id": 1},
            "return_line_items": [{"quantity": 1}],
        });
        let webhook = Webhook {
            triggered_at: Some(at.parse().unwrap()),
            ..Webhook::new(topic, &body)
        };
        // Twice is once.
        stack.deliver([webhook.clone(), webhook]).await;
    }
    let all = timeline(&stack, &id, 100).await;
    let states = ["requested", "open", "closed", "open"];
    assert_eq!(
        told(&all, "return"),
        states.map(|state| format!("return {state}"))
    );
    for limit in [1, 2] {
        assert_eq!(timeline(&stack, &id, limit).await, all, "pages of {limit}");
    }
}

async fn ada() -> (Stack, String) {
    let stack = Stack::start().await;
    stack
        .deliver([bought(1, 1, ADA, "2026-03-01T09:00:00Z")])
        .await;
    let id = id_of(&stack, ADA).await;
    (stack, id)
}

/// Most read units of a page of one event, however many orders there are.
const SMALL_PAGE: f64 = 12.0;

#[tokio::test]
async fn a_short_page_of_a_long_history_is_cheap_and_pages_of_any_length_are_the_same() {
    let stack = Stack::start().await;
    let placed = |n: u32| format!("2026-01-{:02}T{:02}:00:00Z", 1 + n / 24, n % 24);
    let orders: Vec<_> = (0..130)
        .map(|n| bought(u64::from(n) + 1, 1, ADA, &placed(n)))
        .collect();
    stack.deliver(orders).await;
    // The oldest order of the first hundred is given back last of all.
    stack
        .deliver([refund(7, 31, "2026-02-20T11:30:00Z", 1, "20.00")])
        .await;
    let id = id_of(&stack, ADA).await;
    for _ in 0..3 {
        open_case(&stack, &id).await;
    }
    let all = timeline(&stack, &id, 100).await;
    let orders = all.iter().filter(|event| event["kind"] == "order");
    assert_eq!(orders.count(), 130);
    let place = |kind: &str| all.iter().position(|event| event["kind"] == kind);
    assert!(place("refund") < place("order"), "later than any order");
    for limit in [7, 33] {
        assert_eq!(timeline(&stack, &id, limit).await, all, "pages of {limit}");
    }

    let path = format!("/v1/customers/{id}?sections=timeline&timeline_limit=1");
    let (mut cursor, mut most) = (String::new(), 0.0_f64);
    for expected in &all {
        let path = format!("{path}{cursor}");
        let page = ask(&stack, ("agent", "GET", &path), &[], None).await;
        let events = page.body["timeline"].as_array().unwrap();
        if let Some(event) = events.first() {
            assert_eq!(event, expected);
        }
        most = most.max(page.read_units());
        let Some(next) = page.body["timeline_cursor"].as_str() else {
            break;
        };
        cursor = format!("&timeline_cursor={next}");
    }
    println!("a page of one event: at most {most} read units");
    assert!(most <= SMALL_PAGE, "{most}");
}

#[tokio::test]
async fn more_cases_than_are_looked_into_at_once_are_all_told() {
    let (stack, id) = ada().await;
    for _ in 0..110 {
        let body = json!({"customer_id": id, "subject": "Broken", "priority": "low"});
        let made = stack.call("agent", "POST", "/v1/cases", Some(body)).await;
        assert_eq!(made.status, 201, "{made:?}");
    }
    stack.settle().await;
    let all = timeline(&stack, &id, 100).await;
    let opened = |all: &[Value]| told(all, "case_opened").len();
    assert_eq!((opened(&all), told(&all, "order").len()), (110, 1));
    let short = timeline(&stack, &id, 9).await;
    assert_eq!((opened(&short), short.len()), (110, all.len()));
}

#[tokio::test]
async fn a_refusal_tells_what_reading_took_too() {
    let (stack, id) = ada().await;
    for path in [
        "/v1/customers/nobody".to_owned(),
        format!("/v1/customers/{id}?sections=all"),
    ] {
        let refused = ask(&stack, ("agent", "GET", &path), &[], None).await;
        assert!(refused.status >= 400, "{refused:?}");
        assert!(refused.read_units() >= 0.0, "{refused:?}");
    }
}
