//! What an order of a customer of long standing does not do, and costs.

use crm_tests::shop::{Webhook, order};
use crm_tests::stack::Stack;

/// Ada bought twice, a while ago.
async fn ada_of_long_standing() -> Stack {
    let stack = Stack::start_without_cases().await;
    stack.deliver([bought(1, "2026-03-02T11:00:00Z")]).await;
    stack.until("2026-03-05T12:00:00Z").await;
    stack.deliver([bought(2, "2026-03-05T11:00:00Z")]).await;
    stack
}

fn bought(id: u64, at: &str) -> Webhook {
    let order = order(id, at, "19.99", 2);
    order.by(7_770_001, "ada@example.com", "Ada").created()
}

/// How many events the workflows were handed, whatever came of them.
fn events_dispatched(stack: &Stack) -> f64 {
    let measures = stack.system().functions().measures().all();
    let of_workflows = measures
        .iter()
        .filter(|(name, _)| name.starts_with("workflow_dispatcher."));
    of_workflows.map(|(_, count)| count).sum()
}

/// Write and read units that a delivery takes with everything that follows.
async fn units(stack: &Stack, delivery: Webhook) -> (f64, f64) {
    let dynamo = stack.system().services().dynamo();
    dynamo.meter(true);
    dynamo.reset_consumed();
    stack.deliver([delivery]).await;
    let consumed = dynamo.consumed();
    dynamo.meter(false);
    let each = consumed.values();
    each.fold((0.0, 0.0), |(write, read), units| {
        (write + units.write_units, read + units.read_units)
    })
}

#[tokio::test]
async fn only_a_newcomer_s_orders_are_handed_to_the_workflows() {
    let stack = Stack::start_without_cases().await;
    stack.deliver([bought(1, "2026-03-02T11:00:00Z")]).await;
    let first = events_dispatched(&stack);
    assert!(first > 0.0, "her first order is");
    // The second follows while the first is still news: it may be the one
    // that brings an address.
    stack.deliver([bought(2, "2026-03-02T11:30:00Z")]).await;
    let second = events_dispatched(&stack);
    assert!(second > first, "so is one that follows soon");
    stack.until("2026-03-05T12:00:00Z").await;
    stack.deliver([bought(3, "2026-03-05T11:00:00Z")]).await;
    assert!((events_dispatched(&stack) - second).abs() < f64::EPSILON);
    assert_eq!(stack.customer("ada@example.com").await["orders_count"], 3);
}

#[tokio::test]
async fn an_order_of_a_known_customer_takes_seven_write_units_and_its_repetition_none() {
    let stack = ada_of_long_standing().await;
    let third = bought(3, "2026-03-05T11:30:00Z");
    let (write, read) = units(&stack, third.clone()).await;
    // Alone in its batches it pays for the rules that ten would share.
    assert!(write <= 7.0 && read <= 3.5, "{write} and {read}");
    let (write, read) = units(&stack, third).await;
    assert!(write == 0.0 && read <= 2.0, "{write} and {read}");
}
