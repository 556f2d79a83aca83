use super::*;

fn deliveries(path: &str, text: &str) -> Vec<Posting> {
    let found = read(Path::new(path), text, None).into_iter();
    found
        .filter_map(|found| match found {
            Found::Delivery(posting) => Some(posting),
            Found::Skipped(_) => None,
        })
        .collect()
}

fn reasons(path: &str, text: &str) -> Vec<Reason> {
    let found = read(Path::new(path), text, None).into_iter();
    found
        .filter_map(|found| match found {
            Found::Skipped(skipped) => Some(skipped.reason),
            Found::Delivery(_) => None,
        })
        .collect()
}

#[test]
fn a_recording_with_headers_is_sent_as_it_was_recorded() {
    let text = r#"{"headers": {"x-shopify-topic": "orders/create",
        "x-shopify-shop-domain": "ada.myshopify.com", "x-shopify-webhook-id": "w1",
        "x-shopify-api-version": "2024-10",
        "x-shopify-triggered-at": "2024-08-07T22:57:57.290670248Z"},
        "body": {"id": 1}}"#;

    let sent = &deliveries("x.json", text)[0];

    assert_eq!(sent.topic, "orders/create");
    assert_eq!(sent.shop, "ada.myshopify.com");
    assert_eq!(sent.webhook_id, "w1");
    assert_eq!(sent.api_version.as_deref(), Some("2024-10"));
    let at = sent.triggered_at.unwrap().to_string();
    assert_eq!(at, "2024-08-07T22:57:57.290670248Z");
    assert_eq!(sent.body, br#"{"id": 1}"#);
}

#[test]
fn without_a_recorded_time_the_payloads_last_change_stands_in() {
    let text =
        r#"{"id":1,"created_at":"2024-01-01T00:00:00Z","updated_at":"2024-01-02T00:00:00-05:00"}"#;

    let sent = &deliveries("orders_create/1.json", text)[0];

    assert_eq!(sent.topic, "orders/create");
    assert_eq!(sent.shop, UNNAMED_SHOP);
    let at = sent.triggered_at.unwrap().to_string();
    assert_eq!(at, "2024-01-02T05:00:00Z");
}

#[test]
fn the_same_payload_has_the_same_id_each_time() {
    let one = deliveries("orders_create/1.json", r#"{"id":1}"#);
    let again = deliveries("orders_create/1.json", r#"{"id":1}"#);
    let other = deliveries("orders_create/1.json", r#"{"id":2}"#);
    assert_eq!(one[0].webhook_id, again[0].webhook_id);
    assert_ne!(one[0].webhook_id, other[0].webhook_id);
}

#[test]
fn what_nothing_names_is_reported_not_sent() {
    assert_eq!(reasons("x.json", r#"{"id":1}"#), [Reason::NoTopic]);
    assert_eq!(
        reasons("go_customer_addresses.json", r#"{"addresses":[{"id":1}]}"#),
        [Reason::NoTopic]
    );
    assert_eq!(reasons("orders_create/x.json", "{"), [Reason::NotJson]);
}

#[test]
fn the_shop_given_replaces_the_recorded_one() {
    let text = r#"{"headers":{"x-shopify-topic":"orders/create","x-shopify-shop-domain":"a.example"},"body":{"id":1}}"#;
    let found = read(Path::new("x.json"), text, Some("bo.example"));
    let [Found::Delivery(sent)] = found.as_slice() else {
        panic!("one delivery");
    };
    assert_eq!(sent.shop, "bo.example");
}
