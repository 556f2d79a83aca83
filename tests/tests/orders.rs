//! An order's way, end to end: from the shop's webhook to a customer people can look at.

use crm_tests::shop::{Webhook, order, refund};
use crm_tests::stack::Stack;
use serde_json::{Value, json};

/// Orders, gross and net of a customer.
fn totals(customer: &Value) -> (i64, String, String) {
    let text = |field: &str| customer[field].as_str().unwrap_or_default().to_owned();
    (
        customer["orders_count"].as_i64().unwrap_or(-1),
        text("gross"),
        text("net"),
    )
}

fn worth(orders: i64, gross: &str, net: &str) -> (i64, String, String) {
    (orders, gross.to_owned(), net.to_owned())
}

#[tokio::test]
async fn ada_buys_twice_and_the_shop_repeats_itself() {
    let stack = Stack::start().await;
    let first =
        order(1, "2026-03-02T09:00:00Z", "19.99", 2).by(7_770_001, "Ada@Example.com", "Ada");

    // The shop delivers the same webhook twice, under two topics as well.
    stack
        .deliver([first.created(), first.created(), first.told("orders/paid")])
        .await;
    // A little later she orders again.
    let second =
        order(2, "2026-03-02T11:00:00Z", "5.01", 1).by(7_770_001, "ada@example.com ", "Ada");
    stack.deliver([second.created()]).await;

    // She is one customer with two orders, and each order's money counts once.
    let ada = stack.customer("ada@example.com").await;
    assert_eq!(totals(&ada), worth(2, "44.99", "44.99"));
    assert_eq!(ada["currency"], "EUR");
    assert_eq!(ada["emails"], json!(["ada@example.com"]));
    assert_eq!(
        ada["external_ids"],
        json!(["shopify:cups.myshopify.com:7770001"])
    );
    assert_eq!(ada["first_order_at"], "2026-03-02T09:00:00Z");
    assert_eq!(ada["last_order_at"], "2026-03-02T11:00:00Z");
    let assessment = &ada["assessment"];
    assert_eq!(
        (&assessment["r"], &assessment["f"], &assessment["m"]),
        (&json!(5), &json!(2), &json!(1))
    );
    assert_eq!(assessment["code"], "521");
    assert_eq!(assessment["group"], "New");
    assert_eq!(assessment["stage"], "Active");
    assert_eq!(assessment["segment"], "Active");
    assert_eq!(assessment["vip"], false);

    // The short form of her id is enough while one shop has it.
    let same = stack.customer_known_as("shopify:7770001").await;
    assert_eq!(same["id"], ada["id"]);
    assert_eq!(stack.dead_letters().await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_new_customer_is_welcomed_once_for_life() {
    let stack = Stack::start().await;
    let first = order(1, "2026-03-02T11:00:00Z", "10", 1).by(1, "ada@example.com", "Ada");
    stack.deliver([first.created(), first.created()]).await;
    stack
        .deliver([order(2, "2026-03-02T11:30:00Z", "10", 1)
            .by(1, "ada@example.com", "Ada")
            .created()])
        .await;

    let mailbox = stack.mailbox().await;
    assert_eq!(mailbox.len(), 1, "{mailbox:?}");
    assert!(mailbox[0]["to"].to_string().contains("ada@example.com"));
    assert!(
        mailbox[0]["text"]
            .as_str()
            .is_some_and(|text| text.contains("Ada"))
    );
}

#[tokio::test]
async fn history_that_is_brought_in_welcomes_nobody() {
    let stack = Stack::start().await;
    let old = order(1, "2024-01-01T09:00:00Z", "10", 1).by(1, "ada@example.com", "Ada");
    stack.deliver([old.created()]).await;
    // And who bought two years ago is no new customer today.
    stack
        .deliver([order(2, "2026-03-02T11:00:00Z", "10", 1)
            .by(1, "ada@example.com", "Ada")
            .created()])
        .await;
    assert_eq!(stack.mailbox().await, Vec::<Value>::new());
    assert_eq!(
        totals(&stack.customer("ada@example.com").await),
        worth(2, "20", "20")
    );
}

#[tokio::test]
async fn a_refund_that_comes_before_its_order_waits_for_it() {
    let stack = Stack::start().await;
    let early = refund(50, 1, "2026-03-02T10:00:00Z", 1, "19.99");
    stack.deliver([early.clone()]).await;
    let bought = order(1, "2026-03-02T09:00:00Z", "19.99", 2).by(1, "ada@example.com", "Ada");
    stack.deliver([bought.created(), early]).await;

    let ada = stack.customer("ada@example.com").await;
    assert_eq!(totals(&ada), worth(1, "39.98", "19.99"));
    assert_eq!(
        (&ada["units_bought"], &ada["units_returned"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(ada["orders"][0]["status"], "partially_returned");
}

#[tokio::test]
async fn older_news_never_undoes_newer() {
    let stack = Stack::start().await;
    let bought = order(1, "2026-03-02T09:00:00Z", "19.99", 1).by(1, "ada@example.com", "Ada");
    let cancelled = bought.clone().with(
        "2026-03-02T10:00:00Z",
        "cancelled_at",
        json!("2026-03-02T10:00:00Z"),
    );
    stack.deliver([cancelled.told("orders/cancelled")]).await;
    stack.deliver([bought.created()]).await;

    let ada = stack.customer("ada@example.com").await;
    assert_eq!(totals(&ada), worth(0, "0", "0"));
    assert_eq!(ada["orders"][0]["status"], "cancelled");
    assert_eq!(ada["assessment"]["stage"], "Prospect");
    assert_eq!(
        stack.mailbox().await,
        Vec::<Value>::new(),
        "nobody is welcomed for a cancelled order"
    );
}

#[tokio::test]
async fn a_guest_who_registers_is_the_same_person_and_both_ids_lead_to_her() {
    let stack = Stack::start().await;
    stack
        .deliver([order(1, "2026-03-02T09:00:00Z", "10", 1)
            .by_guest("ada@example.com")
            .created()])
        .await;
    let as_guest = stack.customer("ada@example.com").await;
    stack
        .deliver([order(2, "2026-03-02T10:00:00Z", "20", 1)
            .by(1, "ADA@example.com", "Ada")
            .created()])
        .await;

    let ada = stack.customer_known_as("shopify:1").await;
    assert_eq!(totals(&ada), worth(2, "30", "30"));
    assert_eq!(ada["assessment"]["f"], 2);
    // The id she had as a guest keeps resolving.
    let old = stack
        .get(
            "viewer",
            &format!("/v1/customers/{}", as_guest["id"].as_str().unwrap()),
        )
        .await;
    assert_eq!((old.status, &old.body["id"]), (200, &ada["id"]));
    assert_eq!(stack.mailbox().await.len(), 1, "one person, one welcome");
}

#[tokio::test]
async fn people_who_share_no_address_stay_apart() {
    let stack = Stack::start().await;
    stack
        .deliver([
            order(1, "2026-03-02T09:00:00Z", "10", 1)
                .by(1, "ada@example.com", "Ada")
                .created(),
            order(2, "2026-03-02T09:00:00Z", "20", 1)
                .by(2, "bo@example.com", "Bo")
                .created(),
            // Two guests of whom nothing is known are two people.
            order(3, "2026-03-02T09:00:00Z", "30", 1).created(),
            order(4, "2026-03-02T09:00:00Z", "40", 1).created(),
        ])
        .await;
    let listed = stack.get("viewer", "/v1/customers?segment=New").await;
    let mut gross: Vec<_> = listed.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["gross"].clone())
        .collect();
    gross.sort_by_key(ToString::to_string);
    assert_eq!(gross, [json!("10"), json!("20"), json!("30"), json!("40")]);
}

#[tokio::test]
async fn an_order_that_turns_out_to_be_another_s_moves_with_its_money() {
    let stack = Stack::start().await;
    let told = |at: &str, who: u64, email: &str| {
        order(1, "2026-03-02T09:00:00Z", "10", 1)
            .with(at, "note", Value::Null)
            .by(who, email, "X")
    };
    stack
        .deliver([told("2026-03-02T09:00:00Z", 1, "ada@example.com").created()])
        .await;
    stack
        .deliver([told("2026-03-02T10:00:00Z", 2, "bo@example.com").told("orders/updated")])
        .await;
    stack
        .deliver([told("2026-03-02T09:30:00Z", 1, "ada@example.com").told("orders/updated")])
        .await;

    assert_eq!(
        totals(&stack.customer("ada@example.com").await),
        worth(0, "0", "0")
    );
    assert_eq!(
        totals(&stack.customer("bo@example.com").await),
        worth(1, "10", "10")
    );
}

#[tokio::test]
async fn what_cannot_be_read_waits_whole_and_goes_through_after_the_fix() {
    let stack = Stack::start().await;
    let good = order(2, "2026-03-02T09:00:00Z", "10", 1)
        .by(2, "bo@example.com", "Bo")
        .created();
    let broken = order(1, "2026-03-02T09:00:00Z", "ten", 1)
        .by(1, "ada@example.com", "Ada")
        .created();
    stack
        .deliver([broken, good, Webhook::raw("orders/create", "{\"id\": ")])
        .await;

    // Bo's order went through; the two others wait in the dead letters, each with its reason.
    assert_eq!(
        totals(&stack.customer("bo@example.com").await),
        worth(1, "10", "10")
    );
    let waiting = stack.dead_letters().await;
    assert_eq!(waiting.len(), 2, "{waiting:?}");
    let reasons: Vec<_> = waiting
        .iter()
        .map(|letter| letter["reason"].to_string())
        .collect();
    assert!(
        reasons
            .iter()
            .all(|reason| !reason.contains("ada@") && !reason.contains("ten")),
        "{reasons:?}"
    );
}

#[tokio::test]
async fn a_foreign_order_waits_for_its_exchange_rate_and_is_then_counted_once() {
    let stack = Stack::start().await;
    stack
        .deliver([order(1, "2026-03-02T09:00:00Z", "10", 1)
            .by(1, "ada@example.com", "Ada")
            .created()])
        .await;
    let mut lines =
        json!([{"id": 21, "title": "Cup", "quantity": 1, "price": "20", "gift_card": false}]);
    lines[0]["price_set"] = json!({"shop_money": {"amount": "20", "currency_code": "USD"}});
    let foreign = order(2, "2026-03-02T10:00:00Z", "20", 1)
        .with("2026-03-02T10:00:00Z", "currency", json!("USD"))
        .with("2026-03-02T10:00:00Z", "line_items", lines)
        .by(1, "ada@example.com", "Ada");
    stack.deliver([foreign.created()]).await;
    assert_eq!(
        totals(&stack.customer("ada@example.com").await),
        worth(1, "10", "10")
    );
    assert_eq!(stack.dead_letters().await.len(), 1);

    let settings = stack.get("viewer", "/v1/settings").await.body;
    assert_eq!(
        settings["reporting_currency"], "EUR",
        "the first shop's currency"
    );
    let rates = json!({"version": settings["version"], "fx_rates": {"USD": {"2026-01-01": "0.9"}}});
    let changed = stack
        .call("admin", "PUT", "/v1/settings", Some(rates))
        .await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let redrive = stack
        .call(
            "admin",
            "POST",
            "/_local/dead-letters/redrive",
            Some(json!({})),
        )
        .await;
    assert_eq!(redrive.status, 200, "{redrive:?}");
    stack.settle().await;
    assert_eq!(stack.dead_letters().await, Vec::<Value>::new());
    assert_eq!(
        totals(&stack.customer("ada@example.com").await),
        worth(2, "28", "28")
    );
}

#[tokio::test]
async fn time_alone_makes_a_customer_at_risk_on_the_day() {
    let stack = Stack::start().await;
    let two = [1, 2].map(|id| {
        order(id, "2026-03-01T09:00:00Z", "10", 1)
            .by(1, "ada@example.com", "Ada")
            .created()
    });
    stack.deliver(two).await;
    let segment = async |stack: &Stack| {
        stack.customer("ada@example.com").await["assessment"]["segment"].clone()
    };
    assert_eq!(segment(&stack).await, "Active");
    // The ninetieth day after the order is the 30th of May.
    stack.until("2026-05-30T23:30:00Z").await;
    assert_eq!(segment(&stack).await, "Active");
    stack.until("2026-05-31T01:30:00Z").await;
    assert_eq!(segment(&stack).await, "At-Risk");
    stack.until("2026-08-30T02:00:00Z").await;
    assert_eq!(segment(&stack).await, "Lapsed");
}

#[tokio::test]
async fn nobody_comes_in_without_a_signature_or_a_token() {
    let stack = Stack::start().await;
    let genuine = order(1, "2026-03-02T09:00:00Z", "10", 1)
        .by(1, "ada@example.com", "Ada")
        .created();
    let forged = genuine.signed("not the secret", stack.now());
    assert_eq!(stack.send(forged).await.status, 401);
    let mut unsigned = genuine.signed("x", stack.now());
    unsigned.headers_mut().remove("x-shopify-hmac-sha256");
    assert_eq!(stack.send(unsigned).await.status, 401);
    let mut elsewhere = genuine.signed("x", stack.now());
    *elsewhere.uri_mut() = "/webhooks/nowhere".parse().unwrap();
    assert_eq!(stack.send(elsewhere).await.status, 404);
    let anonymous = http::Request::builder()
        .uri("/v1/customers?segment=New")
        .body(Vec::new())
        .unwrap();
    assert_eq!(stack.send(anonymous).await.status, 401);
    stack.settle().await;
    assert_eq!(
        stack
            .get("viewer", "/v1/customers?email=ada%40example.com")
            .await
            .body["items"],
        json!([])
    );
}
