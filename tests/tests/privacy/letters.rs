//! Letters that were given up: nobody is named in them any more, and no money is lost.

use crm_tests::shop::{Webhook, order};
use crm_tests::stack::Stack;
use serde_json::json;

use crate::kept::{ADA, ada_buys, ada_herself, ada_wants_out, after, known_as, requests};

async fn redrive(stack: &Stack) {
    let request = http::Request::builder()
        .method("POST")
        .uri("/_local/dead-letters/redrive")
        .body(Vec::new())
        .expect("a request");
    assert!(stack.send(request).await.status < 300);
    stack.settle().await;
}

#[tokio::test]
async fn an_order_that_only_waits_for_a_rate_outlives_its_buyer() {
    let stack = Stack::start().await;
    let then = after(&stack, -48);
    stack
        .deliver([ada_herself(then), ada_buys(1, then, "20.00")])
        .await;
    let ada = stack.customer("canary.ada@example.com").await["id"].clone();
    let path = format!("/v1/customers/{}", ada.as_str().expect("an id"));
    let at = then.to_string();
    let line =
        json!([{"id": 21, "product_id": 9001, "title": "Cup", "quantity": 2, "price": "5.00"}]);
    let foreign = order(2, &at, "5.00", 2)
        .by(ADA, "canary.ada@example.com", "Adacanaria")
        .with(&at, "currency", json!("USD"))
        .with(&at, "line_items", line);
    stack.deliver([foreign.created()]).await;
    let given_up = stack.dead_letters().await;
    assert_eq!(given_up.len(), 1, "{given_up:?}");

    stack.deliver([ada_wants_out()]).await;
    assert_eq!(requests(&stack).await[0]["letters_removed"], 1);
    let waiting = stack.dead_letters().await;
    assert_eq!(waiting.len(), 1, "the money waits");
    let left = stack.get("viewer", &path).await.body;
    assert_eq!(
        (&left["gross"], &left["orders_count"]),
        (&json!("21"), &json!(1))
    );

    // Once there is a rate it counts where what was counted before is.
    let rate = json!({"fx_rates": {"USD": {"2026-01-01": "0.5"}}});
    let set = stack.call("admin", "PUT", "/v1/settings", Some(rate)).await;
    assert_eq!(set.status, 200, "{set:?}");
    stack.until("2026-03-02T12:30:00Z").await;
    redrive(&stack).await;
    assert_eq!(stack.dead_letters().await.len(), 0);
    let left = stack.get("viewer", &path).await.body;
    assert_eq!(
        (&left["gross"], &left["orders_count"]),
        (&json!("26"), &json!(2))
    );
    assert_eq!(left["emails"], json!([]));
    assert_eq!(known_as(&stack, ADA).await.body["items"], json!([]));
}

#[tokio::test]
async fn a_letter_that_is_given_up_after_she_was_forgotten_is_thrown_away_too() {
    let stack = Stack::start().await;
    let then = after(&stack, -48);
    stack.deliver([ada_herself(then), ada_wants_out()]).await;
    assert_eq!(requests(&stack).await[0]["state"], "done");
    // Nobody can read these, and three of them name her: by id, by address, in a text cut short.
    let by_id = json!({"id": "x", "customer": {"id": ADA}});
    let by_address = json!({"id": "x", "note_attributes": [{"value": "Canary.Ada@example.com"}]});
    let of_another = json!({"id": "x", "customer": {"id": 5}, "email": "bo@example.com"});
    let broken = r#"{"id": "x", "email": "canary.ada@example.com", "#;
    stack
        .deliver([
            Webhook::new("orders/create", &by_id),
            Webhook::new("orders/create", &by_address),
            Webhook::new("orders/create", &of_another),
            Webhook::raw("orders/create", broken),
        ])
        .await;
    assert_eq!(stack.dead_letters().await.len(), 4);
    stack.until("2026-03-02T12:20:00Z").await;
    assert_eq!(stack.dead_letters().await.len(), 1, "the other one's stays");
    let request = &requests(&stack).await[0];
    assert_eq!(request["letters_removed"], 3);
    assert_eq!(request["external_id"], json!(null));
}
