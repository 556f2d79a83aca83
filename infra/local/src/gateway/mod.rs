//! The front door: the HTTP API as API Gateway would serve it, on this machine only.
//!
//! Payload format 2.0, JWT authorizer, limits and error answers as documented for HTTP APIs:
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

mod answer;
pub(crate) mod control;
mod event;
mod routing;
mod server;
mod tokens;
mod uri;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{Request, Response, StatusCode};

use crate::clock::Clock;
use crate::functions::Functions;
use crate::template::{Route, Wiring};
pub use answer::{json_answer, message};
pub use server::{Server, ServerError};
pub use tokens::{ROLES, Tokens};

/// The most bytes a request's body may have.
pub const MOST_BODY_BYTES: usize = 10 * 1024 * 1024;

/// The most bytes an event may have that a function is invoked with.
const MOST_EVENT_BYTES: usize = 6 * 1024 * 1024;

/// Takes requests to functions and their answers back.
pub struct Gateway {
    routes: Vec<Route>,
    functions: Arc<Functions>,
    tokens: Tokens,
    clock: Clock,
    requests: AtomicU64,
}

impl Gateway {
    /// A gateway with the routes of `wiring`.
    #[must_use]
    pub fn new(wiring: &Wiring, functions: Arc<Functions>, tokens: Tokens, clock: Clock) -> Self {
        Self {
            routes: wiring.routes.clone(),
            functions,
            tokens,
            clock,
            requests: AtomicU64::new(0),
        }
    }

    /// Answers one request, as API Gateway would.
    pub async fn serve(&self, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        if request.body().len() > MOST_BODY_BYTES {
            return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
        }
        let path = request.uri().path();
        let Some((route, parameters)) = routing::find(&self.routes, request.method(), path) else {
            return message(StatusCode::NOT_FOUND, "Not Found");
        };
        let claims = match self.tokens.claims(&request) {
            _ if !route.needs_token => None,
            None => return answer::unauthorized(),
            claims => claims,
        };
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let now = self.clock.now();
        let event = event::event(&request, route, &parameters, claims.as_ref(), number, now);
        if event.to_string().len() > MOST_EVENT_BYTES {
            return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
        }
        match self.functions.invoke(&route.function, now, event).await {
            Ok(answer) => answer::response(&answer).unwrap_or_else(|problem| {
                tracing::error!(
                    function.id = route.function,
                    problem,
                    "the answer is unusable"
                );
                failed()
            }),
            Err(error) => {
                tracing::error!(function.id = route.function, error, "a request failed");
                failed()
            }
        }
    }
}

fn failed() -> Response<Vec<u8>> {
    message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}
