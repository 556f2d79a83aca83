//! Whom a wish to be forgotten means, and who decides when that is unclear.

use crm_tests::shop::{Webhook, order};
use crm_tests::stack::Stack;
use serde_json::{Value, json};

use crate::kept::{ADA, ada_buys, ada_herself, ada_wants_out, after, known_as, requests};

const BO: u64 = 55_001;

fn merged(kept: u64, gone: u64) -> Webhook {
    let gid = |id| format!("gid://shopify/Customer/{id}");
    let body = json!({
        "status": "completed",
        "admin_graphql_api_customer_kept_id": gid(kept),
        "admin_graphql_api_customer_deleted_id": gid(gone),
    });
    Webhook::new("customers/merge", &body)
}

async fn ada_and_bo(stack: &Stack) -> Value {
    let then = after(stack, -48);
    let bo = order(7, &then.to_string(), "11.00", 1).by(BO, "bo@example.com", "Bo");
    stack
        .deliver([ada_herself(then), ada_buys(1, then, "20.00"), bo.created()])
        .await;
    stack.customer("bo@example.com").await
}

#[tokio::test]
async fn the_one_merged_away_is_forgotten_and_never_the_survivor() {
    let stack = Stack::start().await;
    let bo = ada_and_bo(&stack).await;
    stack.deliver([merged(BO, ADA)]).await;
    stack.deliver([ada_wants_out()]).await;

    assert_eq!(requests(&stack).await[0]["state"], "done");
    let left = stack.customer("bo@example.com").await;
    assert_eq!(
        (&left["id"], &left["first_name"]),
        (&bo["id"], &json!("Bo"))
    );
    assert_eq!(left["emails"], json!(["bo@example.com"]));
    assert_eq!(
        left["external_ids"],
        json!([format!("shopify:cups.myshopify.com:{BO}")])
    );
    // What was bought as the other counts as it did.
    assert_eq!(left["gross"], "32");
    assert_eq!(known_as(&stack, ADA).await.body["items"], json!([]));
}

#[tokio::test]
async fn of_a_joined_customer_a_person_decides_who_is_meant() {
    let stack = Stack::start().await;
    let bo = ada_and_bo(&stack).await;
    let ada = stack.customer("canary.ada@example.com").await;
    let (ada, bo) = (
        ada["id"].as_str().expect("an id"),
        bo["id"].as_str().expect("an id"),
    );
    let path = format!("/v1/customers/{bo}/merge");
    let body = json!({"with": ada, "accept_limits": true});
    let joined = stack.call("agent", "POST", &path, Some(body)).await;
    assert!(joined.status < 300, "{joined:?}");

    stack.deliver([ada_wants_out()]).await;
    let request = requests(&stack).await[0].clone();
    assert_eq!(
        (&request["state"], &request["doubt"]),
        (&json!("needs_a_person"), &json!("joined_with_others"))
    );
    let both = stack.customer("canary.ada@example.com").await;
    assert_eq!(
        both["emails"].as_array().map(Vec::len),
        Some(2),
        "nothing happened yet"
    );

    let path = format!(
        "/v1/privacy/requests/{}/carry-out",
        request["id"].as_str().expect("an id")
    );
    assert_eq!(stack.call("agent", "POST", &path, None).await.status, 403);
    let body = Some(json!({"scope": "person"}));
    assert_eq!(stack.call("admin", "POST", &path, body).await.status, 202);
    stack.settle().await;
    let request = &requests(&stack).await[0];
    assert_eq!(request["state"], "done");
    assert!(request["done_by"].is_string());
    assert_eq!(request["external_id"], json!(null));
    for id in [ADA, BO] {
        assert_eq!(known_as(&stack, id).await.body["items"], json!([]), "{id}");
    }
    let left = stack
        .get("viewer", &format!("/v1/customers/{bo}"))
        .await
        .body;
    assert_eq!(
        (&left["gross"], &left["emails"]),
        (&json!("32"), &json!([]))
    );
}

#[tokio::test]
async fn a_wish_that_comes_before_the_news_of_its_merge_leaves_the_money_with_the_survivor() {
    let stack = Stack::start().await;
    let bo = ada_and_bo(&stack).await;
    stack.deliver([ada_wants_out()]).await;
    stack.deliver([merged(BO, ADA)]).await;
    let left = stack.customer("bo@example.com").await;
    assert_eq!((&left["id"], &left["gross"]), (&bo["id"], &json!("32")));
    assert_eq!(left["emails"], json!(["bo@example.com"]));
    assert_eq!(known_as(&stack, ADA).await.body["items"], json!([]));
}

#[tokio::test]
async fn two_who_were_merged_by_hand_and_then_at_the_source_leave_no_doubt() {
    let stack = Stack::start().await;
    let bo = ada_and_bo(&stack).await;
    let ada = stack.customer("canary.ada@example.com").await;
    let path = format!("/v1/customers/{}/merge", bo["id"].as_str().expect("an id"));
    let body = json!({"with": ada["id"], "accept_limits": true});
    let joined = stack.call("agent", "POST", &path, Some(body)).await;
    assert_eq!(joined.status, 201, "{joined:?}");
    stack.deliver([merged(BO, ADA)]).await;
    stack.deliver([ada_wants_out()]).await;
    assert_eq!(requests(&stack).await[0]["state"], "done");
    let left = stack.customer("bo@example.com").await;
    assert_eq!(
        (&left["gross"], &left["first_name"]),
        (&json!("32"), &json!("Bo"))
    );
}

