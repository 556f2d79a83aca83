//! What is open of orders that are to be paid later, and what it does to a customer's health.

use crm_tests::shop::{OrderForm, order};
use crm_tests::stack::Stack;
use serde_json::{Value, json};

use crate::support::{bought, id_of, merge, settings, unmerge, whole};

const ADA: &str = "ada@example.com";
const BO: &str = "bo@example.com";

/// An order of cups for 1,000 that Ada pays within 30 days; with tax, 1,190 are open.
fn on_terms(id: u64, at: &str) -> OrderForm {
    let due_at = at
        .replace("2026-02", "2026-03")
        .replace("2026-01", "2026-02");
    let terms = json!({
        "payment_terms_type": "net", "due_in_days": 30,
        "payment_schedules": [{"due_at": due_at, "completed_at": null, "amount": "1190.00"}],
    });
    order(id, at, "10.00", 100)
        .by(1, ADA, "Ada")
        .with(at, "financial_status", json!("pending"))
        .with(at, "payment_terms", terms)
        .with(at, "total_price", json!("1190.00"))
        .with(at, "total_outstanding", json!("1190.00"))
}

/// The account, and the health with its reasons.
async fn account(stack: &Stack, id: &str) -> (Value, Value, Value) {
    let document = whole(stack, id).await;
    let health = document["assessment"]["health"].clone();
    let reasons = document["assessment"]["health_reasons"].clone();
    (document["account"].clone(), health, reasons)
}

fn open(outstanding: &str, due_on: &str, overdue_days: u32) -> Value {
    json!({
        "outstanding": outstanding, "oldest_unpaid_due_on": due_on,
        "overdue_days": overdue_days, "payment_terms_days": 30, "credit_limit": null,
    })
}

fn nothing_open(terms_days: Option<u32>) -> Value {
    json!({
        "outstanding": "0", "oldest_unpaid_due_on": null,
        "overdue_days": 0, "payment_terms_days": terms_days, "credit_limit": null,
    })
}

/// A stack with an order of Ada's that is due on 5 March.
async fn owing_at(now: &str) -> (Stack, String) {
    let stack = Stack::start_at(now).await;
    stack
        .deliver([on_terms(1, "2026-02-05T09:00:00Z").created()])
        .await;
    let id = id_of(&stack, ADA).await;
    (stack, id)
}

async fn owing() -> (Stack, String) {
    owing_at("2026-03-02T12:00:00Z").await
}

#[tokio::test]
async fn an_unpaid_order_is_open_and_worries_from_the_day_after_it_is_due_until_it_is_paid() {
    let (stack, id) = owing().await;
    let due_on = "2026-03-05";
    let expected = (open("1190", due_on, 0), json!("Green"), json!([]));
    assert_eq!(account(&stack, &id).await, expected);
    // By time alone: nothing else is told of her.
    stack.until("2026-03-06T02:00:00Z").await;
    let (now, health, reasons) = account(&stack, &id).await;
    assert_eq!(now, open("1190", due_on, 1));
    assert_eq!((health, reasons), (json!("Yellow"), json!(["overdue"])));
    stack.until("2026-03-21T02:00:00Z").await;
    let (now, health, reasons) = account(&stack, &id).await;
    assert_eq!(now, open("1190", due_on, 16));
    assert_eq!((health, reasons), (json!("Red"), json!(["long_overdue"])));

    let at = "2026-03-21T01:00:00Z";
    let paid = on_terms(1, "2026-02-05T09:00:00Z")
        .with(at, "financial_status", json!("paid"))
        .with(at, "total_outstanding", json!("0.00"));
    stack.deliver([paid.told("orders/paid")]).await;
    let (now, health, _) = account(&stack, &id).await;
    assert_eq!((now, health), (nothing_open(Some(30)), json!("Green")));
}

#[tokio::test]
async fn it_is_over_once_it_is_cancelled_or_refunded_and_never_began_where_nothing_was_agreed() {
    for (field, told, terms) in [
        ("cancelled_at", json!("2026-03-02T10:00:00Z"), None),
        ("financial_status", json!("refunded"), Some(30)),
        ("financial_status", json!("voided"), None),
        ("payment_terms", json!(null), None),
        ("test", json!(true), None),
    ] {
        let (stack, id) = owing().await;
        let news = on_terms(1, "2026-02-05T09:00:00Z").with("2026-03-02T10:00:00Z", field, told);
        stack.deliver([news.told("orders/updated")]).await;
        assert_eq!(account(&stack, &id).await.0, nothing_open(terms), "{field}");
    }
}

