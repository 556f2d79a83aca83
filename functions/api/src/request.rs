//! A request as a handler wants it: its parameters, headers and body, checked.

use std::borrow::Cow;
use std::str::FromStr;

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::cursor::Cursors;
use crate::problem::{Problem, Trouble, repeatable};

/// The most bytes of a body.
const MOST_BODY_BYTES: usize = 256 * 1024;

/// A request from API Gateway, payload format 2.0.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    event: &'a ApiGatewayV2httpRequest,
    /// By which the request's cursors are opened, and those of its answer
    /// sealed.
    cursors: Option<&'a Cursors>,
    now: Timestamp,
}

impl<'a> Request<'a> {
    pub(crate) fn new(
        event: &'a ApiGatewayV2httpRequest,
        cursors: &'a Cursors,
        now: Timestamp,
    ) -> Self {
        Self {
            event,
            cursors: Some(cursors),
            now,
        }
    }

    /// A request without cursors.
    #[cfg(test)]
    pub(crate) fn bare(event: &'a ApiGatewayV2httpRequest) -> Self {
        Self {
            event,
            cursors: None,
            now: Timestamp::UNIX_EPOCH,
        }
    }

    pub(crate) fn method(self) -> &'a str {
        self.event.request_context.http.method.as_str()
    }

    /// The path without the name of the stage.
    pub(crate) fn path(self) -> &'a str {
        let path = self.event.raw_path.as_deref().unwrap_or_default();
        let stage = self.event.request_context.stage.as_deref();
        let below = |stage: &str| path.strip_prefix('/')?.strip_prefix(stage);
        let below = stage.filter(|stage| *stage != "$default").and_then(below);
        below.filter(|path| path.starts_with('/')).unwrap_or(path)
    }

    /// The path as the caller wrote it.
    pub(crate) fn written_path(self) -> &'a str {
        self.event.raw_path.as_deref().unwrap_or_default()
    }

    /// What the path names, decoded by the gateway; `written` as it stands
    /// there, if that was not asked.
    pub(crate) fn named(self, name: &str, written: &'a str) -> &'a str {
        let decoded = self.event.path_parameters.get(name);
        decoded.map_or(written, String::as_str)
    }

    /// A claim of the caller's token.
    pub(crate) fn claims(self) -> Option<&'a std::collections::HashMap<String, String>> {
        let authorizer = self.event.request_context.authorizer.as_ref()?;
        Some(&authorizer.jwt.as_ref()?.claims)
    }

    /// Who is calling: the subject of the token.
    pub(crate) fn caller(self) -> &'a str {
        let subject = self.claims().and_then(|claims| claims.get("sub"));
        subject.map_or("unknown", String::as_str)
    }

    pub(crate) fn header(self, name: &str) -> Result<Option<&'a str>, Problem> {
        let value = self.event.headers.get(name);
        let text = value.map(|value| value.to_str()).transpose();
        text.map_err(|_| Problem::field(name, "must be plain text"))
    }

    /// Where the page begins that is asked for; at the beginning unless the
    /// parameter `name` has a cursor that `list` gave.
    pub(crate) async fn cursor<T: DeserializeOwned>(
        self,
        name: &str,
        list: &str,
    ) -> Result<Option<T>, Trouble> {
        match self.parameter(name) {
            Some(cursor) => self.opened(name, list, &cursor).await.map(Some),
            None => Ok(None),
        }
    }

    /// The place of a cursor that came in the field `name`, wherever it stood.
    pub(crate) async fn opened<T: DeserializeOwned>(
        self,
        name: &str,
        list: &str,
        cursor: &str,
    ) -> Result<T, Trouble> {
        let cursors = self.cursors.expect("whoever has a list has cursors");
        cursors.open(name, list, cursor, self.now).await
    }

    /// The cursor of the page of `list` that begins at a place, if there is
    /// one.
    pub(crate) async fn next<T: Serialize>(
        self,
        list: &str,
        place: Option<&T>,
    ) -> Result<Option<String>, Trouble> {
        let Some(place) = place else {
            return Ok(None);
        };
        let cursors = self.cursors.expect("whoever has a list has cursors");
        Ok(Some(cursors.seal(list, place, self.now).await?))
    }

    /// Checks that there are no parameters but these: a misspelt filter would
    /// otherwise filter nothing.
    pub(crate) fn only_parameters(self, known: &[&str]) -> Result<(), Problem> {
        for (name, _) in self.event.query_string_parameters.iter() {
            if !known.contains(&name) {
                let limit = "is not a parameter of this request";
                return Err(Problem::field(repeatable(name), limit));
            }
        }
        Ok(())
    }

    /// A parameter, if it is there. An empty one is there: whoever reads it
    /// says what it must be.
    pub(crate) fn parameter(self, name: &str) -> Option<String> {
        // The gateway joins a repeated parameter with commas, and the event's
        // type takes every comma for a repetition.
        let values = self.event.query_string_parameters.all(name)?;
        Some(values.join(","))
    }

    /// The query as it was sent, without some parameters; each of the others
    /// ends with `&`.
    pub(crate) fn query_without(self, names: &[&str]) -> String {
        let query = self.event.raw_query_string.as_deref().unwrap_or_default();
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let others = pairs.filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            !names.contains(&name)
        });
        // What would break out of a header's link is no part of a query.
        let plain = |c: &char| c.is_ascii_graphic() && !"<>\"".contains(*c);
        others
            .flat_map(|pair| pair.chars().filter(plain).chain(['&']))
            .collect()
    }

    /// A number within limits, or a default. Written in one way only.
    pub(crate) fn number<T: FromStr + PartialOrd + Copy + std::fmt::Display>(
        self,
        name: &str,
        least: T,
        most: T,
        default: T,
    ) -> Result<T, Problem> {
        let Some(text) = self.parameter(name) else {
            return Ok(default);
        };
        let number: Option<T> = text.parse().ok();
        let number = number.filter(|n| *n >= least && *n <= most);
        let number = number.filter(|n| n.to_string() == text);
        let limit = || format!("must be a whole number from {least} to {most}");
        number.ok_or_else(|| Problem::field(name, &limit()))
    }

    /// A date, if it is there.
    pub(crate) fn date(self, name: &str) -> Result<Option<Date>, Problem> {
        let Some(text) = self.parameter(name) else {
            return Ok(None);
        };
        date(&text)
            .map(Some)
            .ok_or_else(|| Problem::field(name, DATE))
    }

    /// The body, which must be a JSON object.
    pub(crate) fn body(self) -> Result<Map<String, Value>, Problem> {
        if !self.is_json()? {
            return Err(Problem::unsupported_media_type());
        }
        let limit = "must be a JSON object";
        let bytes = self.bytes().ok_or_else(|| Problem::field("body", limit))?;
        if bytes.len() > MOST_BODY_BYTES {
            return Err(Problem::too_large("must have at most 262144 bytes"));
        }
        let body: Map<String, Value> =
            serde_json::from_slice(&bytes).map_err(|_| Problem::field("body", limit))?;
        Ok(body
            .into_iter()
            .map(|(name, value)| (name, whole(value)))
            .collect())
    }

    /// The body, where it may be left out.
    pub(crate) fn optional_body(self) -> Result<Map<String, Value>, Problem> {
        let absent = self.event.body.as_deref().unwrap_or_default().is_empty();
        if absent {
            return Ok(Map::new());
        }
        self.body()
    }

    fn is_json(self) -> Result<bool, Problem> {
        let kind = self.header("content-type")?.unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        Ok(kind.eq_ignore_ascii_case("application/json"))
    }

    fn bytes(self) -> Option<Cow<'a, [u8]>> {
        let body = self.event.body.as_deref().unwrap_or_default();
        if self.event.is_base64_encoded {
            return STANDARD.decode(body).ok().map(Cow::Owned);
        }
        Some(Cow::Borrowed(body.as_bytes()))
    }
}

