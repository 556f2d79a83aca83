//! What is left of the money once the goods are paid, and where customers came from.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use std::collections::BTreeMap;

use crm_domain::identity::{ExternalId, NodeId};
use crm_domain::money::Amount;
use crm_domain::settings::Settings;
use crm_domain::totals::{Margin, Totals};
use crm_lambda::{Metrics, Variables};
use crm_local::deliver::Posting;
use crm_sources::import::{ImportCustomer, ImportLine, ImportOrder, ORDERS_CREATE};
use crm_sources::{Delivery, Dialect};
use crm_store::{Committed, Consistency, Store};
use crm_tests::shop::{OrderForm, SHOP, Webhook, order, refund};
use crm_tests::stack::Stack;
use crm_tests::tables::Tables;
use http::Request;
use serde_json::{Value, json};

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn store(stack: &Stack) -> Store {
    let function = &stack.system().wiring().functions["CustomerUpsert"];
    let variables: Variables = function.variables.clone().into_iter().collect();
    let [people, facts] =
        ["PEOPLE_TABLE", "FACTS_TABLE"].map(|name| variables.required(name).unwrap());
    Store::new(&stack.system().services().sdk_config(), people, facts)
}

/// Lets the store look costs up in its table.
async fn use_cost_table(store: &Store) {
    let old = store.settings_read(Consistency::Strong).await.unwrap();
    let new = Settings {
        cost_table: true,
        ..old.clone()
    };
    let at = "2026-03-01T00:00:00Z".parse().unwrap();
    let done = store
        .settings_replace(&old, &new, "Cleo", at)
        .await
        .unwrap();
    assert_eq!(done, Committed::Done);
}

/// Says what a product costs from a date on.
async fn cost(store: &Store, product: u64, from: &str, cost: &str) {
    let product = ExternalId::new("shopify", SHOP, &product.to_string()).unwrap();
    let mut record = store.cost_fetch(&product).await.unwrap();
    record.costs.insert(from.parse().unwrap(), amount(cost));
    assert_eq!(store.cost_put(&record).await.unwrap(), Committed::Done);
    // Who still goes by what was there before changes nothing.
    let late = store.cost_put(&record).await.unwrap();
    assert_eq!(late, Committed::Conflict);
}

async fn totals(stack: &Stack, email: &str) -> Totals {
    let customer = stack.customer(email).await;
    let id = NodeId::parse(customer["id"].as_str().unwrap()).unwrap();
    let person = store(stack)
        .person_fetch(&id, Consistency::Strong)
        .await
        .unwrap()
        .unwrap();
    person.totals().clone()
}

async fn margin(stack: &Stack) -> Margin {
    totals(stack, "ada@example.com")
        .await
        .view(false)
        .sums
        .margin()
}

fn known(value: &str) -> Margin {
    Margin {
        value: Some(amount(value)),
        covered_share: Some(1.into()),
    }
}

/// Ada's order of cups (product 9001) at 20 euros.
fn cups(id: u64, units: u32) -> OrderForm {
    order(id, "2026-03-02T09:00:00Z", "20", units).by(1, "ada@example.com", "Ada")
}

/// The same with a lamp (product 9002) at 15.
fn cups_and_lamp(id: u64, units: u32) -> OrderForm {
    let line = |n: u64, product: u64, price: &str, units: u32| json!({"id": id * 10 + n, "product_id": product, "title": "-", "quantity": units, "price": price});
    let lines = json!([line(1, 9001, "20", units), line(2, 9002, "15", 1)]);
    cups(id, units).with("2026-03-02T10:00:00Z", "line_items", lines)
}

/// A refund of one cup, put back on the shelf or not.
fn given_back(id: u64, order: u64, restock_type: &str) -> Webhook {
    let mut told = refund(id, order, "2026-03-02T11:00:00Z", 1, "20");
    let mut body: Value = serde_json::from_slice(&told.body).unwrap();
    body["refund_line_items"][0]["restock_type"] = json!(restock_type);
    told.body = body.to_string().into_bytes();
    told
}

