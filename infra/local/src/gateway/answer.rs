//! A function's answer as an HTTP response.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_TYPE, SET_COOKIE, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

/// A JSON document as a response.
#[must_use]
pub fn json_answer(status: StatusCode, document: &Value) -> Response<Vec<u8>> {
    let mut response = Response::new(document.to_string().into_bytes());
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// `{"message": text}`: how API Gateway words what it says itself.
#[must_use]
pub fn message(status: StatusCode, text: &str) -> Response<Vec<u8>> {
    json_answer(status, &json!({ "message": text }))
}

/// The authorizer's refusal.
pub(super) fn unauthorized() -> Response<Vec<u8>> {
    let mut response = message(StatusCode::UNAUTHORIZED, "Unauthorized");
    let scheme = HeaderValue::from_static("Bearer");
    response.headers_mut().insert(WWW_AUTHENTICATE, scheme);
    response
}

/// The response a function's answer stands for. Without a `statusCode`, the answer itself is the body.
pub(super) fn response(answer: &Value) -> Result<Response<Vec<u8>>, &'static str> {
    let Some(status) = answer.get("statusCode") else {
        return Ok(json_answer(StatusCode::OK, answer));
    };
    let status = status
        .as_u64()
        .and_then(|status| u16::try_from(status).ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    let mut response = Response::new(body(answer)?);
    *response.status_mut() = status.ok_or("statusCode is no HTTP status")?;
    for (name, value) in headers(answer) {
        let name = HeaderName::try_from(name).map_err(|_| "a header's name is unusable")?;
        let value = HeaderValue::try_from(value).map_err(|_| "a header's value is unusable")?;
        response.headers_mut().append(name, value);
    }
    if !response.headers().contains_key(CONTENT_TYPE) {
        let text = HeaderValue::from_static("text/plain;charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, text);
    }
    Ok(response)
}

fn body(answer: &Value) -> Result<Vec<u8>, &'static str> {
    let text = match answer.get("body") {
        None | Some(Value::Null) => "",
        Some(Value::String(text)) => text,
        Some(_) => return Err("body is no text"),
    };
    if answer.get("isBase64Encoded") == Some(&Value::Bool(true)) {
        return STANDARD.decode(text).map_err(|_| "body is not base64");
    }
    Ok(text.as_bytes().to_vec())
}

/// Names and values of all headers, cookies among them.
fn headers(answer: &Value) -> Vec<(&str, String)> {
    let single = answer.get("headers").and_then(Value::as_object);
    let single = single.into_iter().flatten();
    let mut all: Vec<_> = single
        .map(|(name, value)| (name.as_str(), text(value)))
        .collect();
    let cookies = answer.get("cookies").and_then(Value::as_array);
    let cookies = cookies.into_iter().flatten();
    all.extend(cookies.map(|cookie| (SET_COOKIE.as_str(), text(cookie))));
    all
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
