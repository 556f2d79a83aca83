//! An order is the same whatever way its news arrives, and counts once.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use std::collections::BTreeMap;

use crm_domain::identity::ExternalId;
use crm_domain::money::{Amount, Currency};
use crm_domain::order::{
    Acquisition, Channel, FinancialStatus, Fulfilment, FulfilmentStatus, Line, Order, OrderBody,
    OrderChange, OrderSnapshot, OrderStatus, ShipmentEvent,
};
use crm_domain::returns::{Refund, ReturnChange, ReturnLines, ReturnStatus};
use crm_domain::settings::{Rate, Settings};
use crm_domain::stamp::Stamp;
use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + second).unwrap()
}

fn stamp(second: i64, digest: u64) -> Stamp {
    Stamp {
        updated_at: Some(at(second)),
        triggered_at: None,
        rank: 0,
        digest,
    }
}

fn amount(text: &str) -> Amount {
    Amount::parse(text).unwrap()
}

fn line(price: &str, quantity: i64) -> Line {
    Line {
        product: None,
        title: "Cup".to_owned(),
        quantity,
        unit_price: amount(price),
        discount: Amount::ZERO,
        tax_included: Amount::ZERO,
        is_gift_card: false,
    }
}

fn body(lines: Vec<Line>) -> OrderBody {
    OrderBody {
        name: "#1001".to_owned(),
        placed_at: at(0),
        financial_status: FinancialStatus::Paid,
        has_payment_terms: false,
        cancelled_at: None,
        is_test: false,
        fulfilled: false,
        channel: Channel::Web,
        currency: Currency::parse("EUR").unwrap(),
        lines,
        acquisition: Acquisition::default(),
        tags: Vec::new(),
    }
}

fn snapshot(second: i64, body: OrderBody) -> OrderChange {
    OrderChange::Body(Box::new(OrderSnapshot {
        stamp: stamp(second, 1),
        body,
        refunds: BTreeMap::new(),
        fulfilments: BTreeMap::new(),
    }))
}

fn refund(amount_text: &str, returned: i64, cancelled: i64) -> Refund {
    Refund {
        at: at(10),
        amount: amount(amount_text),
        units_returned: returned,
        units_cancelled: cancelled,
        return_id: None,
        stamp: stamp(10, 2),
    }
}

fn returned(second: i64, status: Option<ReturnStatus>, units: Option<(i64, i64)>) -> ReturnChange {
    ReturnChange {
        stamp: stamp(second, 3),
        status,
        lines: units.map(|(units, units_exchanged)| ReturnLines {
            units,
            units_exchanged,
            reason: None,
        }),
        units_removed: 0,
    }
}

fn order(changes: &[OrderChange]) -> Order {
    let mut order = Order::unknown(ExternalId::parse("shopify:a.myshopify.com:1").unwrap());
    for change in changes {
        order.apply(change);
    }
    order
}

fn worth(order: &Order) -> (Amount, Amount, i64, i64, i64) {
    let counted = order.contribution(&Settings::default()).unwrap().unwrap();
    (
        counted.gross,
        counted.refunded,
        counted.units_bought,
        counted.units_returned,
        counted.return_documents,
    )
}

#[test]
fn gross_leaves_out_discounts_included_tax_and_gift_cards() {
    let mut discounted = line("19.99", 3);
    discounted.discount = amount("5.97");
    discounted.tax_included = amount("4.5000");
    let mut card = line("50", 1);
    card.is_gift_card = true;
    let order = order(&[snapshot(1, body(vec![discounted, card]))]);
    // 3 x 19.99 = 59.97; less 5.97, less 4.50.
    assert_eq!(worth(&order), (amount("49.5"), Amount::ZERO, 3, 0, 0));
}

#[test]
fn sums_keep_every_digit_that_came_in() {
    let odd = order(&[snapshot(
        1,
        body(vec![line("10.649999999999999", 2), line("0.0001", 1)]),
    )]);
    assert_eq!(worth(&odd).0, amount("21.300099999999998"));
}

