//! Everything that was ever recorded or documented is read, or there is a
//! reason.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use crm_sources::read;

/// Masked values: every text is `example string`.
const MASKED: &str = "the values were replaced by placeholders";
/// Cut down and edited by hand for someone's own tests; the shop never sent it.
const CUT_DOWN: &str = "cut down or edited by hand, no longer what a shop sends";

/// What cannot be read: file, field, reason.
const UNREADABLE: [(&str, &str, &str); 18] = [
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
