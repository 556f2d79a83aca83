//! What is logged and counted names no one.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

mod cloud;

use std::io;
use std::sync::{Arc, Mutex};

use cloud::{Cloud, Mood, at, post, status, webhook};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

const BODY: &str = r#"{"id":1,"email":"ada.canary@example.com","first_name":"Canaria"}"#;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn logs_and_metrics_hold_nothing_of_the_body_or_of_a_strangers_headers() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let cloud = Cloud::with_secret("hush-canary");
    let function = cloud.function();

    let genuine = webhook("hush-canary", BODY);
    let mut forged = webhook("guess", BODY);
    forged["headers"]["x-shopify-topic"] = json!("orders/canary");
    forged["headers"]["x-shopify-shop-domain"] = json!("canary.example.com");
    let mut printed = Vec::new();
    for (mood, event) in [
        (Mood::Well, genuine.clone()),
        (Mood::Well, forged),
        (Mood::Fails(500, "InternalFailure"), genuine.clone()),
        (Mood::Unreachable, genuine.clone()),
        (Mood::Empty, genuine),
    ] {
        cloud.state().queue_mood = mood;
        let (_, mut metrics) = post(&function, at(0), event).await;
        metrics.flush(at(0), &mut printed).unwrap();
    }

    let mut unknown = webhook("hush-canary", BODY);
    unknown["pathParameters"]["source"] = json!("canary");
    assert_eq!(status(&function, unknown).await, 404);
    assert_eq!(cloud.deliveries().len(), 1);

    let mut text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("queued a delivery about orders/create"));
    assert!(text.contains("refused a request: the signature does not match"));
    assert!(text.contains("could not queue a delivery"));
    assert!(text.contains("connection refused"), "the chain of causes");
    text += &String::from_utf8(printed).unwrap();
    for canary in ["canary", "Canaria", "hush", "example.com"] {
        assert!(!text.contains(canary), "{canary} in:\n{text}");
    }
}