#[tokio::test]
async fn books_of_the_past_may_tell_what_goods_cost() {
    let stack = Stack::start().await;
    let line = |unit_cost: Option<&str>| ImportLine {
        product: Some("cup".to_owned()),
        title: None,
        quantity: 3,
        unit_price: amount("20"),
        unit_cost: unit_cost.map(amount),
        discount: Amount::ZERO,
    };
    let books = |id: &str, unit_cost| ImportOrder {
        id: id.to_owned(),
        number: None,
        customer: Some(ImportCustomer {
            id: Some("1".to_owned()),
            email: Some("ada@example.com".to_owned()),
            ..ImportCustomer::default()
        }),
        placed_at: "2025-03-02T09:00:00Z".parse().unwrap(),
        currency: "EUR".to_owned().try_into().unwrap(),
        financial_status: None,
        lines: vec![line(unit_cost)],
        updated_at: None,
    };
    bring_in(&stack, &books("a", Some("7.5"))).await;
    assert_eq!(margin(&stack).await, known("37.5"));
    let ada = totals(&stack, "ada@example.com").await;
    assert_eq!(ada.origin(false).unwrap().as_str(), "sale:import");
    // One order without costs, and nobody knows the whole any more.
    bring_in(&stack, &books("b", None)).await;
    let unknown = margin(&stack).await;
    assert_eq!(unknown.value, None);
    assert_eq!(unknown.covered_share.unwrap().to_string(), "0.5");
}

async fn bring_in(stack: &Stack, order: &ImportOrder) {
    let posting = Posting {
        origin: "books".to_owned(),
        dialect: Dialect::Import,
        source: "books".to_owned(),
        shop: "main".to_owned(),
        topic: ORDERS_CREATE.to_owned(),
        api_version: None,
        webhook_id: format!("books-{}", order.id),
        triggered_at: Some(stack.now()),
        body: serde_json::to_vec(order).unwrap(),
    };
    let secrets = stack.system().identity().webhook_secrets();
    let mut request = Request::builder().method("POST").uri(posting.path());
    for (name, value) in posting.headers(secrets["import"].as_bytes()) {
        request = request.header(name, value);
    }
    let answer = stack.send(request.body(posting.body).unwrap()).await;
    assert_eq!(answer.status, 200);
    stack.settle().await;
}

#[tokio::test]
async fn the_cost_of_the_day_of_the_sale_stays_with_the_order() {
    let stack = Stack::start().await;
    let store = store(&stack);
    use_cost_table(&store).await;
    cost(&store, 9001, "2026-01-01", "6").await;
    cost(&store, 9001, "2026-03-02", "7.25").await;
    cost(&store, 9001, "2026-03-03", "8").await;
    let sold = cups(1, 2);
    stack.deliver([sold.created()]).await;
    assert_eq!(margin(&stack).await, known("25.5"));

    // The table changes, and the shop tells of the order again: it cost what it cost.
    cost(&store, 9001, "2026-03-02", "19").await;
    let paid = sold.with("2026-03-02T10:00:00Z", "note", json!("gift"));
    stack.deliver([paid.told("orders/updated")]).await;
    assert_eq!(margin(&stack).await, known("25.5"));

    // An edit adds a lamp that nobody knows the cost of.
    let edited = cups_and_lamp(1, 2);
    stack.deliver([edited.told("orders/updated")]).await;
    let unknown = margin(&stack).await;
    assert_eq!(unknown.value, None);
    assert_eq!(unknown.covered_share.unwrap().to_string(), "0.727273");
    // Somebody tells it, and the next word of the order has it.
    cost(&store, 9002, "2026-01-01", "4.5").await;
    let told = edited.with("2026-03-02T11:00:00Z", "note", json!("-"));
    stack.deliver([told.told("orders/updated")]).await;
    assert_eq!(margin(&stack).await, known("36"));
    assert_eq!(stack.dead_letters().await, Vec::<Value>::new());
}

#[tokio::test]
async fn only_goods_that_can_be_sold_again_give_their_cost_back() {
    let stack = Stack::start().await;
    let store = store(&stack);
    use_cost_table(&store).await;
    cost(&store, 9001, "2026-01-01", "7").await;
    // The refund of goods that came back arrives before the order it is of.
    stack
        .deliver([given_back(50, 1, "return"), cups(1, 4).created()])
        .await;
    assert_eq!(margin(&stack).await, known("39"), "60 - 3 x 7");
    stack.deliver([given_back(51, 1, "no_restock")]).await;
    assert_eq!(margin(&stack).await, known("19"), "40 - 3 x 7");
    stack.deliver([given_back(52, 1, "cancel")]).await;
    assert_eq!(margin(&stack).await, known("6"), "20 - 2 x 7");
    // Cancelled as a whole it is in no sum.
    let cancelled = cups(1, 4).with(
        "2026-03-02T11:30:00Z",
        "cancelled_at",
        json!("2026-03-02T11:30:00Z"),
    );
    stack.deliver([cancelled.told("orders/cancelled")]).await;
    assert_eq!(margin(&stack).await.covered_share, None);
}

