//! What has to be in a document, read from a payload by itself, with none of the product's code.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// The exact id is the end of the long one; the number may have been rounded.
pub fn id(thing: &Value) -> Option<String> {
    end_of(&thing["admin_graphql_api_id"]).or_else(|| text(&thing["id"]))
}

/// The id at the end of a long one.
pub fn end_of(long: &Value) -> Option<String> {
    let id = long.as_str()?.rsplit('/').next()?;
    let id = id.split('?').next().unwrap_or(id);
    (!id.is_empty()).then(|| id.to_owned())
}

pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

pub fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

pub fn strings(list: &Value) -> BTreeSet<String> {
    let items = list.as_array().into_iter().flatten();
    items
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

/// Units of lines that are merchandise.
fn units<'a>(lines: impl Iterator<Item = &'a Value>) -> i64 {
    lines.filter_map(|line| line["quantity"].as_i64()).sum()
}

fn is_merchandise(line: &Value) -> bool {
    line["gift_card"] != true && line["tip"].is_null()
}

/// Units of a refund by how they are restocked: those never sent, or the rest.
pub fn refunded_units(refund: &Value, never_sent: bool) -> i64 {
    let lines = list(&refund["refund_line_items"]);
    let lines = lines.filter(|line| is_merchandise(&line["line_item"]));
    units(lines.filter(|line| (line["restock_type"] == "cancel") == never_sent))
}

/// Where an order stands that nothing else was told of.
pub fn status(order: &Value, channel: &str) -> &'static str {
    let given_up = ["voided", "expired"].map(Value::from);
    if !order["cancelled_at"].is_null() || given_up.contains(&order["financial_status"]) {
        return "cancelled";
    }
    let refunds = || list(&order["refunds"]);
    let cancelled: i64 = refunds().map(|one| refunded_units(one, true)).sum();
    let back: i64 = refunds().map(|one| refunded_units(one, false)).sum();
    let ordered = units(list(&order["line_items"]).filter(|line| is_merchandise(line)));
    let bought = ordered - cancelled;
    match back {
        1.. if back >= bought => return "returned",
        1.. => return "partially_returned",
        _ => {}
    }
    let all_sent = order["fulfillment_status"] == "fulfilled";
    let parcels: Vec<_> = list(&order["fulfillments"]).collect();
    let sent = parcels
        .iter()
        .filter(|parcel| parcel["status"] == "success");
    let sent: Vec<_> = sent.collect();
    if sent.is_empty() {
        return match channel {
            "pos" if all_sent && parcels.is_empty() => "delivered",
            _ if all_sent && parcels.is_empty() => "shipped",
            _ => "pending",
        };
    }
    let units_sent: i64 = sent
        .iter()
        .map(|parcel| units(list(&parcel["line_items"])))
        .sum();
    let arrived = sent
        .iter()
        .all(|parcel| parcel["shipment_status"] == "delivered");
    let whole = all_sent || units_sent > 0 && units_sent >= bought;
    if whole && arrived {
        "delivered"
    } else {
        "shipped"
    }
}

/// A number that names one telephone in the world, as digits.
fn phone(value: &Value) -> Option<String> {
    let typed = text(value)?;
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0').to_owned();
    (typed.starts_with('+') && digits.len() >= 7).then_some(digits)
}

/// The telephone and the address of somebody whose own record tells them.
pub fn check_reach(document: &Value, customer: &Value, origin: &str) {
    let home = &customer["default_address"];
    if let Some(expected) = phone(&customer["phone"]).or_else(|| phone(&home["phone"])) {
        let shown = phone(&document["phone"]);
        assert_eq!(shown, Some(expected), "telephone of {origin}");
    }
    let parts = [
        ("street", text(&home["address1"])),
        ("street2", text(&home["address2"])),
        ("city", text(&home["city"])),
        (
            "region",
            text(&home["province_code"]).or_else(|| text(&home["province"])),
        ),
        ("postal_code", text(&home["zip"])),
        (
            "country",
            text(&home["country_code"]).or_else(|| text(&home["country"])),
        ),
    ];
    if parts.iter().all(|(_, part)| part.is_none()) {
        return;
    }
    for (name, expected) in parts {
        let shown = text(&document["address"][name]);
        assert_eq!(shown, expected, "{name} of {origin}");
    }
}

/// What a shop's word for consent means here.
pub fn state(word: &Value) -> Option<&'static str> {
    Some(match word.as_str()? {
        "subscribed" | "SUBSCRIBED" => "given",
        "pending" | "PENDING" => "pending",
        "unsubscribed" | "UNSUBSCRIBED" => "withdrawn",
        _ => "not_given",
    })
}

/// What somebody's own record says of marketing, by medium.
pub fn check_consent(document: &Value, customer: &Value, origin: &str) {
    let former = match &customer["accepts_marketing"] {
        Value::Bool(true) => Some("given"),
        Value::Bool(false) => Some("not_given"),
        _ => None,
    };
    let email = state(&customer["email_marketing_consent"]["state"]).or(former);
    let sms = state(&customer["sms_marketing_consent"]["state"]);
    for (medium, expected) in [("email", email), ("sms", sms)] {
        let shown = &document["consent"][medium]["state"];
        assert_eq!(shown, &json!(expected), "consent by {medium} of {origin}");
    }
}