#[test]
fn a_refund_counts_once_however_often_it_is_told() {
    let news = OrderChange::Refund("r1".to_owned(), refund("7.50", 1, 0));
    let order = order(&[snapshot(1, body(vec![line("7.50", 2)])), news.clone(), news]);
    assert_eq!(worth(&order), (amount("15"), amount("7.5"), 2, 1, 1));
    assert_eq!(order.status(), OrderStatus::PartiallyReturned);
}

#[test]
fn units_cancelled_before_sending_were_never_bought_and_are_no_return() {
    let cancelled = OrderChange::Refund("r1".to_owned(), refund("7.50", 0, 1));
    let order = order(&[snapshot(1, body(vec![line("7.50", 2)])), cancelled]);
    assert_eq!(worth(&order), (amount("15"), amount("7.5"), 1, 0, 0));
    assert_eq!(order.status(), OrderStatus::Pending);
}

#[test]
fn a_return_and_the_refund_for_it_are_the_same_units() {
    let order = order(&[
        snapshot(1, body(vec![line("7.50", 3)])),
        OrderChange::Return(
            "d1".to_owned(),
            returned(5, Some(ReturnStatus::Open), Some((2, 0))),
        ),
        OrderChange::Refund("r1".to_owned(), refund("15", 2, 0)),
    ]);
    assert_eq!(worth(&order), (amount("22.5"), amount("15"), 3, 2, 1));
}

#[test]
fn exchanged_units_and_refused_returns_are_in_no_rate() {
    let exchange = returned(5, Some(ReturnStatus::Open), Some((1, 1)));
    let declined = returned(5, Some(ReturnStatus::Declined), Some((2, 0)));
    let order = order(&[
        snapshot(1, body(vec![line("7.50", 3)])),
        OrderChange::Return("d1".to_owned(), exchange),
        OrderChange::Return("d2".to_owned(), declined),
    ]);
    assert_eq!(worth(&order), (amount("22.5"), Amount::ZERO, 3, 0, 0));
}

#[test]
fn what_does_not_count_counts_nowhere() {
    let paid = || body(vec![line("7.50", 1)]);
    let pending = OrderBody {
        financial_status: FinancialStatus::Pending,
        ..paid()
    };
    let terms = OrderBody {
        has_payment_terms: true,
        ..pending.clone()
    };
    let test = OrderBody {
        is_test: true,
        ..paid()
    };
    let cancelled = OrderBody {
        cancelled_at: Some(at(9)),
        ..paid()
    };
    let voided = OrderBody {
        financial_status: FinancialStatus::Voided,
        ..paid()
    };
    let counts = |body| {
        order(&[snapshot(1, body)])
            .contribution(&Settings::default())
            .unwrap()
            .is_some()
    };
    assert!(counts(paid()));
    assert!(counts(terms), "pending with payment terms is sold");
    for (name, body) in [
        ("pending", pending),
        ("test", test),
        ("cancelled", cancelled),
        ("voided", voided),
    ] {
        assert!(!counts(body), "{name}");
    }
}

#[test]
fn a_foreign_order_is_converted_at_its_date_and_waits_without_a_rate() {
    let order = order(&[snapshot(1, body(vec![line("10", 1)]))]);
    let mut settings = Settings {
        reporting_currency: Some(Currency::parse("USD").unwrap()),
        ..Settings::default()
    };
    let missing = order.contribution(&settings).unwrap_err();
    assert_eq!(
        missing.to_string(),
        "no exchange rate from EUR to USD on 2025-10-09: add one to the setting fx_rates"
    );
    let rates = [("2025-10-01", "1.1"), ("2025-10-10", "9")];
    let rates = rates.map(|(on, rate)| (on.parse().unwrap(), Rate(amount(rate))));
    settings
        .fx_rates
        .insert(Currency::parse("EUR").unwrap(), rates.into());
    assert_eq!(settings.date_of(at(0)), date(2025, 10, 9));
    assert_eq!(
        order.contribution(&settings).unwrap().unwrap().gross,
        amount("11")
    );
}

