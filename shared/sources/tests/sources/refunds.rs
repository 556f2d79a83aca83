//! Refunds: money, units, and what is neither.

use std::collections::BTreeMap;

use crm_domain::order::OrderChange;
use crm_domain::returns::Refund;
use serde_json::{Value, json};

use crate::fixtures::{change, refund, trouble};

const CREATED: &str = "refunds/create";

fn read(body: &Value) -> Refund {
    match change(CREATED, body) {
        OrderChange::Refund(id, refund) => {
            assert_eq!(id, "9001");
            refund
        }
        other => panic!("{other:?} is no refund"),
    }
}

#[test]
fn a_refund_is_its_lines_less_what_was_held_back_without_shipping_and_tax() {
    let refund = read(&refund());
    assert_eq!(refund.amount.to_string(), "40.01");
    assert_eq!((refund.units_returned, refund.units_cancelled), (1, 0));
    assert_eq!(refund.return_id.as_deref(), Some("77"));
    assert_eq!(refund.at, "2025-03-05T12:00:01Z".parse().unwrap());
}

#[test]
fn money_given_without_naming_a_line_is_a_negative_adjustment() {
    let mut body = refund();
    body["refund_line_items"] = json!([]);
    body["order_adjustments"] = json!([{"kind": "refund_discrepancy", "amount": "-10.50"}]);
    let refund = read(&body);
    assert_eq!(refund.amount.to_string(), "10.5");
    assert_eq!((refund.units_returned, refund.units_cancelled), (0, 0));
}

#[test]
fn units_never_sent_are_cancelled_not_returned() {
    let mut body = refund();
    body["refund_line_items"][0]["restock_type"] = json!("cancel");
    let cancelled = read(&body);
    assert_eq!(
        (cancelled.units_returned, cancelled.units_cancelled),
        (0, 1)
    );
    for kind in [
        json!("return"),
        json!("no_restock"),
        json!("legacy_restock"),
        json!(null),
    ] {
        body["refund_line_items"][0]["restock_type"] = kind;
        assert_eq!(read(&body).units_returned, 1);
    }
}

#[test]
fn goods_that_can_be_sold_again_are_told_by_their_line() {
    let mut body = refund();
    let mut again = |kind: Value| {
        body["refund_line_items"][0]["restock_type"] = kind;
        read(&body).back_in_stock
    };
    let cup = BTreeMap::from([("61".to_owned(), 1)]);
    for kind in ["return", "cancel", "legacy_restock"] {
        assert_eq!(again(json!(kind)), cup, "{kind}");
    }
    for kind in [json!("no_restock"), json!(null), json!("lost")] {
        assert_eq!(again(kind.clone()), BTreeMap::new(), "{kind}");
    }
    // The line may be named beside its copy, or instead of it.
    again(json!("return"));
    body["refund_line_items"][0]["line_item"] = json!(null);
    assert_eq!(read(&body).back_in_stock, BTreeMap::new());
    body["refund_line_items"][0]["line_item_id"] = json!(61);
    assert_eq!(read(&body).back_in_stock, cup);
    // Twice the same line adds up.
    let line = body["refund_line_items"][0].clone();
    body["refund_line_items"] = json!([line, line]);
    assert_eq!(read(&body).back_in_stock["61"], 2);
    // A line's id that cannot be read is no reason to keep the money back.
    body["refund_line_items"][0]["line_item_id"] = json!("****");
    assert_eq!(read(&body).back_in_stock, cup);
}

#[test]
fn a_gift_card_given_back_is_no_merchandise() {
    let mut body = refund();
    body["refund_line_items"][0]["line_item"]["gift_card"] = json!(true);
    body["order_adjustments"] = json!(null);
    let refund = read(&body);
    assert!(refund.amount.is_zero());
    assert_eq!(refund.units_returned, 0);
}

#[test]
fn a_refund_without_its_worth_is_kept_for_later() {
    let mut body = refund();
    body["refund_line_items"][0]["subtotal_set"] = json!(null);
    body["refund_line_items"][0]["subtotal"] = json!(null);
    assert_eq!(trouble(CREATED, &body), "refund_line_items[0].subtotal");
    let mut body = refund();
    body["order_id"] = json!(null);
    assert_eq!(trouble(CREATED, &body), "order_id");
    let mut body = refund();
    body["order_adjustments"][1]["amount_set"]["shop_money"]["amount"] = json!("much");
    assert_eq!(
        trouble(CREATED, &body),
        "order_adjustments[1].amount_set.shop_money.amount"
    );
}

#[test]
fn money_that_went_to_a_gift_card_or_to_store_credit_alone_is_credit() {
    let paid = |gateway: &str, status: &str| json!({"gateway": gateway, "status": status});
    for (transactions, credit) in [
        (json!(null), false),
        (json!([]), false),
        (json!([paid("bogus", "success")]), false),
        (json!([paid("gift_card", "success")]), true),
        (json!([paid("shopify_store_credit", "pending")]), true),
        (
            json!([paid("gift_card", "success"), paid("bogus", "success")]),
            false,
        ),
        (
            json!([paid("gift_card", "success"), paid("bogus", "failure")]),
            true,
        ),
        (json!([paid("gift_card", "error")]), false),
        (json!([{"status": "success"}]), false),
    ] {
        let mut body = refund();
        body["transactions"] = transactions;
        assert_eq!(read(&body).on_credit, credit, "{}", body["transactions"]);
    }
}
