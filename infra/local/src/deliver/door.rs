//! The front door, over loopback HTTP with connections kept alive.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use crm_sources::Dialect;
use http::{Method, Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::posting::Posting;

/// The door's answers are a word or two.
const MOST_ANSWER_BYTES: usize = 64 * 1024;
/// A sender tries again while the door says so, this often in all.
const ATTEMPTS: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// What the door checks signatures with.
#[derive(Clone)]
pub struct Secrets {
    /// For Shopify's webhooks.
    pub shopify: String,
    /// For imports.
    pub import: String,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}

/// What the door said to one delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is safely queued.
    Accepted,
    /// It is not wanted; sending it again cannot help.
    Refused {
        /// The status.
        status: StatusCode,
        /// The door's words.
        reason: String,
    },
}

/// The door could not be used at all. Nothing more can be sent.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// No answer after several attempts.
    #[error("the front door does not answer")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It kept saying that it cannot queue.
    #[error("the front door cannot queue deliveries (HTTP {0})")]
    Failing(StatusCode),
    /// A header or an address that HTTP does not allow.
    #[error("the request cannot be written as HTTP")]
    Request(#[from] http::Error),
}

/// A way to the front door of a running system.
#[derive(Clone)]
pub struct Door {
    client: Client<HttpConnector, Body>,
    base: String,
    secrets: Secrets,
    first_pause: Duration,
}

impl Door {
    /// A way to the door at `base`, such as `http://127.0.0.1:8080`.
    #[must_use]
    pub fn new(base: &str, secrets: Secrets) -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            base: base.trim_end_matches('/').to_owned(),
            secrets,
            first_pause: FIRST_PAUSE,
        }
    }

    /// The same without pauses between attempts.
    #[cfg(test)]
    pub(crate) fn hurried(self) -> Self {
        Self {
            first_pause: Duration::ZERO,
            ..self
        }
    }

    /// Posts one delivery, signed; tries again, as a shop does, while the door
    /// cannot take it.
    ///
    /// # Errors
    ///
    /// [`DoorError`] after the last attempt.
    pub async fn post(&self, posting: &Posting) -> Result<Answer, DoorError> {
        let mut pause = self.first_pause;
        for _ in 1..ATTEMPTS {
            match self.attempt(posting).await {
                Ok(answer) => return Ok(answer),
                Err(error @ DoorError::Request(_)) => return Err(error),
                Err(_) => tokio::time::sleep(pause).await,
            }
            pause *= 2;
        }
        self.attempt(posting).await
    }

    async fn attempt(&self, posting: &Posting) -> Result<Answer, DoorError> {
        let unreachable =
            |error: hyper_util::client::legacy::Error| DoorError::Unreachable(Box::new(error));
        let request = self.request(posting)?;
        let response = self.client.request(request).await.map_err(unreachable)?;
        let status = response.status();
        let words = to_bytes(Body::new(response.into_body()), MOST_ANSWER_BYTES)
            .await
            .map_err(|error| DoorError::Unreachable(Box::new(error)))?;
        if status.is_success() {
            return Ok(Answer::Accepted);
        }
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(DoorError::Failing(status));
        }
        Ok(Answer::Refused {
            status,
            reason: String::from_utf8_lossy(&words).trim().to_owned(),
        })
    }

    fn request(&self, posting: &Posting) -> Result<Request<Body>, DoorError> {
        let secret = match posting.dialect {
            Dialect::Shopify => &self.secrets.shopify,
            Dialect::Import => &self.secrets.import,
        };
        let mut request =
            Request::builder()
                .method(Method::POST)
                .uri(format!("{}{}", self.base, posting.path()));
        for (name, value) in posting.headers(secret.as_bytes()) {
            request = request.header(name, value);
        }
        Ok(request.body(Body::from(posting.body.clone()))?)
    }
}
