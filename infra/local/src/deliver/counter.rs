//! A front door for tests, over real HTTP: it checks what comes as the real
//! one does, with the same code, and keeps it.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use crm_sources::{Delivery, Dialect, door};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Control, Door, Secrets};

/// What was brought to the counter, and how it behaves.
#[derive(Default)]
pub(crate) struct Book {
    /// What was taken in, in its order.
    pub(crate) taken: Vec<Delivery>,
    /// So many requests get 503 before one is taken again.
    pub(crate) busy: u32,
    /// From so many taken on, nothing more is.
    pub(crate) closes_after: Option<usize>,
    /// How often it was asked to work everything off.
    pub(crate) settled: u32,
    /// What nobody works on any more.
    pub(crate) letters: Vec<Value>,
    /// Whether working everything off parks all that was taken.
    pub(crate) parks: bool,
    /// The store's settings; without any, 501.
    pub(crate) settings: Option<Value>,
}

#[derive(Clone, Default)]
pub(crate) struct Counter {
    book: Arc<Mutex<Book>>,
    pub(crate) address: String,
}

const SECRET: &str = "for the counter";

impl Counter {
    /// Opens on a port of its own; closes with the test's runtime.
    pub(crate) async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .unwrap();
        let counter = Self {
            book: Arc::default(),
            address: format!("http://{}", listener.local_addr().unwrap()),
        };
        let router = Router::new()
            .route("/webhooks/{source}", post(take))
            .route("/_local/settle", post(settle))
            .route(
                "/_local/status",
                get(async || json!({"queues": {}}).to_string()),
            )
            .route("/_local/dead-letters", get(letters))
            .route("/v1/settings", get(settings))
            .with_state(counter.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        counter
    }

    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }

    pub(crate) fn secrets() -> Secrets {
        Secrets {
            shopify: SECRET.to_owned(),
            import: SECRET.to_owned(),
        }
    }

    pub(crate) fn door(&self) -> Door {
        Door::new(&self.address, Self::secrets()).hurried()
    }

    pub(crate) fn control(&self) -> Control {
        Control::new(&self.address, "token")
    }
}

async fn take(
    State(counter): State<Counter>,
    Path(source): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let mut book = counter.book();
    if book.busy > 0 {
        book.busy -= 1;
        return (StatusCode::SERVICE_UNAVAILABLE, "busy".to_owned());
    }
    if book
        .closes_after
        .is_some_and(|most| book.taken.len() >= most)
    {
        return (StatusCode::SERVICE_UNAVAILABLE, "closed".to_owned());
    }
    match read(&source, &headers, &body) {
        Ok(delivery) => {
            book.taken.push(delivery);
            (StatusCode::OK, String::new())
        }
        Err(refusal) => {
            let status = StatusCode::from_u16(refusal.status()).unwrap();
            (status, refusal.to_string())
        }
    }
}

fn read(source: &str, headers: &HeaderMap, body: &[u8]) -> Result<Delivery, door::Refusal> {
    let header = |name: &'static str| headers.get(name)?.to_str().ok();
    let request = door::Request::open(Dialect::from_path(source)?, header)?;
    if !request.is_signed_by([SECRET.as_bytes()], body) {
        return Err(door::Refusal::Forged);
    }
    let delivery = request.delivery(body.to_vec(), Timestamp::UNIX_EPOCH)?;
    door::message(&delivery).map(|_| delivery)
}

async fn settle(State(counter): State<Counter>) -> impl IntoResponse {
    let mut book = counter.book();
    book.settled += 1;
    if book.parks {
        let parked = book.taken.iter().map(|delivery| {
            let body = door::message(delivery).unwrap();
            json!({"queue": "IngestDeadLetters", "reason": null, "body": body})
        });
        let parked: Vec<_> = parked.collect();
        book.letters.extend(parked);
    }
    "{}"
}

async fn letters(State(counter): State<Counter>) -> impl IntoResponse {
    Value::Array(counter.book().letters.clone()).to_string()
}

async fn settings(State(counter): State<Counter>) -> impl IntoResponse {
    match counter.book().settings.clone() {
        Some(settings) => settings.to_string().into_response(),
        None => StatusCode::NOT_IMPLEMENTED.into_response(),
    }
}