#[tokio::test]
async fn of_two_who_are_joined_one_alone_may_be_forgotten() {
    let stack = Stack::start().await;
    let bo = ada_and_bo(&stack).await;
    let ada = stack.customer("canary.ada@example.com").await;
    let path = format!("/v1/customers/{}/merge", bo["id"].as_str().expect("an id"));
    let body = json!({"with": ada["id"], "accept_limits": true});
    let joined = stack.call("agent", "POST", &path, Some(body)).await;
    assert_eq!(joined.status, 201, "{joined:?}");
    stack.deliver([ada_wants_out()]).await;
    let request = requests(&stack).await[0]["id"].clone();
    let path = format!(
        "/v1/privacy/requests/{}/carry-out",
        request.as_str().expect("an id")
    );
    let wrong = Some(json!({"scope": "all"}));
    assert_eq!(stack.call("admin", "POST", &path, wrong).await.status, 400);
    let body = Some(json!({"scope": "node"}));
    assert_eq!(stack.call("admin", "POST", &path, body).await.status, 202);
    stack.settle().await;

    assert_eq!(requests(&stack).await[0]["state"], "done");
    let left = stack.customer("bo@example.com").await;
    assert_eq!((&left["id"], &left["gross"]), (&bo["id"], &json!("32")));
    assert_eq!(left["emails"], json!(["bo@example.com"]));
    assert_eq!(left["phone"], json!(null));
    assert!(
        !left.to_string().to_lowercase().contains("canary"),
        "{left}"
    );
    assert_eq!(known_as(&stack, ADA).await.body["items"], json!([]));
}

#[tokio::test]
async fn a_guest_under_the_survivors_address_stays_when_the_one_merged_away_goes() {
    let stack = Stack::start().await;
    let at = after(&stack, -48).to_string();
    // The guest had the address first; whoever survives goes by it now.
    let guest = order(1, &at, "5.00", 1).by_guest("bo@example.com");
    stack.deliver([guest.created()]).await;
    let bo = order(7, &at, "11.00", 1).by(BO, "bo@example.com", "Bo");
    let gone = order(8, &at, "20.00", 1).by(ADA, "ada@example.com", "Ada");
    stack.deliver([bo.created(), gone.created()]).await;
    stack.deliver([merged(BO, ADA)]).await;
    let body = json!({"customer": {"id": ADA, "email": "bo@example.com"}, "orders_to_redact": [8]});
    stack
        .deliver([Webhook::new("customers/redact", &body)])
        .await;

    let request = &requests(&stack).await[0];
    assert_eq!(
        (&request["state"], &request["guest_ids"]),
        (&json!("done"), &json!([]))
    );
    let left = stack.customer("bo@example.com").await;
    assert_eq!(
        (&left["gross"], &left["emails"]),
        (&json!("36"), &json!(["bo@example.com"]))
    );
    let orders = left["orders"].to_string();
    assert!(
        orders.contains("#1\"") && orders.contains("#7\""),
        "{orders}"
    );
    assert!(!orders.contains("#8\""), "{orders}");
}

#[tokio::test]
async fn who_bought_again_before_the_wish_arrived_is_forgotten_only_if_somebody_says_so() {
    let minutes = |stack: &Stack, ago: i64| stack.now() - jiff::SignedDuration::from_mins(ago);
    let stack = Stack::start().await;
    let mut wish = ada_wants_out();
    wish.triggered_at = Some(minutes(&stack, 60));
    let then = after(&stack, -48);
    stack
        .deliver([
            ada_herself(then),
            ada_buys(1, then, "20.00"),
            ada_buys(2, minutes(&stack, 12), "5.00"),
        ])
        .await;
    stack.deliver([wish.clone()]).await;
    let request = requests(&stack).await[0].clone();
    assert_eq!(
        (&request["state"], &request["doubt"]),
        (&json!("needs_a_person"), &json!("bought_since"))
    );
    let ada = stack.customer("canary.ada@example.com").await;
    assert_eq!(ada["gross"], "27", "nothing happened yet");
    let path = format!(
        "/v1/privacy/requests/{}/carry-out",
        request["id"].as_str().expect("an id")
    );
    assert_eq!(stack.call("admin", "POST", &path, None).await.status, 202);
    stack.settle().await;
    assert_eq!(requests(&stack).await[0]["state"], "done");
    assert_eq!(known_as(&stack, ADA).await.body["items"], json!([]));

    // The other way round nobody has to say anything: whoever bought is new.
    let stack = Stack::start().await;
    stack
        .deliver([ada_herself(then), ada_buys(1, then, "20.00")])
        .await;
    stack.deliver([wish]).await;
    assert_eq!(requests(&stack).await[0]["state"], "done");
    stack
        .deliver([ada_buys(2, minutes(&stack, 12), "5.00")])
        .await;
    let ada = stack.customer("canary.ada@example.com").await;
    assert_eq!(ada["gross"], "6");
}
