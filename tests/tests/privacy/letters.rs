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

/// The shop passes on that a customer of hers wants to be forgotten.
fn wants_out(id: u64, email: &str) -> Webhook {
    let body = json!({"customer": {"id": id, "email": email}, "orders_to_redact": []});
    Webhook::new("customers/redact", &body)
}

/// A customer, and an order of theirs or of a guest that nobody can read.
fn customer(id: u64, email: &str, at: &str) -> Webhook {
    let body = json!({"id": id, "email": email, "first_name": "Bo", "updated_at": at});
    Webhook::new("customers/update", &body)
}

fn unreadable(customer: Option<u64>, email: &str, note: &str) -> Webhook {
    let customer = customer.map(|id| json!({"id": id, "email": email}));
    let body = json!({"id": "x", "customer": customer, "email": email, "note": note});
    Webhook::new("orders/create", &body)
}

#[tokio::test]
async fn letters_of_others_stay_though_their_address_ends_like_hers_or_names_her() {
    let stack = Stack::start().await;
    let then = after(&stack, -48).to_string();
    stack
        .deliver([
            customer(12, "ann@example.com", &then),
            unreadable(Some(12), "ann@example.com", ""),
            unreadable(None, "ann@example.com", ""),
            // Of other people: one is called nearly so, one gives her a present.
            unreadable(Some(3123), "joann@example.com", ""),
            unreadable(None, "joann@example.com", ""),
            unreadable(Some(999), "bo@example.com", "for ann@example.com"),
        ])
        .await;
    assert_eq!(stack.dead_letters().await.len(), 5);
    stack.deliver([wants_out(12, "ann@example.com")]).await;
    let done = &requests(&stack).await[0];
    assert_eq!(
        (
            &done["state"],
            &done["letters_removed"],
            &done["letters_of_others"]
        ),
        (&json!("done"), &json!(2), &json!(1))
    );
    assert_eq!(stack.dead_letters().await.len(), 3);
    // The look a quarter of an hour later, by digests, leaves them too.
    stack.until("2026-03-02T12:20:00Z").await;
    let done = &requests(&stack).await[0];
    assert_eq!(
        (&done["letters_removed"], &done["letters_of_others"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(stack.dead_letters().await.len(), 3);
}

#[tokio::test]
async fn letters_under_an_address_that_the_survivor_goes_by_now_stay() {
    let stack = Stack::start().await;
    let then = after(&stack, -48).to_string();
    let merge = json!({
        "status": "completed",
        "admin_graphql_api_customer_kept_id": "gid://shopify/Customer/4005",
        "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/4006",
    });
    stack
        .deliver([
            customer(4005, "bo@example.com", &then),
            customer(4006, "ann@example.com", &then),
        ])
        .await;
    stack
        .deliver([Webhook::new("customers/merge", &merge)])
        .await;
    let now = stack.now().to_string();
    stack
        .deliver([
            customer(4005, "ann@example.com", &now),
            unreadable(Some(4005), "ann@example.com", ""),
            unreadable(None, "ann@example.com", ""),
            unreadable(Some(4006), "ann@example.com", ""),
        ])
        .await;
    stack.deliver([wants_out(4006, "ann@example.com")]).await;
    let done = &requests(&stack).await[0];
    assert_eq!(
        (&done["state"], &done["letters_removed"]),
        (&json!("done"), &json!(1))
    );
    assert_eq!(stack.dead_letters().await.len(), 2);
}

#[tokio::test]
async fn of_a_whole_person_the_letters_under_every_address_go() {
    let stack = Stack::start().await;
    let then = after(&stack, -48).to_string();
    stack
        .deliver([
            customer(12, "ann@example.com", &then),
            customer(13, "annette@example.com", &then),
            unreadable(Some(13), "annette@example.com", ""),
            unreadable(None, "annette@example.com", ""),
        ])
        .await;
    let kept = stack.customer("ann@example.com").await["id"].clone();
    let with = stack.customer("annette@example.com").await["id"].clone();
    let path = format!("/v1/customers/{}/merge", kept.as_str().expect("an id"));
    let body = json!({"with": with, "accept_limits": true});
    let joined = stack.call("agent", "POST", &path, Some(body)).await;
    assert_eq!(joined.status, 201, "{joined:?}");
    stack.deliver([wants_out(12, "ann@example.com")]).await;
    let request = requests(&stack).await[0]["id"].clone();
    let path = format!(
        "/v1/privacy/requests/{}/carry-out",
        request.as_str().expect("an id")
    );
    let body = Some(json!({"scope": "person"}));
    assert_eq!(stack.call("admin", "POST", &path, body).await.status, 202);
    stack.settle().await;
    assert_eq!(requests(&stack).await[0]["letters_removed"], 2);
    assert_eq!(stack.dead_letters().await.len(), 0);
}
