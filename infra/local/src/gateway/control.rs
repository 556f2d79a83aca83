//! `/_local/...`: looks into a local system and moves it. There is nothing of this in AWS.

use http::{Method, Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{json_answer, message};
use crate::system::{Directory, System, SystemError};

type Answer = Result<Value, Refusal>;

/// Why a control request was not done.
enum Refusal {
    NotFound,
    Unknown(String),
    Unusable(String),
    Failed(String),
}

impl<E: std::error::Error + 'static> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Failed(crm_lambda::with_causes(&error))
    }
}

/// Answers one control request.
pub(crate) async fn serve(system: &System, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
    let path = request.uri().path().trim_start_matches("/_local/");
    let body = match body(request.body()) {
        Ok(body) => body,
        Err(problem) => return message(StatusCode::BAD_REQUEST, &problem),
    };
    match answer(system, request.method(), path, &body).await {
        Ok(document) => json_answer(StatusCode::OK, &document),
        Err(Refusal::NotFound) => message(StatusCode::NOT_FOUND, "Not Found"),
        Err(Refusal::Unknown(problem)) => message(StatusCode::NOT_FOUND, &problem),
        Err(Refusal::Unusable(problem)) => message(StatusCode::BAD_REQUEST, &problem),
        Err(Refusal::Failed(problem)) => message(StatusCode::INTERNAL_SERVER_ERROR, &problem),
    }
}

async fn answer(system: &System, method: &Method, path: &str, body: &Value) -> Answer {
    match (method.as_str(), path) {
        ("GET", "status") => status(system),
        ("GET", "clock") => Ok(clock(system)),
        ("POST", "clock") => move_clock(system, body).await,
        ("POST", "settle") => {
            system.settle().await?;
            status(system)
        }
        ("GET", "mailbox") => mailbox(system),
        ("GET", "dead-letters") => Ok(Value::Array(system.dead_letters()?)),
        ("POST", "dead-letters/redrive") => redrive(system, body).await,
        ("POST", path) => match path.strip_prefix("schedules/") {
            Some(name) => fire(system, name, body),
            None => Err(Refusal::NotFound),
        },
        _ => Err(Refusal::NotFound),
    }
}

fn status(system: &System) -> Answer {
    let services = system.services();
    let now = services.clock().now();
    let mut queues = serde_json::Map::new();
    for name in services.queues().names() {
        let depth = services.queues().depth(&name, now)?;
        let depth = json!({
            "visible": depth.visible,
            "in_flight": depth.in_flight,
            "delayed": depth.delayed,
        });
        queues.insert(name, depth);
    }
    Ok(json!({
        "ready": true,
        "sample_store": sample_store(system),
        "now": now.to_string(),
        "queues": queues,
        "sources": system.pump().counts().all(),
        "metrics": system.functions().measures().all(),
    }))
}

/// How much of the sample store has come in; null where there is none.
fn sample_store(system: &System) -> Value {
    let directory = system.directory().map(Directory::path);
    directory.map_or(Value::Null, crate::sample::progress)
}

fn clock(system: &System) -> Value {
    json!({ "now": system.services().clock().now().to_string() })
}

async fn move_clock(system: &System, body: &Value) -> Answer {
    let to = time(body, "now")?.ok_or_else(|| Refusal::Unusable("now is missing".to_owned()))?;
    match system.advance_clock(to).await {
        Err(error @ SystemError::ClockBack { .. }) => Err(Refusal::Unusable(error.to_string())),
        done => {
            done?;
            Ok(clock(system))
        }
    }
}

fn mailbox(system: &System) -> Answer {
    let letters = system.services().mail().letters()?;
    let letters = letters.iter().map(|letter| {
        json!({
            "from": letter.from,
            "to": letter.to.join(", "),
            "subject": letter.subject,
            "text": letter.text,
            "html": letter.html,
            "headers": letter.headers,
            "sent_at": letter.sent_at.to_string(),
        })
    });
    Ok(letters.collect())
}

async fn redrive(system: &System, body: &Value) -> Answer {
    let queue = body.get("queue").and_then(Value::as_str);
    if queue.is_some_and(|queue| !system.dead_letter_queues().contains(&queue)) {
        return Err(Refusal::NotFound);
    }
    let moved = system.redrive(queue).await?;
    Ok(json!({ "redriven": moved }))
}

fn fire(system: &System, name: &str, body: &Value) -> Answer {
    let unknown = |body: &serde_json::Map<String, Value>| body.keys().any(|name| name != "time");
    if body.as_object().is_some_and(unknown) {
        let only = "the only field is time, the time to fire with";
        return Err(Refusal::Unusable(only.to_owned()));
    }
    let now = system.services().clock().now();
    let at = time(body, "time")?.unwrap_or(now);
    match system.fire_schedule(name, at) {
        Err(error @ SystemError::NoSchedule { .. }) => Err(Refusal::Unknown(error.to_string())),
        done => {
            done?;
            Ok(json!({ "fired": name, "time": at.to_string() }))
        }
    }
}

/// A time in the body, if it is there.
fn time(body: &Value, name: &str) -> Result<Option<Timestamp>, Refusal> {
    let Some(value) = body.get(name) else {
        return Ok(None);
    };
    let time = value.as_str().and_then(|text| text.parse().ok());
    let unusable = || {
        Refusal::Unusable(format!(
            "{name} must be a time such as 2026-03-01T12:00:00Z"
        ))
    };
    time.map(Some).ok_or_else(unusable)
}

fn body(bytes: &[u8]) -> Result<Value, String> {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(bytes).map_err(|error| format!("the body is not JSON: {error}"))
}
