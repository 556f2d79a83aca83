//! What a customer likes, and what happened to an order.

use std::collections::BTreeMap;

use crm_domain::order::{
    Fulfilment, FulfilmentStatus, Happened, Line, Order, OrderChange, OrderSnapshot,
};
use crm_domain::preference::{Basket, Preferred};
use crm_domain::returns::{Refund, ReturnChange, ReturnLines, ReturnStatus};
use crm_domain::settings::Settings;
use proptest::prelude::*;

use crate::support::{at, body, line, order, refund, returned, snapshot, stamp};

fn goods(id: &str, product: Option<&str>, quantity: i64) -> Line {
    Line {
        id: Some(id.to_owned()),
        product: product.map(str::to_owned),
        title: product.unwrap_or("free text").to_owned(),
        ..line("10", quantity)
    }
}

fn counted(changes: &[OrderChange]) -> Order {
    let mut order = order(changes);
    order.counted = order.contribution(&Settings::default()).unwrap();
    order
}

fn told(orders: &[Order], count_zero_value: bool) -> Vec<(String, i64)> {
    let mut basket = Basket::default();
    for order in orders {
        basket.add(order, count_zero_value);
    }
    let told = basket.top_products().into_iter();
    told.map(|Preferred { name, units, .. }| (name, units))
        .collect()
}

fn pairs(pairs: &[(&str, i64)]) -> Vec<(String, i64)> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, units)| ((*name).to_owned(), *units))
        .collect()
}

fn back(units: &[(&str, i64)], written_off: &[(&str, i64)]) -> OrderChange {
    let map = |units: &[(&str, i64)]| -> BTreeMap<String, i64> {
        units.iter().map(|(id, n)| ((*id).to_owned(), *n)).collect()
    };
    let all: i64 = units.iter().chain(written_off).map(|(_, n)| n).sum();
    let refund = Refund {
        back_in_stock: map(units),
        written_off: map(written_off),
        ..refund("0", all, 0)
    };
    OrderChange::Refund("r".to_owned(), refund)
}

fn document(status: ReturnStatus, line: &str, units: i64) -> OrderChange {
    let lines = ReturnLines {
        units,
        by_line: BTreeMap::from([(line.to_owned(), units)]),
        ..ReturnLines::default()
    };
    let change = ReturnChange {
        lines: Some(lines),
        ..returned(20, Some(status), None)
    };
    OrderChange::Return("d".to_owned(), change)
}

#[test]
fn goods_that_came_back_are_taken_off_their_own_line_once() {
    let bought = || {
        snapshot(
            0,
            body(vec![
                goods("1", Some("cup"), 5),
                goods("2", Some("plate"), 4),
                goods("3", None, 9),
            ]),
        )
    };
    for (news, expected) in [
        (vec![], [("cup", 5), ("plate", 4)]),
        (vec![back(&[("1", 2)], &[])], [("plate", 4), ("cup", 3)]),
        (vec![back(&[], &[("1", 3)])], [("plate", 4), ("cup", 2)]),
        // The refund settles the return: they tell of the same goods.
        (
            vec![document(ReturnStatus::Open, "1", 2), back(&[("1", 2)], &[])],
            [("plate", 4), ("cup", 3)],
        ),
        (
            vec![document(ReturnStatus::Open, "2", 4)],
            [("cup", 5), ("", 0)],
        ),
        // A return that does not stand takes nothing off.
        (
            vec![document(ReturnStatus::Declined, "1", 2)],
            [("cup", 5), ("plate", 4)],
        ),
    ] {
        let changes: Vec<_> = std::iter::once(bought()).chain(news).collect();
        let expected: Vec<_> = expected
            .into_iter()
            .filter(|(_, units)| *units > 0)
            .collect();
        assert_eq!(told(&[counted(&changes)], false), pairs(&expected));
    }
}

#[test]
fn an_order_that_came_back_whole_or_does_not_count_leaves_nothing() {
    let cup = || snapshot(0, body(vec![goods("1", Some("cup"), 2)]));
    let whole = OrderChange::Refund("r".to_owned(), refund("20", 2, 0));
    assert_eq!(told(&[counted(&[cup(), whole])], false), []);
    let mut test = body(vec![goods("1", Some("cup"), 2)]);
    test.is_test = true;
    assert_eq!(told(&[counted(&[snapshot(0, test)])], true), []);
    let free = Line {
        unit_price: crm_domain::money::Amount::ZERO,
        ..goods("1", Some("cup"), 2)
    };
    let free = counted(&[snapshot(0, body(vec![free]))]);
    assert_eq!(told(std::slice::from_ref(&free), false), []);
    assert_eq!(told(&[free], true), pairs(&[("cup", 2)]));
}

