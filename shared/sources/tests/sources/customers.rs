//! Customers: changed, deleted, merged.

use crm_domain::customer::CustomerFact;
use crm_domain::fact::Fact;
use serde_json::{Value, json};

use crate::fixtures::{customer, fact, merge, told, trouble};

fn read(topic: &str, body: &Value) -> CustomerFact {
    match fact(topic, body) {
        Fact::Customer(customer) => *customer,
        other => panic!("{other:?} is no customer"),
    }
}

#[test]
fn every_topic_about_a_customer_tells_the_whole() {
    for topic in ["create", "update", "enable", "disable"] {
        let ada = read(&format!("customers/{topic}"), &customer());
        assert!(ada.told.whole);
        assert_eq!(ada.id.unwrap().id(), "8001");
        assert_eq!(ada.profile.last_name.as_deref(), Some("Byron"));
        assert_eq!(ada.profile.tags, ["regular"]);
        assert_eq!(
            ada.told.stamp.updated_at,
            Some("2025-03-01T09:00:09Z".parse().unwrap())
        );
    }
}

#[test]
fn tags_come_as_text_or_as_a_list() {
    let mut body = customer();
    for tags in [
        json!("vip,  early bird ,"),
        json!(["vip", " early bird", ""]),
    ] {
        body["tags"] = tags;
        assert_eq!(
            read("customers/update", &body).profile.tags,
            ["vip", "early bird"]
        );
    }
}

#[test]
fn consent_is_told_in_an_old_and_a_new_way() {
    let mut body = customer();
    for (state, given) in [
        (json!("subscribed"), Some(true)),
        (json!("unsubscribed"), Some(false)),
        (json!("not_subscribed"), Some(false)),
        (json!("pending"), Some(false)),
        (json!(null), None),
    ] {
        body["email_marketing_consent"]["state"] = state;
        let consent = read("customers/update", &body).profile.email_marketing;
        assert_eq!(consent.map(|consent| consent.given), given);
    }
    body["email_marketing_consent"] = json!(null);
    body["accepts_marketing"] = json!(true);
    body["accepts_marketing_updated_at"] = json!("2021-12-29T15:15:20+05:30");
    let consent = read("customers/update", &body)
        .profile
        .email_marketing
        .unwrap();
    assert!(consent.given);
    assert_eq!(consent.at, Some("2021-12-29T09:45:20Z".parse().unwrap()));
}

#[test]
fn a_deleted_customer_is_named_and_no_more() {
    let body = json!({"id": 8_001, "phone": null, "addresses": []});
    let Fact::CustomerDeleted { id, .. } = fact("customers/delete", &body) else {
        panic!("a deletion");
    };
    assert_eq!(id.as_str(), "shopify:ada.myshopify.com:8001");
    assert_eq!(trouble("customers/delete", &json!({})), "id");
}

#[test]
fn a_merge_counts_once_it_is_completed() {
    let Fact::CustomersMerged { kept, gone } = fact("customers/merge", &merge()) else {
        panic!("a merge");
    };
    assert_eq!((kept.id(), gone.id()), ("8001", "8002"));
    for status in ["failed", "requested", "in_progress"] {
        let mut body = merge();
        body["status"] = json!(status);
        assert_eq!(told("customers/merge", &body).unwrap(), None);
    }
}