#[test]
fn an_order_is_delivered_when_everything_was_sent_and_arrived() {
    let sent = Fulfilment {
        state: Some((stamp(2, 4), FulfilmentStatus::Sent)),
        created_at: Some(at(2)),
        ..Fulfilment::default()
    };
    let arrived = ShipmentEvent {
        stamp: stamp(6, 5),
        at: at(6),
        delivered: true,
        withdrawn: false,
    };
    let ship = OrderChange::Fulfilment("f1".to_owned(), sent);
    let arrive = OrderChange::Shipment("f1".to_owned(), "e1".to_owned(), arrived);
    let part = snapshot(1, body(vec![line("1", 1)]));
    let whole = snapshot(
        3,
        OrderBody {
            fulfilled: true,
            ..body(vec![line("1", 1)])
        },
    );
    let status = |changes: &[&OrderChange]| {
        let changes: Vec<_> = changes.iter().map(|change| (*change).clone()).collect();
        order(&changes).status()
    };
    assert_eq!(status(&[&part]), OrderStatus::Pending);
    assert_eq!(status(&[&part, &ship]), OrderStatus::Shipped);
    assert_eq!(
        status(&[&part, &ship, &arrive]),
        OrderStatus::Shipped,
        "more is to come"
    );
    assert_eq!(status(&[&whole, &ship, &arrive]), OrderStatus::Delivered);
    // Nor does an order's own word have to come: all units were sent, and arrived.
    let all = OrderChange::Fulfilment(
        "f1".to_owned(),
        Fulfilment {
            state: Some((stamp(2, 4), FulfilmentStatus::Sent)),
            units: 1,
            ..Fulfilment::default()
        },
    );
    assert_eq!(status(&[&part, &all, &arrive]), OrderStatus::Delivered);
    // The event may come before the fulfilment it is of.
    assert_eq!(status(&[&arrive, &whole, &ship]), OrderStatus::Delivered);
}

/// News that differ in what they tell and when; few ids, so that they meet.
fn news() -> impl Strategy<Value = OrderChange> {
    let when = 0_i64..6;
    let id = prop_oneof![Just("a"), Just("b")];
    prop_oneof![
        (when.clone(), 1_i64..4).prop_map(|(second, quantity)| {
            // A version's content follows from its stamp, as with real sources.
            let mut change = snapshot(second, body(vec![line("7.50", 1 + second)]));
            if let OrderChange::Body(snapshot) = &mut change {
                snapshot.stamp.digest = u64::try_from(quantity).unwrap();
                snapshot.body.name = format!("#{quantity}");
            }
            change
        }),
        (id.clone(), when.clone()).prop_map(|(id, second)| {
            let told = Refund {
                stamp: stamp(second, 2),
                ..refund(&format!("{second}"), second, 0)
            };
            OrderChange::Refund(id.to_owned(), told)
        }),
        (id.clone(), when.clone(), any::<bool>()).prop_map(|(id, second, whole)| {
            let status = if second % 2 == 0 {
                ReturnStatus::Open
            } else {
                ReturnStatus::Closed
            };
            let mut told = returned(second, Some(status), whole.then_some((second, 0)));
            told.stamp.digest = u64::from(whole);
            told.units_removed = i64::from(!whole);
            OrderChange::Return(id.to_owned(), told)
        }),
        (id.clone(), when.clone()).prop_map(|(id, second)| {
            let told = Fulfilment {
                state: Some((stamp(second, 4), FulfilmentStatus::Sent)),
                created_at: Some(at(second)),
                ..Fulfilment::default()
            };
            OrderChange::Fulfilment(id.to_owned(), told)
        }),
        (id.clone(), when, any::<bool>()).prop_map(|(id, second, withdrawn)| {
            let mut told = ShipmentEvent {
                stamp: stamp(second, 5),
                at: at(second),
                delivered: true,
                withdrawn,
            };
            told.stamp.digest += u64::from(withdrawn);
            OrderChange::Shipment("a".to_owned(), id.to_owned(), told)
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn news_in_any_order_and_any_number_of_times_make_the_same_order(
        (news, shuffled) in prop::collection::vec(news(), 1..9).prop_flat_map(|news| {
            let twice = [news.clone(), news.clone()].concat();
            (Just(news), Just(twice).prop_shuffle())
        })
    ) {
        prop_assert_eq!(order(&shuffled), order(&news));
    }
}