/// A value with its whole numbers written as such: `7.0` is 7, as JSON Schema
/// has it.
fn whole(value: Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => {
            // Up to here every whole number is exact.
            let exact = |n: &f64| n.fract() == 0.0 && n.abs() < 9_007_199_254_740_992.0;
            let whole = number.as_f64().filter(exact);
            let whole = whole.and_then(|n| format!("{n:.0}").parse::<i64>().ok());
            whole.map_or(Value::Number(number), Value::from)
        }
        Value::Array(values) => values.into_iter().map(whole).collect(),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            fields.map(|(name, value)| (name, whole(value))).collect()
        }
        value => value,
    }
}

/// What a date must look like.
pub(crate) const DATE: &str = "must be a date, as 2026-05-03";
/// The same as a pattern.
pub(crate) const DATE_PATTERN: &str = "^(19|[2-9][0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}$";

/// A date as it is written in a parameter or a field, and in no other form,
/// from 1900 on.
pub(crate) fn date(text: &str) -> Option<Date> {
    let date: Date = text.parse().ok()?;
    (date.to_string() == text && date.year() >= 1900).then_some(date)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(path: &str, more: &Value) -> ApiGatewayV2httpRequest {
        let mut event = json!({
            "version": "2.0",
            "rawPath": path,
            "requestContext": {
                "http": {"method": "GET", "path": path},
                "stage": "live",
            },
        });
        for (name, value) in more.as_object().unwrap() {
            event[name] = value.clone();
        }
        serde_json::from_value(event).unwrap()
    }

    fn body(more: &Value) -> Result<Map<String, Value>, u16> {
        let event = event("/v1/cases", more);
        Request::bare(&event)
            .body()
            .map_err(|problem| problem.status)
    }

    #[test]
    fn the_stage_is_no_part_of_the_path() {
        for (path, expected) in [
            ("/live/v1/cases", "/v1/cases"),
            ("/v1/cases", "/v1/cases"),
            ("/lively/v1", "/lively/v1"),
        ] {
            let event = event(path, &json!({}));
            assert_eq!(Request::bare(&event).path(), expected);
        }
    }

    #[test]
    fn a_parameter_with_a_comma_stays_whole() {
        let event = event(
            "/",
            &json!({"queryStringParameters": {"a": "x,y", "b": ""}}),
        );
        assert_eq!(Request::bare(&event).parameter("a").as_deref(), Some("x,y"));
        assert_eq!(Request::bare(&event).parameter("b").as_deref(), Some(""));
        assert_eq!(Request::bare(&event).parameter("c"), None);
    }

    #[test]
    fn an_unknown_parameter_is_named_unless_it_may_be_personal() {
        for (name, told) in [
            ("segmnt", "segmnt"),
            ("ada@x.org", "(a name we do not repeat)"),
        ] {
            let event = event("/", &json!({"queryStringParameters": {name: "x"}}));
            let problem = Request::bare(&event)
                .only_parameters(&["segment"])
                .unwrap_err();
            assert_eq!(problem.field.as_deref(), Some(told));
        }
    }

    #[test]
    fn a_whole_number_is_whole_however_it_is_written() {
        let json = json!({"content-type": "application/json"});
        let text = r#"{"a": [7.0, {"b": -2e1}], "c": 7.5, "d": 1e300, "e": "7.0"}"#;
        let event = event("/", &json!({"headers": json, "body": text}));
        let body = Value::Object(Request::bare(&event).body().unwrap());
        let expected = json!({"a": [7, {"b": -20}], "c": 7.5, "d": 1e300, "e": "7.0"});
        assert_eq!(body, expected);
    }

    #[test]
    fn a_number_outside_its_limits_is_refused() {
        for (text, expected) in [
            ("1", Ok(1)),
            ("100", Ok(100)),
            ("0", Err(400)),
            ("101", Err(400)),
            ("x", Err(400)),
            ("1.5", Err(400)),
            ("+1", Err(400)),
            ("01", Err(400)),
            ("", Err(400)),
        ] {
            let event = event("/", &json!({"queryStringParameters": {"limit": text}}));
            let number = Request::bare(&event).number("limit", 1, 100, 50);
            assert_eq!(number.map_err(|problem| problem.status), expected, "{text}");
        }
    }

    #[test]
    fn a_body_is_a_json_object_of_bounded_size_declared_as_such() {
        let json = json!({"content-type": "application/json; charset=utf-8"});
        let with = |text: &str| json!({"headers": json, "body": text});
        assert_eq!(body(&with(r#"{"a": 1}"#)).map(|map| map.len()), Ok(1));
        assert_eq!(
            body(&json!({"headers": json, "body": "eyJhIjogMX0=", "isBase64Encoded": true}))
                .map(|map| map.len()),
            Ok(1)
        );
        assert_eq!(
            body(&json!({"headers": json, "body": "%", "isBase64Encoded": true})),
            Err(400)
        );
        for text in ["", "[]", "{", "null", r#"{"a":"#] {
            assert_eq!(body(&with(text)), Err(400), "{text}");
        }
        assert_eq!(body(&with(&"[".repeat(100_000))), Err(400));
        assert_eq!(body(&with(&" ".repeat(MOST_BODY_BYTES + 1))), Err(413));
        assert_eq!(body(&json!({"body": "{}"})), Err(415));
        assert_eq!(
            body(&json!({"headers": {"content-type": "text/plain"}, "body": "{}"})),
            Err(415)
        );
    }
}
