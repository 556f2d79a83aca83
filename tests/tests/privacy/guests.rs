//! Who bought as a guest is found by the address, and by the orders that are named.

use crm_tests::shop::{Webhook, order, refund};
use crm_tests::stack::Stack;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::bytes::a_day_later;
use crate::kept::{ADA, Place, after, bought, found_in, known_as, requests, stack_in};

const EMAIL: &str = "canary.ada@example.com";
const BO: u64 = 55_001;

/// A bill that names her.
fn bill() -> Value {
    json!({
        "first_name": "Adacanaria", "last_name": "Lovecanary", "phone": "+436641112223",
        "address1": "Canarygasse 7", "city": "Vienna", "country_code": "AT",
    })
}

/// She buys without an account, and leaves her address.
fn as_guest(id: u64, at: Timestamp) -> Webhook {
    let at = at.to_string();
    let form = order(id, &at, "10.00", 1).by_guest(EMAIL);
    form.with(&at, "billing_address", bill()).created()
}

/// She buys at the till, and leaves everything but her address.
pub fn at_the_till(id: u64, at: Timestamp) -> Webhook {
    let at = at.to_string();
    let form = order(id, &at, "7.00", 1).with(&at, "source_name", json!("pos"));
    form.with(&at, "billing_address", bill()).created()
}

/// What the shop passes on: she has an id there by now, which nobody told us.
fn asks(topic: &str, orders: &Value) -> Webhook {
    let named = if topic == "customers/redact" {
        "orders_to_redact"
    } else {
        "orders_requested"
    };
    let body = json!({
        "shop_id": 954_889,
        "customer": {"id": ADA, "email": EMAIL, "phone": "+436641112223"},
        named: orders,
        "data_request": {"id": 9},
    });
    Webhook::new(topic, &body)
}

async fn in_segment(stack: &Stack, segment: &str) -> Vec<Value> {
    let path = format!("/v1/customers?segment={segment}&limit=100");
    let answer = stack.get("viewer", &path).await;
    answer.body["items"].as_array().cloned().expect("a list")
}

#[tokio::test]
async fn a_guest_is_forgotten_by_the_address_and_by_the_orders_that_are_named() {
    let place = Place::new("guests");
    let stack = stack_in(&place).await;
    let then = after(&stack, -24 * 40);
    stack
        .deliver([as_guest(1, then), at_the_till(2, then)])
        .await;
    stack
        .system()
        .services()
        .checkpoint()
        .expect("a checkpoint");
    assert!(!found_in(&place).is_empty(), "there is something to forget");
    assert_eq!(in_segment(&stack, "Single-order").await.len(), 2);

    stack
        .deliver([asks("customers/redact", &json!([1, 2, "nonsense"]))])
        .await;
    let done = &requests(&stack).await[0];
    assert_eq!(
        (&done["state"], &done["nothing_held"]),
        (&json!("done"), &json!(false))
    );
    assert_eq!(done["guest_ids"].as_array().map(Vec::len), Some(1));
    a_day_later(&stack);
    assert_eq!(found_in(&place), Vec::<String>::new());
    assert_eq!(
        in_segment(&stack, "Single-order").await,
        Vec::<Value>::new()
    );
    let mut left = bought(&stack).await;
    left.sort_unstable();
    assert_eq!(left, ["10", "7"], "the money stays");

    // Late orders find nobody, under the address and under the id.
    let at = then.to_string();
    let registered = order(4, &at, "5.00", 1)
        .by(ADA, EMAIL, "Adacanaria")
        .created();
    stack.deliver([as_guest(3, then), registered]).await;
    assert_eq!(known_as(&stack, ADA).await.body["items"], json!([]));
    let by_email = stack
        .get("viewer", "/v1/customers?email=canary.ada%40example.com")
        .await;
    assert_eq!(by_email.body["items"], json!([]));
    a_day_later(&stack);
    assert_eq!(found_in(&place), Vec::<String>::new());
}

#[tokio::test]
async fn an_order_that_was_named_and_comes_late_brings_nobody_back() {
    let place = Place::new("late-orders");
    let stack = stack_in(&place).await;
    let then = after(&stack, -24 * 40);
    stack.deliver([as_guest(1, then)]).await;
    // The till's order is on its way when she is forgotten, and so is a
    // refund of it; another she paid for under an address we do not know.
    stack
        .deliver([asks("customers/redact", &json!([1, 2, 3]))])
        .await;
    assert_eq!(requests(&stack).await[0]["state"], "done");
    let at = then.to_string();
    let elsewhere = order(3, &at, "5.00", 1).by_guest("canary.ada@example.com.au");
    let elsewhere = elsewhere.with(&at, "billing_address", bill());
    stack
        .deliver([
            refund(9, 2, &at, 1, "7.00"),
            at_the_till(2, then),
            elsewhere.created(),
        ])
        .await;
    // News of an order that is hers by now tells of nobody either.
    let later = after(&stack, -1).to_string();
    let again = elsewhere.with(&later, "note_attributes", json!([]));
    stack.deliver([again.told("orders/updated")]).await;
    a_day_later(&stack);
    assert_eq!(found_in(&place), Vec::<String>::new());
    assert_eq!(
        in_segment(&stack, "Single-order").await,
        Vec::<Value>::new()
    );
    assert_eq!(bought(&stack).await, ["22"], "the money stays, with hers");

    // Whatever else a guest buys is somebody's.
    stack.deliver([at_the_till(4, then)]).await;
    assert_eq!(in_segment(&stack, "Single-order").await.len(), 1);
}

