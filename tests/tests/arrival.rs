//! Whatever comes late, twice, out of order or with its answer lost: the same customers in the end.

use crm_local::services::Fault;
use crm_tests::shop::{Webhook, order, refund};
use crm_tests::stack::Stack;
use serde_json::{Value, json};

/// What happens to two customers and a guest in a day, in the order it happened.
fn a_day(dice: &mut fastrand::Rng) -> Vec<Webhook> {
    let people = [(1, "ada@example.com", "Ada"), (2, "bo@example.com", "Bo")];
    let mut told = Vec::new();
    for id in 1..=dice.u64(2..5) {
        let hour = dice.u32(1..6);
        let at = |more: u32| format!("2026-03-02T{:02}:{:02}:00Z", hour + more, 10 + id);
        let placed = order(
            id,
            &at(0),
            &format!("{}.{:02}", dice.u32(1..90), dice.u32(0..100)),
            dice.u32(1..4),
        );
        let whose = dice.usize(0..3);
        let bought = match people.get(whose) {
            Some((customer, email, name)) => placed.by(*customer, email, name),
            None => placed.by_guest("ada@example.com"),
        };
        told.push(bought.created());
        if dice.bool() {
            told.push(
                bought
                    .clone()
                    .with(&at(1), "fulfillment_status", json!("fulfilled"))
                    .told("orders/fulfilled"),
            );
        }
        if dice.u8(0..4) == 0 {
            told.push(
                bought
                    .clone()
                    .with(&at(2), "cancelled_at", json!(at(2)))
                    .told("orders/cancelled"),
            );
        }
        if dice.bool() {
            told.push(refund(100 + id, id, &at(3), 1, "0.50"));
        }
    }
    for minute in 0..dice.u32(0..5) {
        let at = format!("2026-03-02T{:02}:{minute:02}:00Z", dice.u32(1..9));
        told.push(a_change_of_mind(dice, &at));
    }
    told
}

/// A customer decides about marketing, or the shop about a customer's labels.
fn a_change_of_mind(dice: &mut fastrand::Rng, at: &str) -> Webhook {
    let customer = dice.u64(1..3);
    let (adds, yes) = (dice.bool(), dice.bool());
    if dice.bool() {
        let state = if yes { "subscribed" } else { "unsubscribed" };
        let consent = json!({"state": state, "opt_in_level": null, "consent_updated_at": at});
        return Webhook::new(
            "customers_email_marketing_consent/update",
            &json!({"customer_id": customer, "email_marketing_consent": consent}),
        );
    }
    let topic = if adds {
        "customer.tags_added"
    } else {
        "customer.tags_removed"
    };
    let body = json!({
        "customerId": format!("gid://shopify/Customer/{customer}"),
        "tags": [if yes { "vip" } else { "press" }],
        "occurredAt": at,
    });
    Webhook::new(topic, &body)
}

/// What people see of everyone, without what is random in every system.
async fn everyone(stack: &Stack) -> Vec<Value> {
    let mut seen = Vec::new();
    for segment in [
        "VIP",
        "Prospect",
        "New",
        "Single-order",
        "Active",
        "At-Risk",
        "Lapsed",
    ] {
        let listed = stack
            .get(
                "viewer",
                &format!("/v1/customers?segment={segment}&limit=100"),
            )
            .await;
        for item in listed.body["items"].as_array().expect("a list") {
            let path = format!("/v1/customers/{}", item["id"].as_str().expect("an id"));
            let mut customer = stack.get("viewer", &path).await.body;
            customer["id"] = Value::Null;
            // What she was on the way depends on the way.
            customer["assessment"]["best_group"] = Value::Null;
            customer["assessment"]["group_since"] = Value::Null;
            customer["assessment"]["return_alert"] = Value::Null;
            // Who came first as a guest was joined later; who did not had one profile all along.
            customer["merges"] = Value::Null;
            customer["identities"] = Value::Null;
            // Whether and for which order somebody is welcomed depends on the way, see below.
            customer["communications"] = Value::Null;
            // So does what she was on the way; what happened to her orders and what she decided does not.
            let ways = ["merge", "unmerge", "change", "message"];
            let timeline = customer["timeline"].as_array_mut().expect("a timeline");
            timeline.retain(|event| !ways.iter().any(|way| event["kind"] == *way));
            // Whether the first order had set the currency by then, and a pass had followed, too.
            customer["assessment"]["settings"] = Value::Null;
            customer["assessment"]["cutoffs"] = Value::Null;
            customer["why"]["cutoffs"] = Value::Null;
            for reason in customer["why"]["reasons"].as_array_mut().expect("reasons") {
                if reason["what"] == "vip" {
                    reason["because"] = Value::Null;
                }
            }
            seen.push(customer);
        }
    }
    seen.sort_by_key(ToString::to_string);
    seen
}

