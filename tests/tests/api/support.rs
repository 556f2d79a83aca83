//! Sending requests as API Gateway does.

use api::Function;
use aws_lambda_events::encodings::Body;
use crm_lambda::Metrics;
use crm_tests::tables::Tables;
use jiff::Timestamp;
use serde_json::{Value, json};

/// A Friday, half an hour before the weekend.
pub const NOW: &str = "2026-03-06T16:30:00Z";

pub struct Api {
    pub tables: Tables,
    pub function: Function,
}

pub struct Answer {
    pub status: i64,
    pub body: Value,
    pub headers: Vec<(String, String)>,
}

#[derive(Clone)]
pub struct Request(Value);

pub fn now() -> Timestamp {
    NOW.parse().unwrap()
}

pub fn get(target: &str) -> Request {
    request("GET", target)
}

pub fn post(path: &str, body: &Value) -> Request {
    request("POST", path).json(body)
}

pub fn put(path: &str, body: &Value) -> Request {
    request("PUT", path).json(body)
}

pub fn patch(path: &str, body: &Value) -> Request {
    request("PATCH", path).json(body)
}

/// A request of an admin; `target` may end with a query, written as it is.
pub fn request(method: &str, target: &str) -> Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let parameters: serde_json::Map<_, _> = pairs
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {},
        "queryStringParameters": parameters,
        "requestContext": {
            "stage": "$default",
            "http": {"method": method, "path": path},
        },
    });
    Request(event).by_role("admin")
}

impl Request {
    pub fn by_role(self, role: &str) -> Self {
        self.with_claims(
            &json!({"sub": format!("{role}-1"), "cognito:groups": format!("[{role}]")}),
        )
    }

    pub fn with_claims(mut self, claims: &Value) -> Self {
        self.0["requestContext"]["authorizer"] = json!({"jwt": {"claims": claims}});
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.0["headers"][name] = value.into();
        self
    }

    pub fn text(mut self, body: &str) -> Self {
        self.0["body"] = body.into();
        self
    }

    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json")
            .text(&body.to_string())
    }
}

impl Api {
    pub async fn new() -> Self {
        let tables = Tables::new(now()).await.unwrap();
        let function = Function::new(&tables.sdk(), &tables.variables()).unwrap();
        Self { tables, function }
    }

    pub async fn send(&self, request: Request) -> Answer {
        self.send_at(now(), request).await
    }

    pub async fn send_at(&self, now: Timestamp, request: Request) -> Answer {
        let event = serde_json::from_value(request.0).unwrap();
        let mut metrics = Metrics::new("api");
        let response = self
            .function
            .handle(now, &mut metrics, event)
            .await
            .unwrap();
        let Some(Body::Text(body)) = response.body else {
            panic!("an answer has a body");
        };
        let headers = response.headers.iter();
        let headers =
            headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        Answer {
            status: response.status_code,
            // A table is no JSON.
            body: serde_json::from_str(&body).unwrap_or(Value::Null),
            headers: headers.collect(),
        }
    }

    /// The answer's document; it has to be the status expected.
    pub async fn expect(&self, status: i64, request: Request) -> Value {
        let answer = self.send(request).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        let problem = "application/problem+json";
        let kind = if status < 400 {
            "application/json"
        } else {
            problem
        };
        assert_eq!(answer.header("content-type"), Some(kind));
        if status >= 400 {
            assert_eq!(answer.body["status"], status);
        }
        answer.body
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}
