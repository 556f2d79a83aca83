//! Money that went back.

use serde_json::{Value, json};

use super::{Moment, line, returns, shipment};
use crate::sample::fate::ComebackKind;
use crate::sample::ids::{Kind, gid, id};
use crate::sample::money::{set, text};
use crate::sample::order::Order;

/// What an order is worth less by now, in cents.
pub(super) struct Gone {
    /// Paid for the goods, tax included where prices include it.
    pub(super) paid: i64,
    /// The tax in it.
    pub(super) tax: i64,
}

/// What went back of an order so far.
pub(super) fn goods_gone(moment: &Moment<'_>, order: &Order) -> Gone {
    let mut gone = Gone { paid: 0, tax: 0 };
    for (place, line) in order.lines.iter().enumerate() {
        let (worth, tax) = line.worth_of(units_gone(moment, order, place));
        gone.paid += worth + tax;
        gone.tax += tax;
    }
    gone
}

/// Units of a line for which money went back so far.
pub(super) fn units_gone(moment: &Moment<'_>, order: &Order, place: usize) -> i64 {
    let comeback = order.fate.comeback.as_ref();
    let settled = comeback.filter(|comeback| {
        comeback.kind != ComebackKind::Exchanged && comeback.settled_at <= moment.now
    });
    let units = settled.into_iter().flat_map(|comeback| &comeback.units);
    let units = units.filter(|(at, _)| *at == place);
    units.map(|(_, units)| units).sum()
}

/// The refunds an order lists.
pub(super) fn listed(moment: &Moment<'_>, order: &Order) -> Value {
    if goods_gone(moment, order).paid == 0 {
        return json!([]);
    }
    json!([settled(moment, order)])
}

/// The refund of what comes back.
pub(super) fn settled(moment: &Moment<'_>, order: &Order) -> Value {
    let person = moment.person.index;
    let number = u64::from(order.ordinal);
    let refund = id(Kind::Refund, person, number);
    let Some(comeback) = &order.fate.comeback else {
        return Value::Null;
    };
    let at = moment.span.text(comeback.settled_at);
    let damaged = comeback.kind == ComebackKind::Damaged;
    let lines = comeback.units.iter().map(|(place, units)| {
        let item = &order.lines[*place];
        let (worth, tax) = item.worth_of(*units);
        let sent = shipment::is_sent(moment, order, *place);
        json!({
            "id": id(Kind::RefundLine, person, number * 20 + u64::try_from(*place).unwrap_or_default()),
            "quantity": units,
            "line_item_id": item.id,
            "location_id": 61_000_001,
            "restock_type": if damaged { "no_restock" } else { "return" },
            "subtotal": text(worth),
            "total_tax": text(tax),
            "subtotal_set": set(worth, order.shown),
            "total_tax_set": set(tax, order.shown),
            "line_item": line::whole(order, item, sent, *units),
        })
    });
    json!({
        "id": refund,
        "order_id": order.id,
        "created_at": at,
        "note": if damaged { "Arrived damaged" } else { "" },
        "user_id": 61_000_002,
        "processed_at": at,
        "duties": [],
        "total_duties_set": set(0, order.shown),
        "return": (!damaged).then(|| returns::reference(person, order)),
        "refund_shipping_lines": [],
        "restock": !damaged,
        "admin_graphql_api_id": gid("Refund", refund),
        "order_adjustments": [],
        "refund_line_items": lines.collect::<Vec<_>>(),
        "transactions": [],
    })
}
