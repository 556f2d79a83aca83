//! A request as the event a function gets: payload format 2.0.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_TYPE, COOKIE, USER_AGENT};
use http::{HeaderMap, Request};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::routing::Parameters;
use super::uri;
use crate::template::{ACCOUNT, Route};

/// The event for a request that takes `route`.
pub(super) fn event(
    request: &Request<Vec<u8>>,
    route: &Route,
    parameters: &Parameters,
    claims: Option<&Map<String, Value>>,
    number: u64,
    now: Timestamp,
) -> Value {
    let query = request.uri().query().unwrap_or_default();
    let (body, is_base64) = body(request);
    let mut event = json!({
        "version": "2.0",
        "routeKey": route.key(),
        "rawPath": request.uri().path(),
        "rawQueryString": query,
        "headers": headers(request.headers()),
        "requestContext": context(request, route, claims, number, now),
        "isBase64Encoded": is_base64,
    });
    let mut add = |name: &str, value: Value| {
        let is_empty = value.as_object().is_some_and(Map::is_empty);
        if !is_empty && !value.is_null() {
            event[name] = value;
        }
    };
    add("body", body);
    add("pathParameters", json!(parameters));
    add("queryStringParameters", joined(uri::pairs(query)));
    add("cookies", cookies(request.headers()));
    event
}

fn context(
    request: &Request<Vec<u8>>,
    route: &Route,
    claims: Option<&Map<String, Value>>,
    number: u64,
    now: Timestamp,
) -> Value {
    let agent = request.headers().get(USER_AGENT);
    let agent = agent
        .and_then(|agent| agent.to_str().ok())
        .unwrap_or_default();
    let mut context = json!({
        "accountId": ACCOUNT,
        "apiId": "local",
        "domainName": "127.0.0.1",
        "domainPrefix": "127",
        "http": {
            "method": request.method().as_str(),
            "path": request.uri().path(),
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": agent,
        },
        "requestId": format!("local-{number}"),
        "routeKey": route.key(),
        "stage": "$default",
        "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
        "timeEpoch": now.as_millisecond(),
    });
    if let Some(claims) = claims {
        context["authorizer"] = json!({ "jwt": { "claims": claims, "scopes": null } });
    }
    context
}

/// Headers by lower-case name; values of a repeated one are joined by commas.
fn headers(headers: &HeaderMap) -> Value {
    let pairs = headers.iter().filter(|(name, _)| **name != COOKIE);
    joined(pairs.map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    }))
}

fn cookies(headers: &HeaderMap) -> Value {
    let texts = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let cookies: Vec<_> = texts
        .flat_map(|text| text.split(';'))
        .map(str::trim)
        .collect();
    if cookies.is_empty() {
        return Value::Null;
    }
    json!(cookies)
}

fn joined(pairs: impl Iterator<Item = (String, String)>) -> Value {
    let mut joined = Map::new();
    for (name, value) in pairs {
        let value = match joined.get(&name).and_then(Value::as_str) {
            Some(earlier) => format!("{earlier},{value}"),
            None => value,
        };
        joined.insert(name, value.into());
    }
    Value::Object(joined)
}

/// The body, and whether it is in base64: all that is not declared as text is.
fn body(request: &Request<Vec<u8>>) -> (Value, bool) {
    let bytes = request.body();
    if bytes.is_empty() {
        return (Value::Null, false);
    }
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    match std::str::from_utf8(bytes) {
        Ok(text) if is_text(kind) => (text.into(), false),
        _ => (STANDARD.encode(bytes).into(), true),
    }
}

fn is_text(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    let kind = kind.to_ascii_lowercase();
    kind.starts_with("text/")
        || matches!(
            kind.as_str(),
            "application/json" | "application/xml" | "application/javascript"
        )
}
