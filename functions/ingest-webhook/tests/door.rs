//! What the door lets in, and what it answers to everything else.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

mod cloud;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use cloud::{Cloud, Mood, at, post, status, webhook};
use crm_sources::Dialect;
use serde_json::json;

const BODY: &str = r#"{"id":820982911946154508,"email":"ada@example.com"}"#;

#[tokio::test]
async fn a_signed_webhook_is_queued_whole_and_answered_with_200() {
    let cloud = Cloud::with_secret("hush");
    let (response, metrics) = post(&cloud.function(), at(7), webhook("hush", BODY)).await;

    assert_eq!(response.status_code, 200);
    assert!((metrics.count("webhooks_queued") - 1.0).abs() < f64::EPSILON);
    let [delivery] = &cloud.deliveries()[..] else {
        panic!("one message");
    };
    assert_eq!(delivery.dialect, Dialect::Shopify);
    assert_eq!(delivery.shop, "ada.myshopify.com");
    assert_eq!(delivery.topic, "orders/create");
    assert_eq!(delivery.api_version.as_deref(), Some("2025-07"));
    assert_eq!(
        delivery.event_id.as_deref(),
        Some("98880550-7158-44d4-b7cd-2c97c8a091b5")
    );
    let triggered_at = "2026-01-02T03:04:05.123456789Z".parse().unwrap();
    assert_eq!(delivery.triggered_at, Some(triggered_at));
    assert_eq!(delivery.received_at, at(7));
    assert_eq!(delivery.body, BODY.as_bytes());
}

#[tokio::test]
async fn the_raw_bytes_are_signed_also_when_the_gateway_put_them_in_base64() {
    let cloud = Cloud::with_secret("hush");
    let mut event = webhook("hush", BODY);
    event["body"] = json!(BASE64_STANDARD.encode(BODY));
    event["isBase64Encoded"] = json!(true);
    assert_eq!(status(&cloud.function(), event).await, 200);
    assert_eq!(cloud.deliveries()[0].body, BODY.as_bytes());
}

#[tokio::test]
async fn what_is_no_json_is_queued_all_the_same() {
    let cloud = Cloud::with_secret("hush");
    let event = webhook("hush", "not json yet");
    assert_eq!(status(&cloud.function(), event).await, 200);
    assert_eq!(cloud.deliveries()[0].body, b"not json yet");
}

#[tokio::test]
async fn a_wrong_signature_is_401_on_every_topic() {
    let cloud = Cloud::with_secret("hush");
    let function = cloud.function();
    for topic in [
        "orders/create",
        "customers/redact",
        "app/uninstalled",
        "not a topic",
        "",
    ] {
        let mut event = webhook("guess", BODY);
        event["headers"]["x-shopify-topic"] = json!(topic);
        assert_eq!(status(&function, event).await, 401, "{topic}");
    }
    assert_eq!(cloud.deliveries(), []);
}

#[tokio::test]
async fn a_request_without_a_signature_is_401_and_costs_no_call() {
    let cloud = Cloud::with_secret("hush");
    let mut event = webhook("hush", BODY);
    let headers = event["headers"].as_object_mut().unwrap();
    headers.remove("x-shopify-hmac-sha256");
    assert_eq!(status(&cloud.function(), event).await, 401);
    assert_eq!(cloud.state().secrets_asked, 0);
}

#[tokio::test]
async fn an_unknown_source_is_404() {
    let cloud = Cloud::with_secret("hush");
    for source in [json!({"source": "etsy"}), json!({}), json!(null)] {
        let mut event = webhook("hush", BODY);
        event["pathParameters"] = source;
        assert_eq!(status(&cloud.function(), event).await, 404);
    }
}

#[tokio::test]
async fn a_compressed_body_is_415() {
    let cloud = Cloud::with_secret("hush");
    let mut event = webhook("hush", BODY);
    event["headers"]["content-encoding"] = json!("gzip");
    assert_eq!(status(&cloud.function(), event).await, 415);
}

#[tokio::test]
async fn headers_out_of_bounds_are_400() {
    let cloud = Cloud::with_secret("hush");
    let function = cloud.function();
    for (header, value) in [
        ("x-shopify-topic", json!("orders create")),
        ("x-shopify-topic", json!("a/".repeat(200))),
        ("x-shopify-shop-domain", json!("ada:myshopify.com")),
        ("x-shopify-shop-domain", json!("")),
        ("x-shopify-triggered-at", json!("yesterday")),
    ] {
        let mut event = webhook("hush", BODY);
        event["headers"][header] = value;
        assert_eq!(status(&function, event).await, 400, "{header}");
    }
    assert_eq!(cloud.deliveries(), []);
}

#[tokio::test]
async fn a_body_that_is_not_text_is_400() {
    let cloud = Cloud::with_secret("hush");
    let bytes = [0xff, 0xfe, 0x00];
    let mut event = webhook("hush", "");
    let signature = crm_sources::door::sign(b"hush", &bytes);
    event["headers"]["x-shopify-hmac-sha256"] = json!(signature);
    event["body"] = json!(BASE64_STANDARD.encode(bytes));
    event["isBase64Encoded"] = json!(true);
    assert_eq!(status(&cloud.function(), event).await, 400);
}

