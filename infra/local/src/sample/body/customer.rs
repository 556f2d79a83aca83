//! A customer, as `customers/*` and orders tell it.

use serde_json::{Value, json};

use super::Moment;
use crate::sample::ids::{Kind, gid, id};
use crate::sample::names::EURO;

/// The account. The consent stands in it as well, as in the versions before
/// 2024-10, so that a reader of either version knows it.
pub(super) fn whole(moment: &Moment<'_>) -> Value {
    let person = moment.person;
    let account = person.account.unwrap_or_default();
    let tags = if person.company.is_some() {
        "trade"
    } else {
        ""
    };
    json!({
        "id": account,
        "created_at": moment.span.text(person.joined_at),
        "updated_at": moment.span.text(person.updated_at(moment.now)),
        "first_name": person.given,
        "last_name": person.family,
        "state": "enabled",
        "note": null,
        "verified_email": true,
        "multipass_identifier": null,
        "tax_exempt": person.company.is_some(),
        "email": person.email(moment.now),
        "phone": person.phone,
        "currency": EURO.code,
        "tags": tags,
        "addresses": [],
        "tax_exemptions": [],
        "email_marketing_consent": decision(moment),
        "admin_graphql_api_id": gid("Customer", account),
        "default_address": address(moment, true),
    })
}

/// `customers_email_marketing_consent/update`.
pub(super) fn consent(moment: &Moment<'_>) -> Value {
    json!({
        "customer_id": moment.person.account,
        "email_address": moment.person.email(moment.now),
        "email_marketing_consent": decision(moment),
    })
}

fn decision(moment: &Moment<'_>) -> Value {
    let (given, at) = moment.person.consent(moment.now);
    let state = match given {
        true => "subscribed",
        false if at > moment.person.joined_at => "unsubscribed",
        false => "not_subscribed",
    };
    json!({
        "state": state,
        "opt_in_level": "single_opt_in",
        "consent_updated_at": moment.span.text(at),
    })
}

/// Where the person lives now; of the account, or of an order.
pub(super) fn address(moment: &Moment<'_>, of_account: bool) -> Value {
    let person = moment.person;
    let (street, town, code) = person.home(moment.now);
    let mut address = json!({
        "first_name": person.given,
        "last_name": person.family,
        "company": person.company,
        "address1": street,
        "address2": null,
        "city": town,
        "province": null,
        "province_code": null,
        "zip": code,
        "country": person.country.name,
        "country_code": person.country.code,
        "phone": person.phone,
        "name": format!("{} {}", person.given, person.family),
    });
    let more = if of_account {
        json!({
            "id": id(Kind::Address, person.index, 0),
            "customer_id": person.account,
            "country_name": person.country.name,
            "default": true,
        })
    } else {
        json!({"latitude": null, "longitude": null})
    };
    if let (Value::Object(address), Value::Object(more)) = (&mut address, more) {
        address.extend(more);
    }
    address
}
