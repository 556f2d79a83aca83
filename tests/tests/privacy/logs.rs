//! What staff and shops say of people, and what no log repeats.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use crm_tests::shop::Webhook;
use crm_tests::stack::Stack;
use serde_json::json;
use tracing::Level;

use crate::kept::{CANARIES, ada_buys, ada_herself, ada_is_talked_about, ada_wants_out, after};

/// Everything that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whom staff look for, and how: what is found, what makes no sense, and what
/// nobody may.
const LOOKED_FOR: [&str; 12] = [
    "/v1/customers?email=canary.ada%40example.com",
    "/v1/customers?name=lovecanary",
    "/v1/customers?name=lovecanary&limit=canarywish",
    "/v1/customers?phone=%2B436641112223",
    "/v1/customers?phone=canarywish",
    "/v1/customers?tag=canarytag",
    "/v1/customers?email=canarywish",
    "/v1/customers?order_number=canarywish",
    "/v1/customers?canarywish=1",
    "/v1/customers/canarywish",
    "/v1/canarywish",
    "/v1/exports/customers.csv?name=lovecanary",
];

#[tokio::test]
async fn no_log_repeats_what_is_looked_for_said_or_refused() {
    let log = Log::default();
    let writer = log.clone();
    let listener = tracing_subscriber::fmt()
        .with_max_level(Level::INFO)
        .with_writer(move || writer.clone())
        .finish();
    let _listening = tracing::subscriber::set_default(listener);

    let stack = Stack::start().await;
    let then = after(&stack, -1);
    stack
        .deliver([ada_herself(then), ada_buys(1, then, "20.00")])
        .await;
    let ada = stack.customer("canary.ada@example.com").await;
    let id = ada["id"].as_str().expect("an id");
    ada_is_talked_about(&stack, id).await;
    for path in LOOKED_FOR {
        for role in ["viewer", "sales"] {
            stack.get(role, path).await;
        }
    }
    let condition = json!({"any": [{"name": "lovecanary"}, {"tag": "canarytag"}]});
    let named = json!({"name": "canarywish", "condition": condition});
    for (method, path, body) in [
        (
            "POST",
            "/v1/customers/search",
            json!({"condition": condition}),
        ),
        (
            "POST",
            "/v1/customers/search",
            json!({"condition": {"phone": "canarywish"}}),
        ),
        ("POST", "/v1/named-segments", named.clone()),
        ("POST", "/v1/named-segments", named),
        (
            "POST",
            "/v1/named-segments/preview",
            json!({"condition": condition}),
        ),
        (
            "POST",
            "/v1/cases",
            json!({"customer_id": id, "subject": "canarywish", "priority": "low"}),
        ),
        (
            "POST",
            "/v1/cases",
            json!({"customer_id": "canarywish", "subject": "canarywish"}),
        ),
        (
            "PATCH",
            &format!("/v1/customers/{id}"),
            json!({"fields": {"nps": "canarywish"}}),
        ),
        (
            "PUT",
            &format!("/v1/customers/{id}/consent/email"),
            json!({"state": "canarywish"}),
        ),
    ] {
        stack.call("admin", method, path, Some(body)).await;
        stack.settle().await;
    }
    // What cannot be read is logged as such, with the field alone.
    let broken = json!({"id": 9, "email": "canary.ada@example.com", "line_items": "canarywish"});
    stack
        .deliver([Webhook::new("orders/create", &broken)])
        .await;
    assert_eq!(stack.dead_letters().await.len(), 1);
    stack.deliver([ada_wants_out()]).await;

    let text = log.text();
    assert!(text.contains(id), "the log tells of customers by their ids");
    assert!(text.contains("line_items"), "and why something was refused");
    let lower = text.to_lowercase();
    for canary in CANARIES {
        assert!(
            !lower.contains(&canary.to_lowercase()),
            "{canary} is logged"
        );
    }
}
