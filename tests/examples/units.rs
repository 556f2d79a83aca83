//! What an order costs the tables: read and write units of everything that
//! follows from it, indexes, streams' readers and the assessment included.
//!
//! `cargo run -p crm-tests --example units` sends orders of three lines
//! through the whole system and counts what the embedded tables would have
//! been paid for, as AWS counts it, by what was called.

#![expect(clippy::unwrap_used, reason = "a measurement")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crm_local::services::dynamo::Consumed;
use crm_local::services::{Fault, Services};
use crm_tests::shop::{OrderForm, order};
use crm_tests::stack::Stack;
use serde_json::{Value, json};

/// Customers whose next order is looked at.
const CUSTOMERS: u64 = 10;

/// An order of three different articles.
fn three_lines(customer: u64, number: u64, at: &str) -> OrderForm {
    let id = customer * 100 + number;
    let line = |place: u64| {
        json!({
            "id": id * 10 + place,
            "product_id": 9000 + place,
            "title": format!("Cup number {place}"),
            "quantity": place,
            "price": "19.99",
            "gift_card": false,
            "discount_allocations": [],
            "tax_lines": [],
            "price_set": {"shop_money": {"amount": "19.99", "currency_code": "EUR"}},
        })
    };
    let lines: Value = [line(1), line(2), line(3)].into_iter().collect();
    order(id, at, "19.99", 1).with(at, "line_items", lines).by(
        7_000 + customer,
        &format!("ada{customer}@example.com"),
        "Ada",
    )
}

/// Units by the operation that took them.
#[derive(Default)]
struct Tally {
    by: BTreeMap<String, (u64, Consumed)>,
    last: Option<String>,
    seen: Consumed,
}

impl Tally {
    /// What was consumed since the call before is that call's.
    fn called(&mut self, operation: Option<&str>, services: &Services) {
        let mut now = Consumed::default();
        for one in services.dynamo().consumed().values() {
            now.read_units += one.read_units;
            now.write_units += one.write_units;
        }
        if let Some(last) = self.last.take() {
            let (calls, sum) = self.by.entry(last).or_default();
            *calls += 1;
            sum.read_units += now.read_units - self.seen.read_units;
            sum.write_units += now.write_units - self.seen.write_units;
        }
        self.seen = now;
        self.last = operation.map(str::to_owned);
    }
}

/// Delivers orders, each by itself or all in one batch, and prints what it
/// took for one.
async fn count(stack: &Stack, what: &str, orders: impl Iterator<Item = OrderForm>, together: bool) {
    let services = stack.system().services().clone();
    let tally = Arc::new(Mutex::new(Tally::default()));
    services.dynamo().reset_consumed();
    services.dynamo().meter(true);
    let (watched, noted) = (services.clone(), tally.clone());
    services.on_call(move |service, operation, _| {
        if service == "dynamodb" {
            noted.lock().unwrap().called(Some(operation), &watched);
        }
        Fault::None
    });
    if together {
        stack.deliver(orders.map(|order| order.created())).await;
    } else {
        for order in orders {
            stack.deliver([order.created()]).await;
        }
    }
    services.no_faults();
    let mut tally = tally.lock().unwrap();
    tally.called(None, &services);
    services.dynamo().meter(false);
    let each = f64::from(u32::try_from(CUSTOMERS).unwrap());
    println!(
        "{what}: {:.1} WRU, {:.1} RRU",
        tally.seen.write_units / each,
        tally.seen.read_units / each
    );
    for (operation, (calls, units)) in &tally.by {
        println!(
            "  {operation}: {:.1} calls, {:.1} WRU, {:.1} RRU",
            f64::from(u32::try_from(*calls).unwrap()) / each,
            units.write_units / each,
            units.read_units / each
        );
    }
}

#[tokio::main]
async fn main() {
    let stack = Stack::start().await;
    let all = |number: u64, at: &'static str| {
        (1..=CUSTOMERS).map(move |customer| three_lines(customer, number, at))
    };
    let first = "2026-03-02T12:00:00Z";
    let new = "the first order of a new customer";
    count(&stack, new, all(1, first), false).await;
    let later = "2026-03-05T09:00:00Z";
    stack.until(later).await;
    stack.settle().await;
    let second = "the second order, which makes the customer active";
    count(&stack, second, all(2, later), false).await;
    for (number, together, how) in [(3, false, "by itself"), (4, true, "in a batch of ten")] {
        let what = format!("an order of a known customer, {how} (targets: 6 WRU, 1 RRU)");
        count(&stack, &what, all(number, later), together).await;
        let what = format!("the same delivered again, {how} (target: 2 WRU)");
        count(&stack, &what, all(number, later), together).await;
    }
}
