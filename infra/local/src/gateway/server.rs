//! Listens on this machine's loopback address, and to this machine only.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use http::header::{HOST, ORIGIN};
use http::{HeaderMap, HeaderName, StatusCode};
use tokio::net::TcpListener;

use super::{MOST_BODY_BYTES, message};
use crate::system::System;

/// The system cannot be reached.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Somebody else has the port.
    #[error("port {port} is in use; choose another with --port")]
    PortInUse {
        /// The port.
        port: u16,
    },
    /// The port cannot be listened on, or no longer.
    #[error("cannot listen on port {port}")]
    Listen {
        /// The port.
        port: u16,
        /// What the network said.
        source: std::io::Error,
    },
}

/// A bound port, not served yet.
pub struct Server {
    listener: TcpListener,
    port: u16,
}

impl Server {
    /// Binds `port` of the loopback address; 0 takes any that is free.
    ///
    /// # Errors
    ///
    /// [`ServerError`].
    pub async fn bind(port: u16) -> Result<Self, ServerError> {
        let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let listener = bound.map_err(|source| match source.kind() {
            std::io::ErrorKind::AddrInUse => ServerError::PortInUse { port },
            _ => ServerError::Listen { port, source },
        })?;
        let address = listener.local_addr();
        let port = address
            .map_err(|source| ServerError::Listen { port, source })?
            .port();
        Ok(Self { listener, port })
    }

    /// Its address: `http://127.0.0.1:8790`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Serves `system` until `end` comes, then finishes what it is answering.
    ///
    /// # Errors
    ///
    /// [`ServerError::Listen`].
    pub async fn serve(
        self,
        system: Arc<System>,
        end: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServerError> {
        let router = Router::new().fallback(answer).with_state(system);
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let served = axum::serve(self.listener, service)
            .with_graceful_shutdown(end)
            .await;
        served.map_err(|source| ServerError::Listen {
            port: self.port,
            source,
        })
    }
}

async fn answer(
    State(system): State<Arc<System>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    if !peer.ip().is_loopback() || !is_for_us(request.headers()) {
        return whole(message(StatusCode::FORBIDDEN, "Forbidden"));
    }
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MOST_BODY_BYTES).await else {
        return whole(message(
            StatusCode::PAYLOAD_TOO_LARGE,
            "Request Entity Too Large",
        ));
    };
    whole(
        system
            .http(http::Request::from_parts(head, body.to_vec()))
            .await,
    )
}

fn whole(response: http::Response<Vec<u8>>) -> Response {
    response.map(Body::from)
}

/// Whether the request was meant for this machine by someone on it: a web page from elsewhere, opened
/// in a browser here, is a loopback peer too, but cannot hide its own name.
fn is_for_us(headers: &HeaderMap) -> bool {
    let is_local = |name: HeaderName| {
        let text = headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        text.is_none_or(names_loopback)
    };
    is_local(HOST) && is_local(ORIGIN)
}

/// Whether an address such as `http://localhost:8790` or `127.0.0.1` is this machine's.
fn names_loopback(address: &str) -> bool {
    let host = address.rsplit("://").next().unwrap_or(address);
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::names_loopback;

    #[test]
    fn only_this_machines_own_names_pass() {
        for own in [
            "localhost",
            "localhost:80",
            "http://127.0.0.1:8790",
            "[::1]:5",
            "127.0.0.1",
        ] {
            assert!(names_loopback(own), "{own}");
        }
        for other in [
            "evil.example",
            "http://evil.example:8790",
            "localhost.evil.example",
            "null",
        ] {
            assert!(!names_loopback(other), "{other}");
        }
    }
}
