//! Decisions about marketing: news of them, and as customers and orders show
//! them.

use crm_domain::consent::{ConsentNews, ConsentState, Medium, OptIn, ToldBy};
use crm_domain::fact::Fact;
use crm_sources::{Delivery, read};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::common::delivery;
use crate::fixtures::{customer, fact, order, told, trouble};

const EMAIL: &str = "customers_email_marketing_consent/update";
const SMS: &str = "customers_marketing_consent/update";
const WHATS_APP: &str = "customers_whats_app_marketing_consent/update";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Ada takes back her yes.
fn withdrawal() -> Value {
    json!({
        "customer_id": 8_001,
        "email_address": "ada@example.com",
        "email_marketing_consent": {
            "state": "unsubscribed",
            "opt_in_level": "confirmed_opt_in",
            "consent_updated_at": "2025-04-01T10:00:00+02:00",
        },
    })
}

fn decisions(topic: &str, body: &Value) -> Vec<ConsentNews> {
    match fact(topic, body) {
        Fact::Consent { id, news } => {
            assert_eq!(id.as_str(), "shopify:ada.myshopify.com:8001");
            news
        }
        Fact::Customer(customer) => customer.consents,
        Fact::Order { buyer, .. } => buyer.unwrap().customer.consents,
        other => panic!("{other:?} tells of no consent"),
    }
}

/// The only decision told, which must be about e-mail.
fn decision(topic: &str, body: &Value) -> (ConsentState, Option<Timestamp>, ToldBy) {
    let told = decisions(topic, body);
    let [
        ConsentNews {
            medium: Medium::Email,
            decision,
        },
    ] = told.as_slice()
    else {
        panic!("{told:?} is not one decision about e-mail");
    };
    assert_eq!(decision.source, format!("shopify {topic}"));
    (decision.state, decision.at, decision.told_by)
}

#[test]
fn each_medium_has_news_of_its_own() {
    let told = decisions(EMAIL, &withdrawal());
    assert_eq!(told[0].medium, Medium::Email);
    let told = &told[0].decision;
    assert_eq!(
        (told.state, told.opt_in),
        (ConsentState::Withdrawn, Some(OptIn::Confirmed))
    );
    assert_eq!(
        (told.at, told.told_by),
        (Some(at("2025-04-01T08:00:00Z")), ToldBy::Decision)
    );
    assert_eq!(
        told.source,
        "shopify customers_email_marketing_consent/update"
    );

    let text = json!({"id": 8_001, "phone": "+4930901820", "sms_marketing_consent": {
        "state": "subscribed", "opt_in_level": "single_opt_in",
        "consent_updated_at": "2025-04-01T08:00:00Z", "consent_collected_from": "SHOPIFY",
    }});
    let told = &decisions(SMS, &text)[0];
    assert_eq!(
        (told.medium, told.decision.state),
        (Medium::Sms, ConsentState::Given)
    );
    let message = json!({"customer_id": 8_001, "phone_number": null, "whats_app_marketing_consent": {
        "state": "SUBSCRIBED", "opt_in_level": "UNKNOWN",
        "updated_at": "2025-04-01T08:00:00Z", "collected_from": "SHOPIFY",
    }});
    let told = &decisions(WHATS_APP, &message)[0];
    assert_eq!(
        (told.medium, told.decision.state),
        (Medium::WhatsApp, ConsentState::Given)
    );
    assert_eq!(
        (told.decision.at, told.decision.opt_in),
        (Some(at("2025-04-01T08:00:00Z")), None)
    );
}

#[test]
fn news_without_a_date_is_dated_by_when_it_was_sent() {
    let mut body = withdrawal();
    body["email_marketing_consent"]["consent_updated_at"] = json!(null);
    assert_eq!(decision(EMAIL, &body).1, None);
    let sent = Delivery {
        triggered_at: Some(at("2025-04-02T00:00:00Z")),
        ..delivery(EMAIL, &body.to_string())
    };
    let Some(Fact::Consent { news, .. }) = read(&sent).unwrap() else {
        panic!("a consent");
    };
    assert_eq!(news[0].decision.at, Some(at("2025-04-02T00:00:00Z")));
}

