//! A shop that goes takes its customers with it.

use crm_local::services::Fault;
use crm_tests::shop::{Webhook, order};
use crm_tests::stack::Stack;
use serde_json::json;

use crate::bytes::a_day_later;
use crate::kept::{
    ADA, Place, ada_buys, ada_herself, after, found_in, known_as, requests, stack_in,
};

#[tokio::test]
async fn a_shop_that_goes_leaves_money_and_nobody() {
    let stack = Stack::start().await;
    let then = after(&stack, -48);
    let at = then.to_string();
    let mut told = vec![ada_herself(then), ada_buys(1, then, "20.00")];
    for n in 0..30_u64 {
        let email = format!("customer{n}@example.com");
        told.push(
            order(100 + n, &at, "10.00", 1)
                .by(9_000 + n, &email, "Bo")
                .created(),
        );
    }
    told.push(
        order(500, &at, "3.00", 1)
            .by_guest("guest.canary@example.com")
            .created(),
    );
    stack.deliver(told).await;
    let ids = stack
        .get(
            "viewer",
            &format!("/v1/customers?external_id=shopify:{ADA}"),
        )
        .await;
    let id = ids.body["items"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();

    let gone = Webhook::new(
        "shop/redact",
        &json!({"shop_id": 1, "shop_domain": "cups.myshopify.com"}),
    );
    stack.deliver([gone.clone()]).await;
    let request = &requests(&stack).await[0];
    assert_eq!(
        (&request["kind"], &request["state"]),
        (&json!("shop_redact"), &json!("done"))
    );
    for n in 0..30 {
        assert_eq!(
            known_as(&stack, 9_000 + n).await.body["items"],
            json!([]),
            "{n}"
        );
    }
    for email in [
        "customer7%40example.com",
        "guest.canary%40example.com",
        "canary.ada%40example.com",
    ] {
        let path = format!("/v1/customers?email={email}");
        assert_eq!(
            stack.get("viewer", &path).await.body["items"],
            json!([]),
            "{email}"
        );
    }
    let left = stack
        .get("viewer", &format!("/v1/customers/{id}"))
        .await
        .body;
    assert_eq!(
        (&left["gross"], &left["emails"]),
        (&json!("21"), &json!([]))
    );

    // Once more changes nothing, and nothing was given up on the way.
    stack.deliver([gone]).await;
    assert_eq!(requests(&stack).await.len(), 1);
    assert_eq!(stack.dead_letters().await.len(), 0);
}

#[tokio::test]
async fn who_stays_keeps_nothing_personal_of_orders_at_the_shop_that_goes() {
    let place = Place::new("shop");
    let stack = stack_in(&place).await;
    let then = after(&stack, -24 * 40);
    let at = then.to_string();
    let engraved = |id: u64| {
        let line = json!([{"id": id * 10, "product_id": null, "quantity": 1, "price": "1.00",
            "title": "Engraving: canarywish"}]);
        let order = order(id, &at, "1.00", 1).by_guest("bo@example.com");
        order.with(&at, "line_items", line).created()
    };
    let mut registered = order(1, &at, "3.00", 1)
        .by(7, "bo@example.com", "Bo")
        .created();
    registered.shop = "lamps.myshopify.com".to_owned();
    // A guest at the shop that goes, under the address of a customer of another.
    stack.deliver([registered]).await;
    stack.deliver([engraved(2)]).await;
    let gone = Webhook::new("shop/redact", &json!({"shop_id": 1}));
    stack.deliver([gone]).await;
    assert_eq!(requests(&stack).await[0]["state"], "done");

    let bo = stack.customer("bo@example.com").await;
    assert_eq!(
        (&bo["gross"], &bo["first_name"]),
        (&json!("4"), &json!("Bo"))
    );
    a_day_later(&stack);
    assert_eq!(found_in(&place), Vec::<String>::new());
}

#[tokio::test]
async fn steps_that_are_throttled_again_and_again_forget_everybody_all_the_same() {
    let place = Place::new("throttled");
    let stack = stack_in(&place).await;
    let then = after(&stack, -24 * 40);
    let orders = (1..=40).map(|id| ada_buys(id, then, "2.00"));
    stack.deliver(orders).await;
    let every_seventh = std::sync::atomic::AtomicU64::new(0);
    stack.system().services().on_call(move |service, _, _| {
        let call = every_seventh.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        match service {
            // As often in a row as the client tries by itself, and once more.
            "dynamodb" if call % 40 < 8 => Fault::Throttle,
            _ => Fault::None,
        }
    });
    let gone = Webhook::new("shop/redact", &json!({"shop_id": 1}));
    stack.deliver([gone]).await;
    stack.until(&after(&stack, 1).to_string()).await;
    stack.system().services().no_faults();
    stack.until(&after(&stack, 1).to_string()).await;
    assert_eq!(requests(&stack).await[0]["state"], "done");
    assert_eq!(stack.dead_letters().await, Vec::<serde_json::Value>::new());
    a_day_later(&stack);
    assert_eq!(found_in(&place), Vec::<String>::new());
}
