//! Opening cases, once each.

use crm_local::services::Fault;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::shop::{customer, days_ago, join};
use crate::support::{Api, Request, get, now, post};

const ADA: &str = "adaadaada";
const BO: &str = "bobobobo";

async fn shop() -> Api {
    let api = Api::new().await;
    let store = &api.tables.store;
    let ada = customer(ADA, "shopify:one.example:7", "ada@example.com");
    ada.order("1", days_ago(3), 1, "10", 0).record(store).await;
    let bo = customer(BO, "shopify:one.example:8", "bo@example.com");
    bo.order("2", days_ago(3), 1, "10", 0).record(store).await;
    api
}

fn case(change: &Value) -> Value {
    let mut body = json!({"customer_id": ADA, "subject": "Where is it?", "priority": "Normal"});
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn open(change: &Value) -> Request {
    post("/v1/cases", &case(change))
}

#[tokio::test]
async fn a_case_is_opened_with_its_clock_and_can_be_read_again() {
    let api = shop().await;
    let request = open(&json!({"order_id": "shopify:one.example:1"})).by_role("agent");
    let answer = api.send(request).await;
    let opened = answer.body.clone();

    assert_eq!(answer.status, 201, "{opened}");
    let path = format!("/v1/cases/{}", opened["id"].as_str().unwrap());
    assert_eq!(answer.header("location"), Some(path.as_str()));
    assert_eq!(
        (&opened["customer_id"], &opened["order_id"]),
        (&json!(ADA), &json!("shopify:one.example:1"))
    );
    assert_eq!(
        (&opened["status"], &opened["priority"]),
        (&json!("New"), &json!("normal"))
    );
    assert_eq!(opened["opened_at"], "2026-03-06T16:30:00Z");
    assert_eq!(
        opened["first_response"],
        json!({
            "warn_at": "2026-03-09T14:30:00Z",
            "due_at": "2026-03-09T16:30:00Z",
            "warned_at": null,
            "breached_at": null,
            "met_at": null,
            "stopped_at": null,
            "settings": 0,
        })
    );
    assert_eq!(api.expect(200, get(&path).by_role("viewer")).await, opened);
}

#[tokio::test]
async fn what_is_wrong_with_a_case_is_named() {
    let api = shop().await;
    for (change, status, field) in [
        (json!({"customer_id": "nobodyhere"}), 422, "customer_id"),
        (json!({"customer_id": "N#1"}), 400, "customer_id"),
        (json!({"customer_id": null}), 400, "customer_id"),
        (json!({"subject": ""}), 400, "subject"),
        (json!({"subject": "x".repeat(301)}), 400, "subject"),
        (json!({"priority": "soon"}), 400, "priority"),
        (
            json!({"order_id": "shopify:one.example:2"}),
            422,
            "order_id",
        ),
        (
            json!({"order_id": "shopify:one.example:3"}),
            422,
            "order_id",
        ),
        (json!({"order_id": "1"}), 400, "order_id"),
        (json!({"colour": "red"}), 400, "colour"),
    ] {
        let problem = api.expect(status, open(&change)).await;
        assert_eq!(problem["field"], field, "{change}");
        assert!(problem["limit"].is_string(), "{problem}");
    }
}

#[tokio::test]
async fn a_case_stays_on_the_node_whose_id_was_used_and_takes_any_of_the_persons_orders() {
    let api = shop().await;
    let ids = [ADA, BO].map(|id| crm_domain::identity::NodeId::parse(id).unwrap());
    join(&api.tables.store, &ids[0], &ids[1]).await;
    let change = json!({"customer_id": BO, "order_id": "shopify:one.example:1"});
    let opened = api.expect(201, open(&change)).await;
    assert_eq!(opened["customer_id"], BO);
}

#[tokio::test]
async fn the_same_key_and_body_opens_one_case() {
    let api = shop().await;
    let send = |key: &str, change: Value| open(&change).header("idempotency-key", key);
    let first = api.expect(201, send("k1", json!({}))).await;
    let again = api.expect(201, send("k1", json!({}))).await;
    assert_eq!(first, again);

    let problem = api
        .expect(409, send("k1", json!({"subject": "Another"})))
        .await;
    assert_eq!(problem["field"], "Idempotency-Key");

    let other_key = api.expect(201, send("k2", json!({}))).await;
    let other_caller = api
        .expect(201, send("k1", json!({})).by_role("agent"))
        .await;
    let no_key = api.expect(201, open(&json!({}))).await;
    let ids = [&first, &other_key, &other_caller, &no_key].map(|case| case["id"].to_string());
    assert_eq!(std::collections::BTreeSet::from(ids).len(), 4);

    let problem = api.expect(400, send("not visible", json!({}))).await;
    assert_eq!(problem["field"], "Idempotency-Key");
}

#[tokio::test]
async fn a_key_is_free_again_after_a_day_even_if_its_receipt_is_still_there() {
    let api = shop().await;
    let send = || open(&json!({})).header("idempotency-key", "k1");
    let first = api.send(send()).await.body;
    let a_day = SignedDuration::from_hours(24);
    let just_before = now() + a_day - SignedDuration::from_secs(1);
    assert_eq!(api.send_at(just_before, send()).await.body, first);
    let after = api.send_at(now() + a_day, send()).await;
    assert_eq!(after.status, 201);
    assert_ne!(after.body["id"], first["id"]);
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_opens_one_case() {
    for key in [None, Some("k1")] {
        let api = shop().await;
        let once = std::sync::atomic::AtomicBool::new(true);
        api.tables.services.on_call(move |service, operation, _| {
            let writes = matches!(operation, "PutItem" | "TransactWriteItems");
            if service == "dynamodb"
                && writes
                && once.swap(false, std::sync::atomic::Ordering::Relaxed)
            {
                return Fault::DropReplyAfterApplying;
            }
            Fault::None
        });
        let mut request = open(&json!({}));
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let opened = api.expect(201, request).await;
        api.tables.services.no_faults();
        let ada = crm_domain::identity::NodeId::parse(ADA).unwrap();
        let kind = crm_store::FactKind::Case;
        let page = api
            .tables
            .store
            .facts_list(&ada, kind, None, 10)
            .await
            .unwrap();
        assert_eq!(page.items.len(), 1);
        api.expect(
            200,
            get(&format!("/v1/cases/{}", opened["id"].as_str().unwrap())),
        )
        .await;
    }
}

#[tokio::test]
async fn a_case_nobody_opened_is_not_found() {
    let api = Api::new().await;
    for id in ["nocasehere", "K", "K%231"] {
        api.expect(404, get(&format!("/v1/cases/{id}"))).await;
    }
}