#[test]
fn news_without_a_state_tells_only_that_there_is_such_a_customer() {
    let mut body = withdrawal();
    body["email_marketing_consent"]["state"] = json!(null);
    assert_eq!(decisions(EMAIL, &body), []);
}

#[test]
fn news_that_cannot_be_read_names_its_field() {
    let consent = "email_marketing_consent";
    for (field, value, named) in [
        ("state", json!("maybe"), "email_marketing_consent.state"),
        ("state", json!({}), "email_marketing_consent.state"),
        (
            "consent_updated_at",
            json!("soon"),
            "email_marketing_consent.consent_updated_at",
        ),
    ] {
        let mut body = withdrawal();
        body[consent][field] = value;
        assert_eq!(trouble(EMAIL, &body), named);
    }
    for (field, value, named) in [
        (consent, json!(null), consent),
        (consent, json!("yes"), consent),
        ("customer_id", json!(null), "customer_id"),
        ("customer_id", json!("ada"), "customer_id"),
    ] {
        let mut body = withdrawal();
        body[field] = value;
        assert_eq!(trouble(EMAIL, &body), named);
    }
    assert_eq!(trouble(SMS, &json!({"sms_marketing_consent": {}})), "id");
    assert_eq!(
        trouble(WHATS_APP, &json!({"customer_id": 1})),
        "whats_app_marketing_consent"
    );
}

#[test]
fn a_customer_shows_consent_in_an_old_and_a_new_way_or_not_at_all() {
    let dated = Some(at("2025-01-01T00:00:00Z"));
    let mut body = customer();
    for (word, state) in [
        ("subscribed", ConsentState::Given),
        ("unsubscribed", ConsentState::Withdrawn),
        ("not_subscribed", ConsentState::NotGiven),
        ("pending", ConsentState::Pending),
        ("redacted", ConsentState::NotGiven),
        ("a word of the future", ConsentState::NotGiven),
    ] {
        body["email_marketing_consent"]["state"] = json!(word);
        let told = decision("customers/update", &body);
        assert_eq!(told, (state, dated, ToldBy::Customer));
    }
    body["email_marketing_consent"]["state"] = json!(null);
    assert_eq!(decisions("customers/update", &body), []);
    body.as_object_mut()
        .unwrap()
        .remove("email_marketing_consent");
    assert_eq!(decisions("customers/update", &body), []);

    body["accepts_marketing"] = json!(true);
    body["accepts_marketing_updated_at"] = json!("2021-12-29T15:15:20+05:30");
    let told = decision("customers/update", &body);
    let since = Some(at("2021-12-29T09:45:20Z"));
    assert_eq!(told, (ConsentState::Given, since, ToldBy::Customer));
    body["sms_marketing_consent"] = json!({"state": "subscribed"});
    assert_eq!(decisions("customers/update", &body)[1].medium, Medium::Sms);
}

#[test]
fn an_order_shows_its_customers_consent_and_otherwise_its_box_counts() {
    let mut body = order();
    let shown = decision("orders/create", &body);
    let since = Some(at("2025-01-01T00:00:00Z"));
    assert_eq!(shown, (ConsentState::Given, since, ToldBy::Order));

    let placed = Some(at("2025-03-01T09:00:00Z"));
    let ticked = (ConsentState::Given, placed, ToldBy::TickedBox);
    body["customer"]["email_marketing_consent"] = json!(null);
    assert_eq!(decision("orders/paid", &body), ticked);
    body["customer"] = json!(null);
    assert_eq!(decision("orders/create", &body), ticked);
    body["buyer_accepts_marketing"] = json!(false);
    assert_eq!(decisions("orders/create", &body), []);
}

#[test]
fn nothing_odd_about_consent_keeps_an_order_waiting() {
    for odd in [
        json!({"state": 7}),
        json!({"state": {}, "consent_updated_at": "x"}),
        json!({}),
    ] {
        let mut body = order();
        body["customer"]["email_marketing_consent"] = odd;
        assert!(told("orders/create", &body).unwrap().is_some());
    }
}
