//! What an order's facts come to, whatever way its news arrives.

use crm_domain::money::{Amount, Currency};
use crm_domain::order::{
    Channel, FinancialStatus, Fulfilment, FulfilmentStatus, Order, OrderBody, OrderChange,
    OrderStatus, ShipmentEvent,
};
use crm_domain::returns::ReturnStatus;
use crm_domain::settings::{Rate, Settings};
use jiff::civil::date;
use proptest::prelude::*;

use crate::support::*;

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
fn what_was_sent_with_no_shipment_told_is_shipped_and_over_the_counter_delivered() {
    let told = |channel, fulfilled| {
        let order = OrderBody {
            channel,
            fulfilled,
            ..body(vec![line("7.50", 1)])
        };
        snapshot(1, order)
    };
    let status = |changes: &[OrderChange]| order(changes).status();
    assert_eq!(status(&[told(Channel::Web, true)]), OrderStatus::Shipped);
    assert_eq!(status(&[told(Channel::Pos, true)]), OrderStatus::Delivered);
    assert_eq!(status(&[told(Channel::Pos, false)]), OrderStatus::Pending);
    // A shipment that is told, and not sent, knows better.
    let asked = Fulfilment {
        state: Some((stamp(2, 4), FulfilmentStatus::Pending)),
        ..Fulfilment::default()
    };
    let asked = OrderChange::Fulfilment("f".to_owned(), asked);
    for channel in [Channel::Web, Channel::Pos] {
        let known = [told(channel, true), asked.clone()];
        assert_eq!(status(&known), OrderStatus::Pending);
    }
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
