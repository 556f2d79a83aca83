//! A delivery's way through the queue.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use crm_sources::{Delivery, Dialect, MOST_BODY_BYTES};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

fn delivery(body: Vec<u8>) -> Delivery {
    Delivery {
        dialect: Dialect::Shopify,
        source: "shopify".into(),
        shop: "ada.myshopify.com".into(),
        topic: "orders/create".into(),
        api_version: Some("2025-07".into()),
        webhook_id: None,
        event_id: None,
        triggered_at: None,
        received_at: Timestamp::UNIX_EPOCH,
        body,
    }
}

fn envelope(body: &[u8]) -> Value {
    serde_json::to_value(delivery(body.to_vec())).unwrap()
}

fn refused(message: &Value) -> String {
    let read = serde_json::from_str::<Delivery>(&message.to_string());
    read.unwrap_err().to_string()
}

fn maybe_text() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("\\PC{0,40}")
}

prop_compose! {
    fn any_delivery()(
        dialect in prop_oneof![Just(Dialect::Shopify), Just(Dialect::Import)],
        texts in ("\\PC{0,30}", "\\PC{0,30}", "\\PC{0,30}"),
        ids in (maybe_text(), maybe_text(), maybe_text()),
        triggered in proptest::option::of(0_i64..4_000_000_000),
        received in 0_i64..4_000_000_000,
        // Repetition, so that packing has something to do.
        body in proptest::collection::vec((any::<u8>(), 1_usize..300), 0..60),
    ) -> Delivery {
        let at = |second| Timestamp::from_second(second).unwrap();
        Delivery {
            dialect,
            source: texts.0,
            shop: texts.1,
            topic: texts.2,
            api_version: ids.0,
            webhook_id: ids.1,
            event_id: ids.2,
            triggered_at: triggered.map(at),
            received_at: at(received),
            body: body.into_iter().flat_map(|(byte, n)| vec![byte; n]).collect(),
        }
    }
}

proptest! {
    #[test]
    fn what_goes_into_the_queue_comes_out_of_it(delivery in any_delivery()) {
        let message = serde_json::to_string(&delivery).unwrap();
        prop_assert_eq!(serde_json::from_str::<Delivery>(&message).unwrap(), delivery);
    }

    #[test]
    fn a_lie_about_the_length_or_a_changed_body_is_an_error_and_no_panic(
        body in proptest::collection::vec(0_u8..4, 1..400),
        claimed in 0_usize..2_000,
        place in any::<prop::sample::Index>(),
        flip in 1_u8..=255,
    ) {
        let mut lie = envelope(&body);
        prop_assume!(claimed != body.len());
        lie["bytes"] = json!(claimed);
        refused(&lie);

        let mut packed = BASE64_STANDARD.decode(envelope(&body)["body"].as_str().unwrap()).unwrap();
        let place = place.index(packed.len());
        packed[place] ^= flip;
        let mut changed = envelope(&body);
        changed["body"] = json!(BASE64_STANDARD.encode(packed));
        // It may unpack to something else of the same length; never to more.
        if let Ok(read) = serde_json::from_str::<Delivery>(&changed.to_string()) {
            prop_assert_eq!(read.body.len(), body.len());
        }
    }
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    let bomb = vec![0; MOST_BODY_BYTES + 1];
    let mut message = envelope(&[0; 10]);
    message["body"] = json!(BASE64_STANDARD.encode(lz4_flex::block::compress(&bomb)));
    message["bytes"] = json!(bomb.len());
    assert!(refused(&message).starts_with("the body claims to be longer than 6 MiB"));
    // Nor does it help to claim less.
    message["bytes"] = json!(10);
    assert!(refused(&message).starts_with("the body does not unpack to its length"));
    assert!(serde_json::to_string(&delivery(bomb)).is_err());
}

#[test]
fn a_message_of_another_version_or_encoding_is_refused() {
    for (field, value) in [
        ("v", json!(2)),
        ("encoding", json!("zstd")),
        ("dialect", json!("x")),
    ] {
        let mut message = envelope(b"{}");
        message[field] = value;
        refused(&message);
    }
}

#[test]
fn the_message_is_the_documented_one() {
    let message = envelope(b"{}");
    let expected = json!({
        "v": 1, "dialect": "shopify", "source": "shopify", "shop": "ada.myshopify.com",
        "topic": "orders/create", "api_version": "2025-07",
        "received_at": "1970-01-01T00:00:00Z", "encoding": "lz4+base64", "bytes": 2,
        "body": "IHt9",
    });
    assert_eq!(message, expected);
}

#[test]
fn printing_a_delivery_prints_nothing_of_its_body() {
    let printed = format!("{:?}", delivery(b"ada@example.com".to_vec()));
    assert!(printed.contains("orders/create"));
    assert!(!printed.contains("ada@example"));
    assert!(!printed.contains("97, 100"));
}
