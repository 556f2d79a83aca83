//! Books of the past: what is written is what is read.

use crm_domain::fact::Fact;
use crm_domain::money::Amount;
use crm_domain::order::{Channel, FinancialStatus, OrderBody, OrderChange};
use crm_sources::import::{
    ImportCustomer, ImportLine, ImportOrder, ImportReturn, ORDERS_CREATE, RETURNS_CREATE,
};
use crm_sources::{Delivery, Dialect, Unreadable, read};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common;

fn delivery(topic: &str, body: &str) -> Delivery {
    Delivery {
        dialect: Dialect::Import,
        source: "online-retail".into(),
        shop: "main".into(),
        ..common::delivery(topic, body)
    }
}

fn told(topic: &str, body: &Value) -> Result<Option<Fact>, Unreadable> {
    read(&delivery(topic, &body.to_string()))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn ada() -> ImportCustomer {
    ImportCustomer {
        id: Some("17850".into()),
        email: Some("ada@example.com".into()),
        country: Some("United Kingdom".into()),
        ..ImportCustomer::default()
    }
}

fn order() -> ImportOrder {
    ImportOrder {
        id: "536365".into(),
        number: None,
        customer: Some(ada()),
        placed_at: at("2010-12-01T08:26:00Z"),
        currency: "GBP".to_owned().try_into().unwrap(),
        financial_status: None,
        lines: vec![ImportLine {
            product: Some("85123A".into()),
            title: Some("Heart".into()),
            quantity: 6,
            unit_price: "2.55".parse().unwrap(),
            unit_cost: None,
            discount: Amount::ZERO,
        }],
        updated_at: None,
    }
}

fn loose_return() -> ImportReturn {
    ImportReturn {
        id: "C536379".into(),
        customer: Some(ada()),
        returned_at: at("2010-12-01T09:41:00Z"),
        currency: "GBP".to_owned().try_into().unwrap(),
        amount: "27.50".parse().unwrap(),
        units: 1,
        updated_at: None,
    }
}

fn body(json: &Value) -> OrderBody {
    match told(ORDERS_CREATE, json).unwrap() {
        Some(Fact::Order {
            change: OrderChange::Body(snapshot),
            ..
        }) => snapshot.body,
        other => panic!("{other:?} is no order"),
    }
}

#[test]
fn an_order_is_paid_and_of_the_import_channel_unless_told_otherwise() {
    let json = serde_json::to_value(order()).unwrap();
    let Some(Fact::Order { order, buyer, .. }) = told(ORDERS_CREATE, &json).unwrap() else {
        panic!("an order");
    };
    assert_eq!(order.as_str(), "online-retail:main:536365");
    let customer = buyer.unwrap().customer;
    assert_eq!(customer.id.unwrap().as_str(), "online-retail:main:17850");
    assert_eq!(customer.profile.email.unwrap().as_str(), "ada@example.com");

    let read = body(&json);
    assert_eq!(read.channel, Channel::Import);
    assert_eq!(read.financial_status, FinancialStatus::Paid);
    assert_eq!(read.name, "536365");
    assert_eq!(read.placed_at, at("2010-12-01T08:26:00Z"));
    assert_eq!(read.gross().unwrap().to_string(), "15.3");
}

#[test]
fn a_return_belongs_to_its_customer() {
    let json = serde_json::to_value(loose_return()).unwrap();
    let Some(Fact::LooseReturn {
        id,
        news,
        currency,
        buyer,
    }) = told(RETURNS_CREATE, &json).unwrap()
    else {
        panic!("a return");
    };
    assert_eq!(id.as_str(), "online-retail:main:C536379");
    assert_eq!((news.amount.to_string().as_str(), news.units), ("27.5", 1));
    assert_eq!(currency.code(), "GBP");
    assert_eq!(buyer.id().unwrap().id(), "17850");
}

#[test]
fn nobody_in_particular_is_a_guest() {
    let mut json = serde_json::to_value(order()).unwrap();
    for customer in [json!(null), json!({}), json!({"id": null})] {
        json["customer"] = customer;
        let Some(Fact::Order { buyer, .. }) = told(ORDERS_CREATE, &json).unwrap() else {
            panic!("an order");
        };
        assert_eq!(buyer.unwrap().id(), None);
    }
}

#[test]
fn what_is_wrong_is_named() {
    let order = serde_json::to_value(order()).unwrap();
    for (path, value, field) in [
        ("/id", json!(null), "id"),
        ("/id", json!("a:b"), "id"),
        ("/placed_at", json!("soon"), "placed_at"),
        ("/currency", json!("pounds"), "currency"),
        ("/lines/0/quantity", json!("six"), "lines[0].quantity"),
        ("/lines/0/unit_price", json!(null), "lines[0].unit_price"),
        ("/lines/0/unit_price", json!("2,55"), "lines[0].unit_price"),
        ("/customer/id", json!("17 850"), "customer.id"),
    ] {
        let mut order = order.clone();
        *order.pointer_mut(path).unwrap() = value;
        assert_eq!(told(ORDERS_CREATE, &order).unwrap_err().field, field);
    }
    let mut back = serde_json::to_value(loose_return()).unwrap();
    back["units"] = json!(-1);
    let error = told(RETURNS_CREATE, &back).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read units of the import delivery: negative"
    );
}

#[test]
fn a_line_may_tell_what_it_cost() {
    let mut told_order = serde_json::to_value(order()).unwrap();
    assert_eq!(body(&told_order).lines[0].unit_cost, None);
    told_order["lines"][0]["unit_cost"] = json!("1.205");
    let cost = body(&told_order).lines[0].unit_cost;
    assert_eq!(cost, Some("1.205".parse().unwrap()));
    // Nothing is a cost too, but less than nothing is none.
    told_order["lines"][0]["unit_cost"] = json!(0);
    assert_eq!(body(&told_order).lines[0].unit_cost, Some(Amount::ZERO));
    for wrong in [json!(-1), json!("much")] {
        told_order["lines"][0]["unit_cost"] = wrong;
        let error = told(ORDERS_CREATE, &told_order).unwrap_err().to_string();
        assert!(error.contains("lines[0].unit_cost"), "{error}");
    }
}

#[test]
fn other_topics_say_nothing() {
    assert_eq!(told("orders/updated", &json!({})).unwrap(), None);
}

proptest! {
    #[test]
    fn what_is_written_is_what_is_read(
        lines in proptest::collection::vec(
            (1_i64..10_000, 0_i64..100_000_000, 0_i64..5_000, proptest::option::of(0_i64..5_000)),
            0..20,
        ),
        second in 0_i64..4_000_000_000,
    ) {
        let cents = |n: i64, decimals| Amount::parse(&format!("{n}e-{decimals}")).unwrap();
        let mut written = order();
        written.placed_at = Timestamp::from_second(second).unwrap();
        written.lines = lines.iter().map(|(quantity, price, discount, cost)| ImportLine {
            product: None,
            title: None,
            quantity: *quantity,
            unit_price: cents(*price, 4),
            unit_cost: cost.map(|cost| cents(cost, 3)),
            discount: cents(*discount, 2),
        }).collect();
        let read = body(&serde_json::to_value(&written).unwrap());
        prop_assert_eq!(read.placed_at, written.placed_at);
        prop_assert_eq!(read.lines.len(), written.lines.len());
        for (read, written) in read.lines.iter().zip(&written.lines) {
            prop_assert_eq!(read.quantity, written.quantity);
            prop_assert_eq!(read.unit_price, written.unit_price);
            prop_assert_eq!(read.discount, written.discount);
            prop_assert_eq!(read.unit_cost, written.unit_cost);
        }
    }
}