#[tokio::test]
async fn a_store_without_costs_knows_no_margin() {
    let stack = Stack::start().await;
    cost(&store(&stack), 9001, "2026-01-01", "7").await;
    stack.deliver([cups(1, 2).created()]).await;
    let unknown = margin(&stack).await;
    assert_eq!(unknown.value, None);
    assert_eq!(unknown.covered_share.unwrap().to_string(), "0");
}

#[tokio::test]
async fn a_customer_came_the_way_of_the_first_order_that_counts() {
    let stack = Stack::start().await;
    let at = |hour: u32| format!("2026-03-02T{hour:02}:00:00Z");
    let bought = |id: u64, hour: u32, field: &str, value: &str| {
        order(id, &at(hour), "20", 1)
            .by(1, "ada@example.com", "Ada")
            .with(&at(hour), field, json!(value))
    };
    let origin = async || {
        let totals = totals(&stack, "ada@example.com").await;
        totals.origin(false).map(ToString::to_string)
    };
    let landing = "/?utm_source=Newsletter&utm_medium=Email";
    let second = bought(2, 8, "landing_site", landing);
    stack
        .deliver([
            bought(3, 9, "source_name", "pos").created(),
            second.created(),
        ])
        .await;
    assert_eq!(origin().await.unwrap(), "utm:newsletter/email");
    // An earlier order comes in late.
    let first = bought(1, 7, "referring_site", "https://www.Blog.example/cups");
    stack.deliver([first.created()]).await;
    assert_eq!(origin().await.unwrap(), "ref:www.blog.example");
    // It is called off, and so is the next.
    let off = |form: OrderForm| {
        form.with(&at(11), "cancelled_at", json!(at(11)))
            .told("orders/cancelled")
    };
    stack.deliver([off(first)]).await;
    assert_eq!(origin().await.unwrap(), "utm:newsletter/email");
    stack.deliver([off(second)]).await;
    assert_eq!(origin().await.unwrap(), "sale:pos");
    // A guest's order under the same address was earlier still, and is hers.
    let guest = order(4, &at(6), "5", 1).by_guest("ada@example.com");
    stack.deliver([guest.created()]).await;
    assert_eq!(origin().await.unwrap(), "sale:web");
}

#[tokio::test]
async fn costs_are_read_only_where_there_is_a_table_of_them() {
    let tables = Tables::new("2026-03-02T12:00:00Z".parse().unwrap())
        .await
        .unwrap();
    let upsert = customer_upsert::Function::new(&tables.sdk(), &tables.variables()).unwrap();
    // She is known, and so is the shop.
    take_in(&tables, &upsert, &cups(1, 1)).await;
    tables.services.dynamo().meter(true);
    let before = BTreeMap::from([("facts".to_owned(), 0.5), ("people".to_owned(), 1.5)]);
    assert_eq!(take_in(&tables, &upsert, &cups(2, 1)).await, before);
    use_cost_table(&tables.store).await;
    let with_costs = BTreeMap::from([("facts".to_owned(), 0.5), ("people".to_owned(), 2.0)]);
    assert_eq!(take_in(&tables, &upsert, &cups(3, 1)).await, with_costs);
}

/// Hands one order to the function alone; gives the units it read of each table.
async fn take_in(
    tables: &Tables,
    upsert: &customer_upsert::Function,
    order: &OrderForm,
) -> BTreeMap<String, f64> {
    let webhook = order.created();
    let at = "2026-03-02T12:00:00Z".parse().unwrap();
    let delivery = Delivery {
        dialect: Dialect::Shopify,
        source: "shopify".to_owned(),
        shop: SHOP.to_owned(),
        topic: webhook.topic,
        api_version: None,
        webhook_id: None,
        event_id: None,
        triggered_at: Some(at),
        received_at: at,
        body: webhook.body,
    };
    let body = serde_json::to_string(&delivery).unwrap();
    let event = json!({"Records": [{"messageId": "1", "body": body}]});
    let event = serde_json::from_value(event).unwrap();
    tables.services.dynamo().reset_consumed();
    let response = upsert.handle(at, &mut Metrics::new("story"), event).await;
    assert!(response.unwrap().batch_item_failures.is_empty());
    let consumed = tables.services.dynamo().consumed();
    let read = consumed
        .into_iter()
        .map(|(table, units)| (table, units.read_units));
    read.collect()
}
