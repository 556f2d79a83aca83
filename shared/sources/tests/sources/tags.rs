//! Labels given to a customer, or taken away.

use crm_domain::fact::Fact;
use crm_domain::tags::TagNews;
use serde_json::{Value, json};

use crate::fixtures::{fact, trouble};

fn change() -> Value {
    json!({
        "customerId": "gid://shopify/Customer/8001",
        "tags": ["vip", " early bird "],
        "occurredAt": "2025-04-01T10:00:00.500+02:00",
    })
}

#[test]
fn labels_are_added_and_taken_away_at_a_time() {
    let words = vec!["vip".to_owned(), "early bird".to_owned()];
    for (topic, expected) in [
        ("customer.tags_added", TagNews::Added(words.clone())),
        ("customer.tags_removed", TagNews::Removed(words)),
    ] {
        let Fact::Tags { id, stamp, news } = fact(topic, &change()) else {
            panic!("news of labels");
        };
        assert_eq!(id.as_str(), "shopify:ada.myshopify.com:8001");
        assert_eq!(
            stamp.updated_at,
            Some("2025-04-01T08:00:00.5Z".parse().unwrap())
        );
        assert_eq!(news, expected);
    }
}

#[test]
fn what_cannot_be_read_names_its_field() {
    for (field, value) in [
        ("customerId", json!(null)),
        ("customerId", json!("Ada")),
        ("tags", json!(null)),
        ("tags", json!([1])),
        ("tags", json!({"a": 1})),
        ("occurredAt", json!("soon")),
    ] {
        let mut body = change();
        body[field] = value;
        assert_eq!(trouble("customer.tags_added", &body), field);
    }
}
