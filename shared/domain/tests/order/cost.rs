//! What the goods of an order cost, and what is left of the money.

use std::collections::BTreeMap;

use crm_domain::money::{Amount, Currency};
use crm_domain::order::{Contribution, DatedCosts, Line, Order, OrderChange, cost_on};
use crm_domain::returns::Refund;
use crm_domain::settings::{Rate, Settings};
use crm_domain::totals::{Margin, Totals};
use jiff::civil::date;
use proptest::prelude::*;

use crate::support::*;

/// A line `id` of a product of the same name, with its cost if it tells one.
fn goods(id: &str, price: &str, quantity: i64, cost: Option<&str>) -> Line {
    Line {
        id: Some(id.to_owned()),
        product: Some(id.to_owned()),
        unit_cost: cost.map(amount),
        ..line(price, quantity)
    }
}

/// A refund of units of a line that the shop has again.
fn back(line: &str, money: &str, returned: i64, cancelled: i64) -> OrderChange {
    let refund = Refund {
        back_in_stock: BTreeMap::from([(line.to_owned(), returned + cancelled)]),
        ..refund(money, returned, cancelled)
    };
    OrderChange::Refund("r1".to_owned(), refund)
}

fn counted(order: &Order) -> Contribution {
    order.contribution(&Settings::default()).unwrap().unwrap()
}

/// Cost, covered gross, uncovered units.
fn costs(order: &Order) -> (String, String, i64) {
    let counted = counted(order);
    let (cost, covered) = (counted.cost, counted.covered);
    (cost.to_string(), covered.to_string(), counted.uncovered)
}

fn margin(order: &Order) -> Margin {
    let mut totals = Totals::default();
    totals.replace(None, Some(&counted(order)));
    totals.view(true).sums.margin()
}

fn known(cost: &str, covered: &str) -> (String, String, i64) {
    (cost.to_owned(), covered.to_owned(), 0)
}

fn sold(lines: Vec<Line>) -> OrderChange {
    snapshot(1, body(lines))
}

#[test]
fn goods_cost_what_their_lines_tell() {
    let mut card = goods("card", "50", 1, None);
    card.is_gift_card = true;
    let order = order(&[sold(vec![goods("cup", "20", 3, Some("7.001")), card])]);
    assert_eq!(costs(&order), known("21.003", "60"));
    assert_eq!(margin(&order).value, Some(amount("38.997")));
}

#[test]
fn goods_that_can_be_sold_again_give_their_cost_back_and_others_do_not() {
    let sale = sold(vec![goods("cup", "20", 3, Some("7"))]);
    let fit = order(&[sale.clone(), back("cup", "20", 1, 0)]);
    assert_eq!(costs(&fit), known("14", "60"));
    assert_eq!(margin(&fit).value, Some(amount("26")));
    let broken = OrderChange::Refund("r1".to_owned(), refund("20", 1, 0));
    let broken = order(&[sale, broken]);
    assert_eq!(costs(&broken), known("21", "60"));
    assert_eq!(margin(&broken).value, Some(amount("19")));
}

#[test]
fn units_cancelled_before_sending_cost_nothing() {
    let sale = sold(vec![goods("cup", "20", 3, Some("7"))]);
    let order = order(&[sale, back("cup", "20", 0, 1)]);
    assert_eq!(costs(&order), known("14", "60"));
    assert_eq!(counted(&order).units_bought, 2);
    let margin = margin(&order);
    // Gross is that of the sale, and so is what is covered of it.
    assert_eq!(margin.value, Some(amount("26")));
    assert_eq!(margin.covered_share, Some(1.into()));
}

#[test]
fn a_line_without_a_cost_makes_the_margin_unknown_with_its_share() {
    let lines = vec![
        goods("cup", "20", 3, Some("7")),
        goods("lamp", "15", 2, None),
    ];
    let part = order(&[sold(lines.clone())]);
    assert_eq!(costs(&part), ("21".to_owned(), "60".to_owned(), 2));
    let unknown = margin(&part);
    assert_eq!(unknown.value, None);
    assert_eq!(unknown.covered_share.unwrap().to_string(), "0.666667");
    // One lamp comes back: the other's cost is still unknown.
    let fewer = order(&[sold(lines.clone()), back("lamp", "15", 1, 0)]);
    assert_eq!(costs(&fewer), ("21".to_owned(), "60".to_owned(), 1));
    // Nothing is left of them: whatever a lamp costs, they cost nothing.
    let none = order(&[sold(lines), back("lamp", "30", 1, 1)]);
    assert_eq!(costs(&none), known("21", "90"));
    assert_eq!(margin(&none).value, Some(amount("39")));
}

#[test]
fn a_cost_of_zero_is_a_cost() {
    let order = order(&[sold(vec![goods("gift", "5", 1, Some("0"))])]);
    assert_eq!(margin(&order).value, Some(amount("5")));
}