#[test]
fn what_happened_has_its_time_and_nothing_happens_before_the_order() {
    let sent = Fulfilment {
        state: Some((stamp(5, 4), FulfilmentStatus::Sent)),
        created_at: Some(at(-50)),
        arrived_at: Some(at(60)),
        ..Fulfilment::default()
    };
    let called_off = Fulfilment {
        state: Some((stamp(5, 5), FulfilmentStatus::Cancelled)),
        ..Fulfilment::default()
    };
    let order = order(&[
        snapshot(0, body(vec![line("10", 1)])),
        OrderChange::Fulfilment("f".to_owned(), sent),
        OrderChange::Fulfilment("g".to_owned(), called_off),
        OrderChange::Refund("r".to_owned(), refund("10", 1, 0)),
    ]);
    let mut happened: Vec<_> = order
        .happenings()
        .into_iter()
        .map(|h| (h.at, h.what))
        .collect();
    happened.sort_by_key(|(at, what)| (*at, what.name()));
    assert_eq!(
        happened,
        [
            (at(0), Happened::Placed),
            (at(0), Happened::Shipped("f".to_owned())),
            (
                at(10),
                Happened::Refunded("r".to_owned(), "10".parse().unwrap())
            ),
            (at(60), Happened::Delivered("f".to_owned())),
        ]
    );
    assert_eq!(Order::unknown(order.id).happenings(), []);
}

fn orders() -> impl Strategy<Value = Vec<Order>> {
    let one = prop::collection::vec((0..5_usize, 1..6_i64, 0..6_i64), 1..4);
    let all = prop::collection::vec(one, 0..8);
    all.prop_map(|all| {
        let orders = all.into_iter().enumerate().map(|(n, lines)| {
            let ids: Vec<String> = (0..lines.len()).map(|place| place.to_string()).collect();
            let bought = lines.iter().zip(&ids).map(|((product, quantity, _), id)| {
                goods(id, Some(["a", "b", "c", "d", "e"][*product]), *quantity)
            });
            let came: Vec<_> = lines.iter().zip(&ids).collect();
            let came: Vec<_> = came
                .into_iter()
                .map(|((_, quantity, back), id)| (id.as_str(), *(back.min(quantity))))
                .collect();
            let mut order = counted(&[snapshot(0, body(bought.collect())), back(&came, &[])]);
            order.id = order.id.beside(&n.to_string()).unwrap();
            order
        });
        orders.collect()
    })
}

proptest! {
    #[test]
    fn the_three_of_most_units_are_those_a_plain_count_finds(mut orders in orders()) {
        let mut units: BTreeMap<String, i64> = BTreeMap::new();
        for order in &orders {
            let (_, body) = order.body.as_ref().unwrap();
            let refund = &order.refunds["r"];
            for line in &body.lines {
                let came = refund.back_in_stock.get(line.id.as_ref().unwrap());
                *units.entry(line.title.clone()).or_default() += line.quantity - came.unwrap_or(&0);
            }
        }
        let mut expected: Vec<_> = units.into_iter().filter(|(_, n)| *n > 0).collect();
        expected.sort_by_key(|(name, n)| (std::cmp::Reverse(*n), name.clone()));
        expected.truncate(3);
        prop_assert_eq!(&told(&orders, false), &expected);
        orders.reverse();
        prop_assert_eq!(told(&orders, false), expected);
    }

    #[test]
    fn a_snapshot_of_an_order_tells_it_was_placed_exactly_once(second in 0_i64..5) {
        let changes = [snapshot(second, body(vec![line("1", 1)])), snapshot(9, body(vec![line("1", 2)]))];
        let happened = order(&changes).happenings();
        let placed = happened.iter().filter(|one| one.what == Happened::Placed).count();
        prop_assert_eq!(placed, 1);
        // And its content is the newest's.
        let OrderChange::Body(newest) = &changes[1] else { unreachable!() };
        let OrderSnapshot { body, .. } = newest.as_ref();
        prop_assert_eq!(happened[0].at, body.placed_at);
    }
}
