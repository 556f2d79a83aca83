//! What a listener reads from its queue.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use crm_events::{BusEvent, Outbound};

fn delivered(source: &str) -> BusEvent {
    let body = r#"{"version":"0","id":"6a7e8feb","detail-type":"order.uncounted","source":"SOURCE",
        "account":"000000000000","time":"2026-03-02T12:00:01Z","region":"eu-central-1","resources":[],
        "detail":{"v":1,"id":"order.uncounted/order/shopify:lamps:1/2","at":"2026-03-02T12:00:00Z",
                  "order_id":"shopify:lamps:1","node_id":"ada2ada2ada2","added_later":true}}"#;
    serde_json::from_str(&body.replace("SOURCE", source)).unwrap()
}

#[test]
fn an_event_is_read_from_what_the_bus_delivers_fields_added_later_included() {
    let event = delivered("crm").event().unwrap().unwrap();
    assert_eq!(event.news.kind(), "order.uncounted");
    assert_eq!(event.at, "2026-03-02T12:00:00Z".parse().unwrap());
}

#[test]
fn someone_elses_event_is_not_ours() {
    assert_eq!(delivered("aws.s3").event(), Ok(None));
}

#[test]
fn a_message_to_be_sent_is_asked_for_by_its_id() {
    let body = Outbound::of("m1").body();
    assert_eq!(body, r#"{"v":1,"message_id":"m1"}"#);
    let read: Outbound = serde_json::from_str(&body).unwrap();
    assert_eq!(read, Outbound::of("m1"));
    let later = body.replace(":1,", ":2,");
    assert!(serde_json::from_str::<Outbound>(&later).is_err());
}