#[test]
fn the_table_s_cost_is_kept_at_the_sale_and_never_changed() {
    let lines = vec![
        goods("cup", "20", 3, None),
        goods("pot", "30", 1, Some("11")),
    ];
    let mut order = order(&[sold(lines.clone())]);
    assert_eq!(order.products_without_cost().collect::<Vec<_>>(), ["cup"]);
    order.keep_costs(|product| (product == "cup").then(|| amount("7")));
    assert_eq!(costs(&order), known("32", "90"));
    // Neither a dearer cup nor a later body changes what it cost at the sale.
    order.keep_costs(|_| Some(amount("9")));
    let more = [lines, vec![goods("lamp", "10", 1, None)]].concat();
    order.apply(&snapshot(2, body(more)));
    assert_eq!(costs(&order), ("32".to_owned(), "90".to_owned(), 1));
    // A product first seen then gets its cost then.
    order.keep_costs(|_| Some(amount("4")));
    assert_eq!(costs(&order), known("36", "100"));
}

#[test]
fn a_told_cost_is_converted_and_the_table_s_is_not() {
    let lines = vec![
        goods("cup", "20", 1, Some("10")),
        goods("pot", "30", 1, None),
    ];
    let mut order = order(&[sold(lines)]);
    order.keep_costs(|_| Some(amount("8")));
    let rates = BTreeMap::from([(date(2025, 1, 1), Rate(amount("1.5")))]);
    let settings = Settings {
        reporting_currency: Some(Currency::parse("USD").unwrap()),
        fx_rates: BTreeMap::from([(Currency::parse("EUR").unwrap(), rates)]),
        ..Settings::default()
    };
    let counted = order.contribution(&settings).unwrap().unwrap();
    assert_eq!(counted.cost, amount("23"));
    assert_eq!(counted.covered, amount("75"));
}

#[test]
fn the_cost_in_force_is_the_latest_that_began_by_the_day() {
    let costs: DatedCosts = [
        (date(2026, 1, 1), amount("7")),
        (date(2026, 2, 1), amount("8")),
    ]
    .into();
    assert_eq!(cost_on(&costs, date(2025, 12, 31)), None);
    assert_eq!(cost_on(&costs, date(2026, 1, 1)), Some(amount("7")));
    assert_eq!(cost_on(&costs, date(2026, 1, 31)), Some(amount("7")));
    assert_eq!(cost_on(&costs, date(2026, 9, 1)), Some(amount("8")));
}

#[test]
fn a_record_from_before_costs_were_kept_is_read() {
    let order = order(&[
        sold(vec![goods("cup", "20", 3, None)]),
        back("cup", "20", 1, 0),
    ]);
    let mut old = serde_json::to_value(&order).unwrap();
    old["body"][1]["lines"][0]
        .as_object_mut()
        .unwrap()
        .remove("i");
    old["refunds"]["r1"].as_object_mut().unwrap().remove("k");
    let old: Order = serde_json::from_value(old).unwrap();
    assert_eq!(costs(&old), ("0".to_owned(), "0".to_owned(), 3));
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    let cost = proptest::option::weighted(0.7, 0_i64..500);
    let one = (1_i64..5, 0_i64..10_000, cost);
    proptest::collection::vec(one, 1..5).prop_map(|all| {
        let line = |(n, (units, price, cost)): (usize, (i64, i64, Option<i64>))| {
            let price = format!("{price}e-2");
            let cost = cost.map(|cost| format!("{cost}e-3"));
            goods(&n.to_string(), &price, units, cost.as_deref())
        };
        all.into_iter().enumerate().map(line).collect()
    })
}

proptest! {
    #[test]
    fn a_margin_is_known_exactly_when_every_unit_s_cost_is(
        lines in lines(),
        units_back in proptest::collection::vec(0_i64..6, 5),
    ) {
        let refunds = lines.iter().zip(units_back).enumerate().map(|(n, (line, units))| {
            let change = back(line.id.as_ref().unwrap(), "0", units, 0);
            let OrderChange::Refund(_, refund) = change else { unreachable!() };
            OrderChange::Refund(n.to_string(), refund)
        });
        let changes: Vec<_> = std::iter::once(sold(lines.clone())).chain(refunds).collect();
        let order = order(&changes);
        let counted = counted(&order);
        let margin = margin(&order);
        prop_assert_eq!(margin.value.is_some(), counted.uncovered == 0);
        // No more than all of it is covered, and no less than none.
        prop_assert!(!counted.covered.is_negative() && counted.covered <= counted.gross);
        prop_assert!(!counted.cost.is_negative());
        let most = lines.iter().map(|l| l.unit_cost.unwrap_or_default().times(l.quantity).unwrap());
        prop_assert!(counted.cost <= most.sum::<Amount>());
    }
}
