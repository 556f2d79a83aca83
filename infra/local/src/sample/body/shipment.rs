//! Parcels and their way.

use serde_json::{Value, json};

use super::{Moment, line};
use crate::sample::fate::Shipment;
use crate::sample::ids::{Kind, gid, id};
use crate::sample::order::Order;

/// How much of an order was sent by now.
pub(super) fn status(moment: &Moment<'_>, order: &Order) -> Option<&'static str> {
    let sent = sent(moment, order).count();
    match order.fate.shipments.len() - sent {
        _ if sent == 0 => None,
        0 => Some("fulfilled"),
        _ => Some("partial"),
    }
}

/// Whether a line was sent by now.
pub(super) fn is_sent(moment: &Moment<'_>, order: &Order, place: usize) -> bool {
    sent(moment, order).any(|(_, parcel)| parcel.lines.contains(&place))
}

/// The parcels an order lists.
pub(super) fn listed(moment: &Moment<'_>, order: &Order) -> Vec<Value> {
    let parcels = sent(moment, order).map(|(n, parcel)| {
        let fulfilment = fulfilment_id(moment, order, n);
        let lines = order.lines[parcel.lines.clone()].iter();
        let lines = lines.map(|item| line::whole(order, item, true, 0));
        let delivered = parcel.delivered_at.is_some_and(|at| at <= moment.now);
        json!({
            "id": fulfilment,
            "admin_graphql_api_id": gid("Fulfillment", fulfilment),
            "created_at": moment.span.text(parcel.sent_at),
            "updated_at": moment.span.text(parcel.sent_at),
            "line_items": lines.collect::<Vec<_>>(),
            "location_id": 61_000_001,
            "name": format!("{}.{}", order.id, n + 1),
            "order_id": order.id,
            "origin_address": {},
            "receipt": {},
            "service": "manual",
            "shipment_status": delivered.then_some("delivered"),
            "status": "success",
            "tracking_company": "Example Post",
            "tracking_number": format!("EP{fulfilment}"),
            "tracking_numbers": [format!("EP{fulfilment}")],
            "tracking_url": null,
            "tracking_urls": [],
        })
    });
    parcels.collect()
}

/// `fulfillment_events/create`: what happened to a parcel at this moment.
pub(super) fn event(moment: &Moment<'_>, order: &Order, n: u8, status: &str) -> Value {
    let step = u64::from(status == "delivered");
    let n = usize::from(n);
    let place = u64::from(order.ordinal) * 8 + u64::try_from(n).unwrap_or_default() * 2 + step;
    let event = id(Kind::ShipmentEvent, moment.person.index, place);
    let (_, town, code) = moment.person.home(moment.now);
    json!({
        "id": event,
        "fulfillment_id": fulfilment_id(moment, order, n),
        "status": status,
        "message": null,
        "happened_at": moment.now(),
        "city": town,
        "province": null,
        "country": moment.person.country.code,
        "zip": code,
        "address1": null,
        "latitude": null,
        "longitude": null,
        "shop_id": 61_000_000,
        "created_at": moment.now(),
        "updated_at": moment.now(),
        "estimated_delivery_at": null,
        "order_id": order.id,
        "admin_graphql_api_id": gid("FulfillmentEvent", event),
    })
}

fn sent<'a>(
    moment: &'a Moment<'_>,
    order: &'a Order,
) -> impl Iterator<Item = (usize, &'a Shipment)> {
    let parcels = order.fate.shipments.iter().enumerate();
    parcels.filter(|(_, parcel)| parcel.sent_at <= moment.now)
}

fn fulfilment_id(moment: &Moment<'_>, order: &Order, n: usize) -> u64 {
    let n = u64::try_from(n).unwrap_or_default();
    id(
        Kind::Fulfilment,
        moment.person.index,
        u64::from(order.ordinal) * 4 + n,
    )
}
