//! An order with all that has happened to it so far.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Moment, amounts, customer, line, refund, shipment};
use crate::sample::ids::{Kind, gid, id};
use crate::sample::order::{Order, Till};

/// The order at this moment.
pub(super) fn whole(moment: &Moment<'_>, order: &Order, number: u32) -> Value {
    let mut body = head(moment, order, number);
    let parts = [
        amounts::all(moment, order),
        states(moment, order),
        people(moment, order),
        goods(moment, order),
    ];
    if let Value::Object(body) = &mut body {
        for part in parts {
            if let Value::Object(part) = part {
                body.extend(part);
            }
        }
    }
    body
}

fn head(moment: &Moment<'_>, order: &Order, number: u32) -> Value {
    let placed_at = moment.span.text(order.placed_at);
    let token = format!("{:032x}", order.id);
    json!({
        "id": order.id,
        "admin_graphql_api_id": gid("Order", order.id),
        "app_id": 580_111,
        "browser_ip": null,
        "cart_token": null,
        "checkout_id": null,
        "checkout_token": null,
        "client_details": null,
        "confirmation_number": format!("HO{number:07}"),
        "confirmed": true,
        "created_at": placed_at,
        "customer_locale": "en",
        "device_id": null,
        "estimated_taxes": false,
        "landing_site": (order.till == Till::Web).then_some(order.landing),
        "landing_site_ref": null,
        "line_item_groups": [],
        "location_id": (order.till == Till::Counter).then_some(61_000_001),
        "merchant_business_entity_id": "MDAwMDAwMDAx",
        "merchant_of_record_app_id": null,
        "name": format!("#{number}"),
        "note": null,
        "note_attributes": [],
        "number": number - 1_000,
        "order_number": number,
        "order_status_url": format!("https://shop.example.com/orders/{token}"),
        "po_number": null,
        "reference": null,
        "referring_site": order.referring.filter(|_| order.till == Till::Web),
        "source_identifier": null,
        "source_url": null,
        "token": token,
        "user_id": null,
    })
}

fn states(moment: &Moment<'_>, order: &Order) -> Value {
    let fate = &order.fate;
    let cancelled_at = moment.past(fate.cancelled_at);
    let source = if order.till == Till::Counter {
        "pos"
    } else {
        "web"
    };
    json!({
        "cancel_reason": cancelled_at.as_ref().map(|_| "customer"),
        "cancelled_at": cancelled_at,
        "financial_status": financial_status(moment, order),
        "fulfillment_status": shipment::status(moment, order),
        "payment_gateway_names": [gateway(order.till)],
        "payment_terms": amounts::terms(moment, order),
        "test": fate.is_test,
        "updated_at": moment.span.text(updated_at(moment, order)),
        "closed_at": null,
        "processed_at": moment.span.text(order.placed_at),
        "tags": if order.till == Till::Trade { "trade" } else { "" },
        "source_name": source,
    })
}

fn people(moment: &Moment<'_>, order: &Order) -> Value {
    let person = moment.person;
    let known = person.is_known_in(order);
    let email = person.email(order.placed_at);
    let unnamed = email.is_none();
    let address = || {
        if unnamed {
            Value::Null
        } else {
            customer::address(moment, false)
        }
    };
    let company = person.company.as_ref().map(|_| {
        json!({"id": id(Kind::Company, person.index, 0), "location_id": id(Kind::Company, person.index, 1)})
    });
    json!({
        "buyer_accepts_marketing": person.consent(order.placed_at).0 && !unnamed,
        "contact_email": email,
        "email": email.clone().unwrap_or_default(),
        "phone": null,
        "billing_address": address(),
        "shipping_address": if order.till == Till::Counter { Value::Null } else { address() },
        "customer": if known { customer::whole(moment) } else { Value::Null },
        "company": company,
    })
}

fn goods(moment: &Moment<'_>, order: &Order) -> Value {
    let lines = order.lines.iter().enumerate().map(|(place, item)| {
        let sent = shipment::is_sent(moment, order, place);
        line::whole(order, item, sent, refund::units_gone(moment, order, place))
    });
    json!({
        "discount_applications": amounts::discount(order),
        "discount_codes": amounts::codes(order),
        "fulfillments": shipment::listed(moment, order),
        "line_items": lines.collect::<Vec<_>>(),
        "refunds": refund::listed(moment, order),
        "returns": [],
        "shipping_lines": amounts::shipping(order),
    })
}

/// How far it is paid at this moment.
pub(super) fn financial_status(moment: &Moment<'_>, order: &Order) -> &'static str {
    let fate = &order.fate;
    if fate.cancelled_at.is_some_and(|at| at <= moment.now) {
        return "voided";
    }
    let gone = refund::goods_gone(moment, order).paid;
    if gone > 0 && gone >= order.list_price() - order.discount() {
        return "refunded";
    }
    match fate.paid_later_at {
        Some(at) if at > moment.now => "pending",
        _ if gone > 0 => "partially_refunded",
        // What is going to be called off was only reserved.
        _ if fate.cancelled_at.is_some() => "authorized",
        _ => "paid",
    }
}

fn updated_at(moment: &Moment<'_>, order: &Order) -> Timestamp {
    let fate = &order.fate;
    let settled = fate.comeback.as_ref().map(|comeback| comeback.settled_at);
    let sent = fate.shipments.iter().map(|parcel| parcel.sent_at);
    let changes = [fate.cancelled_at, fate.paid_later_at, settled]
        .into_iter()
        .flatten();
    let changes = changes.chain(sent).filter(|at| *at <= moment.now);
    changes
        .max()
        .unwrap_or(order.placed_at)
        .max(order.placed_at)
}

fn gateway(till: Till) -> &'static str {
    match till {
        Till::Web => "shopify_payments",
        Till::Counter => "cash",
        Till::Trade => "bank deposit",
    }
}
