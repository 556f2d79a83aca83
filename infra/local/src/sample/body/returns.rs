//! Goods that come back: the document of a return.

use serde_json::{Value, json};

use super::Moment;
use crate::sample::fate::ComebackKind;
use crate::sample::ids::{Kind, gid, id};
use crate::sample::order::Order;

/// `returns/request` and `returns/approve`: the document with its lines.
pub(super) fn listed(moment: &Moment<'_>, order: &Order, status: &str) -> Value {
    let person = moment.person.index;
    let number = u64::from(order.ordinal);
    let document = id(Kind::Return, person, number);
    let Some(comeback) = &order.fate.comeback else {
        return Value::Null;
    };
    let lines = comeback.units.iter().map(|(place, units)| {
        let place_id = u64::try_from(*place).unwrap_or_default();
        let line = id(Kind::ReturnLine, person, number * 20 + place_id);
        json!({
            "id": line,
            "admin_graphql_api_id": gid("ReturnLineItem", line),
            "fulfillment_line_item": {
                "line_item": {
                    "id": order.lines[*place].id,
                    "admin_graphql_api_id": gid("LineItem", order.lines[*place].id),
                },
            },
            "quantity": units,
            "return_reason": comeback.reason,
            "return_reason_note": "",
            "customer_note": null,
            "restocking_fee": null,
        })
    });
    let lines: Vec<_> = lines.collect();
    let exchanged = exchanged(moment, order);
    json!({
        "id": document,
        "admin_graphql_api_id": gid("Return", document),
        "status": status,
        "order": {"id": order.id, "admin_graphql_api_id": gid("Order", order.id)},
        "total_return_line_items": lines.len(),
        "name": format!("R{document}"),
        "return_line_items": lines,
        "return_shipping_fees": [],
        "total_exchange_line_items": exchanged.len(),
        "exchange_line_items": exchanged,
    })
}

/// `returns/close`: only that it is done.
pub(super) fn closed(moment: &Moment<'_>, order: &Order) -> Value {
    let document = id(Kind::Return, moment.person.index, u64::from(order.ordinal));
    json!({
        "id": document,
        "admin_graphql_api_id": gid("Return", document),
        "order_id": order.id,
        "status": "closed",
    })
}

/// How a refund names the return it settles.
pub(super) fn reference(person: u32, order: &Order) -> Value {
    let document = id(Kind::Return, person, u64::from(order.ordinal));
    json!({"id": document, "admin_graphql_api_id": gid("Return", document)})
}

/// What goes out instead: the same goods again.
fn exchanged(moment: &Moment<'_>, order: &Order) -> Vec<Value> {
    let comeback = order.fate.comeback.as_ref();
    let exchange = comeback.filter(|comeback| comeback.kind == ComebackKind::Exchanged);
    let units = exchange.into_iter().flat_map(|comeback| &comeback.units);
    let lines = units.map(|(place, units)| {
        let line = id(
            Kind::ReturnLine,
            moment.person.index,
            u64::from(order.ordinal) * 20 + 19,
        );
        json!({
            "id": line,
            "admin_graphql_api_id": gid("ExchangeLineItem", line),
            "line_item": {"id": order.lines[*place].id, "quantity": units},
        })
    });
    lines.collect()
}
