//! Looks into a running system and asks it to work on, over loopback HTTP.

use axum::body::{Body, to_bytes};
use http::header::AUTHORIZATION;
use http::{Method, Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// Dead letters of a large import may be many.
const MOST_ANSWER_BYTES: usize = 1024 * 1024 * 1024;

/// The system could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// It does not answer.
    #[error("the system does not answer {path}")]
    Unreachable {
        /// What was asked for.
        path: String,
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It answers with a refusal.
    #[error("the system answers {path} with HTTP {status}")]
    Refused {
        /// What was asked for.
        path: String,
        /// The status.
        status: StatusCode,
    },
}

/// A way to the inside of a running system.
#[derive(Clone)]
pub struct Control {
    client: Client<HttpConnector, Body>,
    base: String,
    token: String,
}

impl Control {
    /// A way to the system at `base`, with a token for its API.
    #[must_use]
    pub fn new(base: &str, token: &str) -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            base: base.trim_end_matches('/').to_owned(),
            token: token.to_owned(),
        }
    }

    /// Works until everything that was sent is dealt with, and tells now and
    /// then how many messages still wait.
    ///
    /// # Errors
    ///
    /// [`ControlError`].
    pub async fn settle(&self, mut waiting: impl FnMut(u64)) -> Result<(), ControlError> {
        let settled = self.ask(Method::POST, "/_local/settle");
        let mut settled = std::pin::pin!(settled);
        let mut tick = tokio::time::interval(std::time::Duration::from_secs(1));
        loop {
            tokio::select! {
                settled = &mut settled => return settled.map(|_| ()),
                _ = tick.tick() => waiting(self.waiting().await?),
            }
        }
    }

    /// Messages in all queues that somebody is going to work on.
    async fn waiting(&self) -> Result<u64, ControlError> {
        let status = self.ask(Method::GET, "/_local/status").await?;
        let sources = status["queues"].as_object().into_iter().flatten();
        let live = sources.filter(|(name, _)| name.ends_with("Queue"));
        let depths = live.flat_map(|(_, depth)| [&depth["visible"], &depth["in_flight"]]);
        Ok(depths.filter_map(Value::as_u64).sum())
    }

    /// Every message that nobody works on any more: `{queue, reason, body}`.
    ///
    /// # Errors
    ///
    /// [`ControlError`].
    pub async fn dead_letters(&self) -> Result<Vec<Value>, ControlError> {
        let letters = self.ask(Method::GET, "/_local/dead-letters").await?;
        Ok(letters.as_array().cloned().unwrap_or_default())
    }

    /// The store's settings.
    ///
    /// # Errors
    ///
    /// [`ControlError`].
    pub async fn settings(&self) -> Result<Value, ControlError> {
        self.ask(Method::GET, "/v1/settings").await
    }

    async fn ask(&self, method: Method, path: &str) -> Result<Value, ControlError> {
        let unreachable = |source| ControlError::Unreachable {
            path: path.to_owned(),
            source,
        };
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .body(Body::empty())
            .map_err(|error| unreachable(Box::new(error)))?;
        let response = self.client.request(request).await;
        let response = response.map_err(|error| unreachable(Box::new(error)))?;
        let status = response.status();
        if !status.is_success() {
            let path = path.to_owned();
            return Err(ControlError::Refused { path, status });
        }
        let body = to_bytes(Body::new(response.into_body()), MOST_ANSWER_BYTES).await;
        let body = body.map_err(|error| unreachable(Box::new(error)))?;
        serde_json::from_slice(&body).map_err(|error| unreachable(Box::new(error)))
    }
}
