//! Everything that was ever recorded or documented is read, or there is a
//! reason.

use std::collections::{BTreeMap, BTreeSet};

use crm_domain::fact::Fact;
use crm_domain::order::{Channel, Order, OrderChange, OrderStatus};
use crm_sources::read;

use crate::common;

/// Masked values: every text is `example string`.
const MASKED: &str = "the values were replaced by placeholders";
/// Cut down and edited by hand for someone's own tests; the shop never sent it.
const CUT_DOWN: &str = "cut down or edited by hand, no longer what a shop sends";

/// What cannot be read: file, field, reason.
const UNREADABLE: [(&str, &str, &str); 20] = [
    (
        "anonymised_shapes/2023-10__orders__1.json",
        "financial_status",
        MASKED,
    ),
    (
        "anonymised_shapes/2024-01__orders__2.json",
        "financial_status",
        MASKED,
    ),
    (
        "anonymised_shapes/2024-01__orders__3.json",
        "financial_status",
        MASKED,
    ),
    (
        "anonymised_shapes/2024-04__orders__1.json",
        "financial_status",
        MASKED,
    ),
    (
        "anonymised_shapes/2025-04__customers_marketing_consent__1.json",
        "sms_marketing_consent.state",
        MASKED,
    ),
    (
        "anonymised_shapes/2025-04__fulfillments__1.json",
        "status",
        MASKED,
    ),
    (
        "anonymised_shapes/2025-04__orders__1.json",
        "financial_status",
        MASKED,
    ),
    (
        "recorded_other/pos_cash_order_flat.json",
        "id",
        "an export's row, flattened: its id is called order_id and it has no lines",
    ),
    (
        "recorded_rudder/fulfillments_create/01_4cf52932.json",
        "id",
        CUT_DOWN,
    ),
    (
        "recorded_rudder/fulfillments_create/02_3763f656.json",
        "id",
        CUT_DOWN,
    ),
    (
        "recorded_rudder/fulfillments_create/03_e6e14510.json",
        "order_id",
        CUT_DOWN,
    ),
    (
        "recorded_rudder/orders_cancelled/03_4c4d6402.json",
        "id",
        CUT_DOWN,
    ),
    (
        "recorded_rudder/orders_create/01_7dd7aae9.json",
        "financial_status",
        CUT_DOWN,
    ),
    (
        "recorded_rudder/orders_paid/03_c22e8522.json",
        "financial_status",
        CUT_DOWN,
    ),
    (
        "recorded_rudder/orders_updated/05_e2eaf5df.json",
        "financial_status",
        CUT_DOWN,
    ),
    (
        "recorded_rudder/orders_updated/06_4e7e8bab.json",
        "shipping_address",
        CUT_DOWN,
    ),
    (
        "recorded_rudder/orders_updated/08_b08f298c.json",
        "shipping_address",
        CUT_DOWN,
    ),
    (
        "recorded_with_headers/2023-01/refunds.create.json",
        "created_at",
        "a test notification of 2023: neither its times nor the trigger time are told",
    ),
    (
        "rest_fixtures/python_orders.json[0]",
        "line_items",
        "an answer that was asked for without its lines",
    ),
    (
        "rest_fixtures/python_refund.json[0]",
        "refund_line_items[0].subtotal",
        "from 2016, before a refund's lines told their worth",
    ),
];

#[test]
fn every_recorded_delivery_is_read_or_there_is_a_reason() {
    let Some(data) = common::shopify_data() else {
        return;
    };
    let mut table: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut unreadable = BTreeSet::new();
    for sample in common::samples(&data) {
        let outcome = match read(&sample.delivery()) {
            Ok(Some(_)) => "fact".to_owned(),
            Ok(None) => "not followed".to_owned(),
            Err(error) => {
                let outcome = format!("unreadable: {}: {}", error.field, error.problem);
                unreadable.insert((sample.name, error.field));
                outcome
            }
        };
        *table.entry((sample.topic, outcome)).or_default() += 1;
    }
    for ((topic, outcome), count) in &table {
        println!("{topic:42} {count:4} {outcome}");
    }
    let explained = UNREADABLE.map(|(file, field, _)| (file.to_owned(), field.to_owned()));
    assert_eq!(unreadable, BTreeSet::from(explained));
}

#[test]
fn recorded_orders_come_to_what_was_computed_by_hand() {
    let Some(data) = common::shopify_data() else {
        return;
    };
    let samples = common::samples(&data);
    // file, id, channel, gross, refunded, units bought, status, counts
    let expected = [
        // One shirt of 30.00 GBP, prices with (no) tax; cancelled before it was
        // sent: 30 refunded as cancelled, 5.99 of shipping besides. A test.
        (
            "recorded_rudder/orders_cancelled/01_f35f1b69.json",
            "5389487866131",
            Channel::Web,
            ("30", "30", 0),
            OrderStatus::Cancelled,
            false,
        ),
        // The same shop, paid, nothing sent. A test order.
        (
            "recorded_rudder/orders_updated/02_8992430d.json",
            "5400647729427",
            Channel::Web,
            ("30", "0", 1),
            OrderStatus::Pending,
            false,
        ),
        // 5,000 INR and 900 tax on top, not in the price; a draft order's invoice.
        (
            "recorded_rudder/orders_updated/03_2c3f1c6a.json",
            "4617255092480",
            Channel::Web,
            ("5000", "0", 1),
            OrderStatus::Pending,
            true,
        ),
        // Two of 199.00; `total_discounts` is 20 but no line has a share of it.
        // The id was rounded, its twin was not.
        (
            "documented/orders_create/2024-01__2024-01.json",
            "820982911946154508",
            Channel::Web,
            ("398", "0", 2),
            OrderStatus::Cancelled,
            false,
        ),
    ];
    for (file, id, channel, (gross, refunded, units), status, counts) in expected {
        let sample = samples.iter().find(|sample| sample.name == file).unwrap();
        let Some(Fact::Order { order, change, .. }) = read(&sample.delivery()).unwrap() else {
            panic!("{file} is an order");
        };
        assert_eq!(order.id(), id, "{file}");
        let mut known = Order::unknown(order);
        known.apply(&change);
        let (_, body) = known.body.as_ref().unwrap();
        assert_eq!(body.channel, channel, "{file}");
        assert_eq!(body.gross().unwrap().to_string(), gross, "{file}");
        assert_eq!(body.counts(), counts, "{file}");
        assert_eq!(known.refunded().to_string(), refunded, "{file}");
        assert_eq!(known.units_bought(), units, "{file}");
        assert_eq!(known.status(), status, "{file}");
    }
}

#[test]
fn a_refund_in_dong_has_no_decimals_to_lose() {
    let Some(data) = common::shopify_data() else {
        return;
    };
    let samples = common::samples(&data);
    let refund = samples
        .iter()
        .find(|s| s.name.ends_with("refunds_create_VND.json"));
    let Some(Fact::Order {
        order,
        change,
        buyer: None,
    }) = read(&refund.unwrap().delivery()).unwrap()
    else {
        panic!("a refund is news of an order");
    };
    let OrderChange::Refund(id, refund) = change else {
        panic!("a refund");
    };
    assert_eq!(
        (order.id(), id.as_str()),
        ("6273085767965", "1002961240349")
    );
    assert_eq!(refund.amount.to_string(), "20");
    assert_eq!((refund.units_returned, refund.units_cancelled), (0, 1));
    assert_eq!(refund.at, "2024-08-20T15:19:18Z".parse().unwrap());
}
