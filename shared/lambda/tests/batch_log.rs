//! What a failed entry of a batch leaves in the log. Alone in its process: the
//! log of another test would be in the way.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use std::io;
use std::sync::{Arc, Mutex};

use crm_lambda::{each_message, each_record};
use serde_json::json;

#[derive(Debug, thiserror::Error)]
#[error("cannot record the order")]
struct Refused(#[source] io::Error);

fn refused() -> Refused {
    Refused(io::Error::other("the table is away"))
}

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

#[test]
fn a_failure_is_logged_once_with_its_causes_and_never_with_the_body() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    tracing::subscriber::with_default(subscriber, || {
        let messages = json!({"Records": [
            {"messageId": "m-0", "body": r#""ada@example.com""#},
            {"messageId": "m-1", "body": r#"{"to": "ada@example.com"}"#},
        ]});
        let event = serde_json::from_value(messages).unwrap();
        runtime.block_on(each_message(event, async |_: String| Err(refused())));
        let records = json!({"Records": [{
            "awsRegion": "eu-central-1", "eventID": "e", "eventName": "MODIFY",
            "dynamodb": {"SequenceNumber": "9", "SizeBytes": 1},
        }]});
        let event = serde_json::from_value(records).unwrap();
        runtime.block_on(each_record(event, async |_| Err(refused())));
    });
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(log.lines().count(), 3, "{log}");
    assert_eq!(
        log.matches("cannot record the order: the table is away")
            .count(),
        2
    );
    assert!(
        log.contains("m-0") && log.contains("unreadable message: Data") && log.contains("record 9")
    );
    assert!(!log.contains("ada@example.com"));
}
