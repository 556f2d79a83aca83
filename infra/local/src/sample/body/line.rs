//! A line of an order.

use serde_json::{Value, json};

use crate::sample::catalogue::{PRODUCTS, Product};
use crate::sample::ids::{Kind, gid, id};
use crate::sample::money::{set, text};
use crate::sample::order::{Line, Order};

/// A line, of which so many units were sent and so many came off.
pub(super) fn whole(order: &Order, line: &Line, sent: bool, removed: i64) -> Value {
    let shown = order.shown;
    let status = if sent {
        json!("fulfilled")
    } else {
        Value::Null
    };
    json!({
        "id": line.id,
        "admin_graphql_api_id": gid("LineItem", line.id),
        "attributed_staffs": [],
        "current_quantity": line.quantity - removed,
        "fulfillable_quantity": if sent { 0 } else { line.quantity - removed },
        "fulfillment_service": "manual",
        "fulfillment_status": status,
        "gift_card": line.is_gift_card(),
        "grams": line.product.grams,
        "name": line.product.title,
        "price": text(line.price),
        "price_set": set(line.price, shown),
        "product_exists": true,
        "product_id": product_id(line.product),
        "properties": [],
        "quantity": line.quantity,
        "requires_shipping": !line.is_gift_card(),
        "sales_line_item_group_id": null,
        "sku": line.product.sku,
        "taxable": !line.is_gift_card(),
        "title": line.product.title,
        "total_discount": "0.00",
        "total_discount_set": set(0, shown),
        "variant_id": null,
        "variant_inventory_management": "shopify",
        "variant_title": null,
        "vendor": line.product.kind,
        "tax_lines": tax_lines(order, line.tax),
        "duties": [],
        "discount_allocations": allocations(order, line),
    })
}

/// The tax in an amount, as it stands beside every amount that has one.
pub(super) fn tax_lines(order: &Order, tax: i64) -> Value {
    if tax == 0 {
        return json!([]);
    }
    json!([{
        "channel_liable": false,
        "price": text(tax),
        "price_set": set(tax, order.shown),
        "rate": 0.23,
        "title": "VAT",
    }])
}

fn allocations(order: &Order, line: &Line) -> Value {
    if line.discount == 0 {
        return json!([]);
    }
    json!([{
        "amount": text(line.discount),
        "amount_set": set(line.discount, order.shown),
        "discount_application_index": 0,
    }])
}

fn product_id(product: &Product) -> u64 {
    let place = PRODUCTS.iter().position(|other| other.sku == product.sku);
    let place = place.unwrap_or(PRODUCTS.len());
    id(Kind::Product, 1, u64::try_from(place).unwrap_or_default())
}