/// Whether somebody is welcomed at all depends on the way: an order whose cancellation came first
/// never counted.
async fn nobody_was_welcomed_twice(stack: &Stack, seed: u64) {
    let mailbox = stack.mailbox().await;
    let mut welcomed: Vec<_> = mailbox.iter().map(|mail| mail["to"].to_string()).collect();
    welcomed.sort_unstable();
    welcomed.dedup();
    assert_eq!(
        welcomed.len(),
        mailbox.len(),
        "seed {seed}: somebody was welcomed twice"
    );
}

#[tokio::test]
async fn any_order_of_arrival_and_any_number_of_deliveries_end_the_same() {
    for seed in 0..100 {
        let mut dice = fastrand::Rng::with_seed(seed);
        let day = a_day(&mut dice);
        let in_order = Stack::start().await;
        for webhook in &day {
            in_order.deliver([webhook.clone()]).await;
        }
        let mut shuffled: Vec<_> = day
            .iter()
            .flat_map(|webhook| vec![webhook.clone(); dice.usize(1..4)])
            .collect();
        dice.shuffle(&mut shuffled);
        let turned = Stack::start().await;
        for some in shuffled.chunks(4) {
            turned.deliver(some.to_vec()).await;
        }
        assert_eq!(
            everyone(&turned).await,
            everyone(&in_order).await,
            "seed {seed}"
        );
        nobody_was_welcomed_twice(&turned, seed).await;
        assert_eq!(
            turned.dead_letters().await,
            Vec::<Value>::new(),
            "seed {seed}"
        );
    }
}

#[tokio::test]
async fn a_table_that_throttles_fails_conflicts_and_loses_replies_changes_nothing_in_the_end() {
    for seed in 0..30 {
        let mut dice = fastrand::Rng::with_seed(1000 + seed);
        let day = a_day(&mut dice);
        let calm = Stack::start().await;
        calm.deliver(day.clone()).await;

        let stormy = Stack::start().await;
        let weather = std::sync::Mutex::new(fastrand::Rng::with_seed(seed));
        stormy
            .system()
            .services()
            .on_call(move |service, operation, _| {
                let mut weather = weather.lock().expect("nobody panics with the weather");
                if service != "dynamodb" || weather.u8(0..100) >= 30 {
                    return Fault::None;
                }
                match weather.u8(0..4) {
                    0 => Fault::Throttle,
                    1 => Fault::ServerError,
                    2 => Fault::DropReplyAfterApplying,
                    _ if operation == "TransactWriteItems" => Fault::Conflict,
                    _ => Fault::ConnectError,
                }
            });
        stormy.deliver(day.clone()).await;
        stormy.system().services().no_faults();
        // Whatever was given up in the storm goes through after it, once. A mail that was being
        // sent when its sender died is left alone for a while, and in doubt after that.
        stormy.until("2026-03-02T12:05:00Z").await;
        let redrive = stormy
            .call(
                "admin",
                "POST",
                "/_local/dead-letters/redrive",
                Some(json!({})),
            )
            .await;
        assert_eq!(redrive.status, 200, "{redrive:?}");
        stormy.settle().await;
        assert_eq!(
            everyone(&stormy).await,
            everyone(&calm).await,
            "seed {seed}"
        );
        nobody_was_welcomed_twice(&stormy, seed).await;
        assert_eq!(
            stormy.dead_letters().await,
            Vec::<Value>::new(),
            "seed {seed}"
        );
    }
}

#[tokio::test]
async fn an_order_is_written_once_assessed_once_and_wakes_nobody_again() {
    let stack = Stack::start().await;
    stack
        .deliver([order(1, "2026-03-02T09:00:00Z", "10", 1)
            .by(1, "ada@example.com", "Ada")
            .created()])
        .await;
    let counted = || stack.system().functions().measures().all();
    let before = counted();
    stack
        .deliver([order(2, "2026-03-02T10:00:00Z", "10", 1)
            .by(1, "ada@example.com", "Ada")
            .created()])
        .await;
    let after = counted();
    let more = |name: &str| after.get(name).unwrap_or(&0.0) - before.get(name).unwrap_or(&0.0);
    let close = |value: f64, expected: f64| (value - expected).abs() < 1e-9;
    assert!(close(more("customer_upsert.deliveries_recorded"), 1.0));
    assert!(close(more("segment_recompute.customers_assessed"), 1.0));
    assert!(close(more("segment_recompute.assessments_superseded"), 0.0));
}
