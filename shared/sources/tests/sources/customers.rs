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
        assert_eq!(ada.tags.unwrap(), ["regular"]);
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
            read("customers/update", &body).tags.unwrap(),
            ["vip", "early bird"]
        );
    }
    body["tags"] = json!("");
    assert_eq!(read("customers/update", &body).tags, Some(Vec::new()));
    body.as_object_mut().unwrap().remove("tags");
    assert_eq!(read("customers/update", &body).tags, None);
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
    let Fact::CustomersMerged { kept, gone, .. } = fact("customers/merge", &merge()) else {
        panic!("a merge");
    };
    assert_eq!((kept.id(), gone.id()), ("8001", "8002"));
    for status in ["failed", "requested", "in_progress"] {
        let mut body = merge();
        body["status"] = json!(status);
        assert_eq!(told("customers/merge", &body).unwrap(), None);
    }
}