#[tokio::test]
async fn what_is_open_is_exact_in_the_reporting_currency_and_falls_with_a_part_that_is_paid() {
    let stack = Stack::start_at("2026-03-02T12:00:00Z").await;
    let rates = json!({"USD": {"2026-01-01": "0.9"}});
    let euros = json!({"reporting_currency": "EUR", "fx_rates": rates});
    settings(&stack, euros).await;
    let first = on_terms(1, "2026-01-10T09:00:00Z");
    let at = "2026-02-05T09:00:00Z";
    let second = on_terms(2, at).with(at, "currency", json!("USD")).with(
        at,
        "total_outstanding",
        json!("1000.10"),
    );
    stack.deliver([first.created(), second.created()]).await;
    let id = id_of(&stack, ADA).await;
    // 1190 + 0.9 x 1000.10; the older one was due on 10 February.
    assert_eq!(
        account(&stack, &id).await.0,
        open("2090.09", "2026-02-10", 20)
    );

    let at = "2026-03-02T10:00:00Z";
    let partly = first
        .with(at, "financial_status", json!("partially_paid"))
        .with(at, "total_outstanding", json!("90.00"));
    stack.deliver([partly.told("orders/updated")]).await;
    assert_eq!(
        account(&stack, &id).await.0,
        open("990.09", "2026-02-10", 20)
    );
    let paid = partly
        .clone()
        .with("2026-03-02T11:00:00Z", "financial_status", json!("paid"));
    // Twice is once, and what is older changes nothing.
    let news = [
        paid.told("orders/paid"),
        paid.told("orders/paid"),
        partly.told("orders/updated"),
    ];
    stack.deliver(news).await;
    assert_eq!(
        account(&stack, &id).await.0,
        open("900.09", "2026-03-05", 0)
    );
}

#[tokio::test]
async fn without_a_date_it_is_open_all_the_same_and_days_that_are_agreed_give_one() {
    let at = "2026-01-20T09:00:00Z";
    let stack = Stack::start_at("2026-03-02T12:00:00Z").await;
    let on_receipt = json!({"payment_terms_type": "receipt", "payment_schedules": []});
    let order = on_terms(1, at).with(at, "payment_terms", on_receipt);
    stack.deliver([order.created()]).await;
    let id = id_of(&stack, ADA).await;
    let (now, health, _) = account(&stack, &id).await;
    assert_eq!(
        (&now["outstanding"], health),
        (&json!("1190"), json!("Green"))
    );
    assert_eq!(now["oldest_unpaid_due_on"], Value::Null);

    let at = "2026-03-02T10:00:00Z";
    let net = json!({"payment_terms_type": "net", "due_in_days": 14, "payment_schedules": []});
    let order = order.with(at, "payment_terms", net);
    stack.deliver([order.told("orders/updated")]).await;
    let (now, ..) = account(&stack, &id).await;
    assert_eq!(now["oldest_unpaid_due_on"], "2026-02-03");
    assert_eq!(
        (&now["overdue_days"], &now["payment_terms_days"]),
        (&json!(27), &json!(14))
    );
}

#[tokio::test]
async fn of_a_person_all_is_open_that_their_profiles_owe_and_each_has_its_own_when_parted() {
    let (stack, ada) = owing_at("2026-03-08T12:00:00Z").await;
    stack
        .deliver([bought(9, 2, BO, "2026-02-20T09:00:00Z")])
        .await;
    let bo = id_of(&stack, BO).await;
    assert_eq!(account(&stack, &bo).await.0, nothing_open(None));
    let made = merge(&stack, &bo, &ada).await;
    let (now, health, _) = account(&stack, &bo).await;
    assert_eq!(
        (now, health),
        (open("1190", "2026-03-05", 3), json!("Yellow"))
    );
    unmerge(&stack, &bo, &made).await;
    let (of_bo, of_ada) = (account(&stack, &bo).await, account(&stack, &ada).await);
    assert_eq!((of_bo.0, of_bo.1), (nothing_open(None), json!("Green")));
    assert_eq!(
        (of_ada.0, of_ada.1),
        (open("1190", "2026-03-05", 3), json!("Yellow"))
    );
}