#[tokio::test]
async fn a_guest_is_told_what_is_held_by_the_address_and_by_the_orders() {
    let stack = Stack::start().await;
    let then = after(&stack, -48);
    stack
        .deliver([as_guest(1, then), at_the_till(2, then)])
        .await;
    stack
        .deliver([asks("customers/data_request", &json!([1, 2]))])
        .await;
    let request = &requests(&stack).await[0];
    assert_eq!(
        (&request["state"], &request["nothing_held"]),
        (&json!("ready"), &json!(false))
    );
    let id = request["id"].as_str().expect("an id");
    let path = format!("/v1/privacy/requests/{id}/document");
    let document = stack.get("admin", &path).await.body;
    assert_eq!(document["customer"]["emails"], json!([EMAIL]));
    assert_eq!(document["guests"][0]["phone"], "+436641112223");
    let facts = document["facts"].as_array().expect("facts").iter();
    let orders = facts.filter(|fact| fact["kind"] == "order");
    let mut orders: Vec<_> = orders.map(|fact| fact["order"]["id"].to_string()).collect();
    orders.sort();
    let id = |n: u64| json!(format!("shopify:cups.myshopify.com:{n}")).to_string();
    assert_eq!(orders, [id(1), id(2)]);
}

#[tokio::test]
async fn a_customer_with_another_id_is_meant_only_if_somebody_says_so() {
    for (topic, decided) in [
        ("customers/redact", "done"),
        ("customers/data_request", "ready"),
    ] {
        let stack = Stack::start().await;
        let at = after(&stack, -48).to_string();
        let bo = order(7, &at, "11.00", 1).by(BO, EMAIL, "Bo").created();
        stack.deliver([bo, asks(topic, &json!([7]))]).await;
        let request = requests(&stack).await[0].clone();
        assert_eq!(
            (&request["state"], &request["doubt"]),
            (&json!("needs_a_person"), &json!("known_otherwise"))
        );
        assert_eq!(stack.customer(EMAIL).await["first_name"], "Bo");

        let id = request["id"].as_str().expect("an id");
        let path = format!("/v1/privacy/requests/{id}/carry-out");
        let answer = stack.call("admin", "POST", &path, None).await;
        assert!([200, 202].contains(&answer.status), "{answer:?}");
        stack.settle().await;
        assert_eq!(requests(&stack).await[0]["state"], decided);
        let held = known_as(&stack, BO).await.body["items"]
            .as_array()
            .map(Vec::len);
        assert_eq!(held, Some(usize::from(decided == "ready")));
    }
}

#[tokio::test]
async fn a_request_that_means_nobody_who_was_found_is_declined_and_names_nobody() {
    for topic in ["customers/redact", "customers/data_request"] {
        let stack = Stack::start().await;
        let at = after(&stack, -48).to_string();
        let bo = order(7, &at, "11.00", 1).by(BO, EMAIL, "Bo").created();
        let asked = asks(topic, &json!([7, 8]));
        stack.deliver([bo, asked.clone()]).await;
        let id = requests(&stack).await[0]["id"].clone();
        let path = format!("/v1/privacy/requests/{}", id.as_str().expect("an id"));
        if topic == "customers/data_request" {
            // Whose data that is nobody has said yet.
            let document = stack.get("admin", &format!("{path}/document")).await;
            assert_eq!(document.status, 409, "{document:?}");
        }
        let decline = format!("{path}/decline");
        for _ in 0..2 {
            let declined = stack.call("admin", "POST", &decline, None).await;
            assert_eq!(declined.status, 200, "{declined:?}");
            assert_eq!(declined.body["state"], "declined");
            assert!(declined.body["done_by"].is_string() && declined.body["done_at"].is_string());
            assert_eq!(declined.body["external_id"], json!(null));
        }
        let other = stack
            .call("admin", "POST", &format!("{path}/carry-out"), None)
            .await;
        assert_eq!(other.status, 409, "{other:?}");
        // Nor does the same wish once more change anything.
        stack.deliver([asked]).await;
        assert_eq!(requests(&stack).await[0]["state"], "declined");
        assert_eq!(stack.customer(EMAIL).await["first_name"], "Bo");
        if topic == "customers/data_request" {
            let document = stack.get("admin", &format!("{path}/document")).await;
            assert_eq!(document.status, 409, "{document:?}");
        }
        let facts = requests(&stack).await[0].to_string();
        assert!(!facts.contains(EMAIL) && !facts.contains(&ADA.to_string()));
    }
}

#[tokio::test]
async fn a_request_that_waits_for_nobody_is_not_declined() {
    let stack = Stack::start().await;
    let then = after(&stack, -48);
    stack
        .deliver([as_guest(1, then), asks("customers/redact", &json!([1]))])
        .await;
    let id = requests(&stack).await[0]["id"].clone();
    let path = format!(
        "/v1/privacy/requests/{}/decline",
        id.as_str().expect("an id")
    );
    let refused = stack.call("admin", "POST", &path, None).await;
    assert_eq!(refused.status, 409, "{refused:?}");
}
