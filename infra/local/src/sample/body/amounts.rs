//! What an order comes to, and how it is paid.

use serde_json::{Value, json};

use super::order::financial_status;
use super::{Moment, line, refund};
use crate::sample::money::{set, text};
use crate::sample::names::EURO;
use crate::sample::order::{Order, Till};

/// All the amounts of an order at this moment.
pub(super) fn all(moment: &Moment<'_>, order: &Order) -> Value {
    let shown = order.shown;
    let both = |cents: i64| (text(cents), set(cents, shown));
    let goods = order.list_price() - order.discount();
    let gone = refund::goods_gone(moment, order);
    let (list, list_set) = both(order.list_price());
    let (subtotal, subtotal_set) = both(goods);
    let (discounts, discounts_set) = both(order.discount());
    let (tax, tax_set) = both(order.tax());
    let (total, total_set) = both(order.total());
    let (left, left_set) = both(goods - gone.paid);
    let (left_tax, left_tax_set) = both(order.tax() - gone.tax);
    let (left_total, left_total_set) = both(order.total() - gone.paid);
    let open = financial_status(moment, order) == "pending";
    json!({
        "currency": EURO.code,
        "presentment_currency": shown.code,
        "current_shipping_price_set": set(order.shipping, shown),
        "current_subtotal_price": left,
        "current_subtotal_price_set": left_set,
        "current_total_additional_fees_set": null,
        "current_total_discounts": discounts,
        "current_total_discounts_set": discounts_set,
        "current_total_duties_set": null,
        "current_total_price": left_total,
        "current_total_price_set": left_total_set,
        "current_total_tax": left_tax,
        "current_total_tax_set": left_tax_set,
        "duties_included": false,
        "original_total_additional_fees_set": null,
        "original_total_duties_set": null,
        "subtotal_price": subtotal,
        "subtotal_price_set": subtotal_set,
        "tax_exempt": !order.tax_included(),
        "tax_lines": line::tax_lines(order, order.tax()),
        "taxes_included": order.tax_included(),
        "total_cash_rounding_payment_adjustment_set": set(0, shown),
        "total_cash_rounding_refund_adjustment_set": set(0, shown),
        "total_discounts": discounts,
        "total_discounts_set": discounts_set,
        "total_line_items_price": list,
        "total_line_items_price_set": list_set,
        "total_outstanding": if open { total.clone() } else { text(0) },
        "total_price": total,
        "total_price_set": total_set,
        "total_shipping_price_set": set(order.shipping, shown),
        "total_tax": tax,
        "total_tax_set": tax_set,
        "total_tip_received": "0.00",
        "total_weight": order.lines.iter().map(|l| l.product.grams * l.quantity).sum::<i64>(),
    })
}

/// The agreement to pay later.
pub(super) fn terms(moment: &Moment<'_>, order: &Order) -> Value {
    let Some(paid_at) = order.fate.paid_later_at else {
        return Value::Null;
    };
    let due_at = order.placed_at + jiff::SignedDuration::from_hours(30 * 24);
    json!({
        "payment_terms_name": "Net 30",
        "payment_terms_type": "net",
        "due_in_days": 30,
        "created_at": moment.span.text(order.placed_at),
        "payment_schedules": [{
            "amount": text(order.total()),
            "currency": EURO.code,
            "issued_at": moment.span.text(order.placed_at),
            "due_at": moment.span.text(due_at),
            "completed_at": moment.past(Some(paid_at)),
        }],
    })
}

/// What was taken off, and by which code.
pub(super) fn discount(order: &Order) -> Value {
    let Some(code) = order.code else {
        return json!([]);
    };
    json!([{
        "allocation_method": "across",
        "code": code,
        "target_selection": "all",
        "target_type": "line_item",
        "type": "discount_code",
        "value": "10.0",
        "value_type": "percentage",
    }])
}

pub(super) fn codes(order: &Order) -> Value {
    let Some(code) = order.code else {
        return json!([]);
    };
    json!([{"code": code, "amount": text(order.discount()), "type": "percentage"}])
}

pub(super) fn shipping(order: &Order) -> Value {
    if order.till == Till::Counter {
        return json!([]);
    }
    let price = set(order.shipping, order.shown);
    json!([{
        "id": order.id + 5_000,
        "carrier_identifier": null,
        "code": "standard",
        "current_discounted_price_set": price,
        "discounted_price": text(order.shipping),
        "discounted_price_set": price,
        "is_removed": false,
        "phone": null,
        "price": text(order.shipping),
        "price_set": price,
        "requested_fulfillment_service_id": null,
        "source": "shopify",
        "title": "Standard",
        "tax_lines": line::tax_lines(order, order.shipping_tax()),
        "discount_allocations": [],
    }])
}