#[tokio::test]
async fn a_large_body_goes_in_as_long_as_it_fits_when_packed() {
    let cloud = Cloud::with_secret("hush");
    let packs_well = "[0,0,0,0]".repeat(300_000);
    let event = webhook("hush", &packs_well);
    assert_eq!(status(&cloud.function(), event).await, 200);
    assert_eq!(cloud.deliveries()[0].body, packs_well.as_bytes());
    assert!(cloud.state().queued[0].len() < 1_048_576);
}

#[tokio::test]
async fn a_genuine_body_too_large_for_the_queue_is_413_and_counted() {
    let cloud = Cloud::with_secret("hush");
    // Digits of a power of three: nothing in them repeats for long.
    let mut digit = 1_u64;
    let packs_badly: String = std::iter::repeat_with(|| {
        digit = digit
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(3);
        char::from(b'!' + u8::try_from((digit >> 33) % 90).unwrap())
    })
    .take(900_000)
    .collect();
    let too_long = "0".repeat(6 * 1024 * 1024 + 1);
    for body in [packs_badly, too_long] {
        let (response, metrics) = post(&cloud.function(), at(0), webhook("hush", &body)).await;
        assert_eq!(response.status_code, 413);
        assert!((metrics.count("webhooks_too_large") - 1.0).abs() < f64::EPSILON);
    }
    assert_eq!(cloud.deliveries(), []);
}

#[tokio::test]
async fn what_the_queue_does_not_confirm_is_never_answered_with_success() {
    for mood in [
        Mood::Fails(400, "ThrottlingException"),
        Mood::Fails(403, "AccessDeniedException"),
        Mood::Fails(500, "InternalFailure"),
        Mood::Unreachable,
        Mood::Empty,
    ] {
        let cloud = Cloud::with_secret("hush");
        cloud.state().queue_mood = mood;
        let (response, metrics) = post(&cloud.function(), at(0), webhook("hush", BODY)).await;
        assert_eq!(response.status_code, 503, "{mood:?}");
        assert!((metrics.count("webhooks_not_queued") - 1.0).abs() < f64::EPSILON);
        assert!(metrics.count("webhooks_queued").abs() < f64::EPSILON);
    }
}

#[tokio::test]
async fn without_the_secret_the_sender_is_asked_to_try_again() {
    for mood in [
        Mood::Fails(400, "ThrottlingException"),
        Mood::Fails(400, "ResourceNotFoundException"),
        Mood::Fails(500, "InternalServiceError"),
        Mood::Unreachable,
    ] {
        let cloud = Cloud::with_secret("hush");
        cloud.state().secrets_mood = mood;
        let event = webhook("hush", BODY);
        assert_eq!(status(&cloud.function(), event).await, 503, "{mood:?}");
        assert_eq!(cloud.deliveries(), []);
    }
}

#[tokio::test]
async fn during_a_rotation_both_secrets_open_the_door() {
    let cloud = Cloud::with_secret("new");
    cloud.state().secrets.push("old".into());
    let function = cloud.function();
    for secret in ["new", "old"] {
        assert_eq!(status(&function, webhook(secret, BODY)).await, 200);
    }
    assert_eq!(status(&function, webhook("older", BODY)).await, 401);
}

#[tokio::test]
async fn a_secret_changed_a_minute_ago_is_fetched_before_saying_no() {
    let cloud = Cloud::with_secret("first");
    let function = cloud.function();
    post(&function, at(0), webhook("first", BODY)).await;
    cloud.state().secrets = vec!["second".into(), "first".into()];

    let (response, _) = post(&function, at(60), webhook("second", BODY)).await;
    assert_eq!(response.status_code, 200);
}

#[tokio::test]
async fn a_flood_of_forgeries_is_no_flood_of_calls() {
    let cloud = Cloud::with_secret("hush");
    let function = cloud.function();
    for second in 0..30 {
        let (response, _) = post(&function, at(second), webhook("guess", BODY)).await;
        assert_eq!(response.status_code, 401);
    }
    // The current and the previous value, once.
    assert_eq!(cloud.state().secrets_asked, 2);
}

#[tokio::test]
async fn an_import_says_itself_where_it_comes_from() {
    let cloud = Cloud::with_secret("hush");
    let body = r#"{"id":"536365"}"#;
    let mut event = webhook("hush", body);
    event["pathParameters"] = json!({"source": "import"});
    event["headers"] = json!({
        "x-crm-hmac-sha256": crm_sources::door::sign(b"hush", body.as_bytes()),
        "x-crm-source": "online-retail",
        "x-crm-shop": "main",
        "x-crm-topic": "orders/create",
        "x-crm-triggered-at": "2010-12-01T08:26:00Z",
    });
    assert_eq!(status(&cloud.function(), event.clone()).await, 200);
    let delivery = &cloud.deliveries()[0];
    assert_eq!(delivery.dialect, Dialect::Import);
    assert_eq!(delivery.source, "online-retail");
    assert_eq!(delivery.shop, "main");

    // But it must not speak in a shop system's name.
    event["headers"]["x-crm-source"] = json!("shopify");
    assert_eq!(status(&cloud.function(), event).await, 400);
}
