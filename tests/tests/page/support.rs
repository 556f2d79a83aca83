//! Asking the API with headers, and looking at those of its answers.

use std::collections::BTreeMap;

use crm_tests::shop::{Webhook, order};
use crm_tests::stack::Stack;
use http::Request;
use serde_json::{Value, json};

/// What the API answered.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub body: Value,
    pub headers: BTreeMap<String, String>,
}

impl Reply {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub fn read_units(&self) -> f64 {
        self.header("x-read-units").parse().expect("a number")
    }
}

/// Asks as a role, with headers and a body.
pub async fn ask(
    stack: &Stack,
    (role, method, path): (&str, &str, &str),
    headers: &[(&str, &str)],
    body: Option<Value>,
) -> Reply {
    let token = stack.system().identity().token(role).expect("a role");
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = body.map_or_else(Vec::new, |body| body.to_string().into_bytes());
    let response = stack.system().http(request.body(body).unwrap()).await;
    let headers = response.headers().iter();
    Reply {
        status: response.status().as_u16(),
        headers: headers
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect(),
        body: serde_json::from_slice(response.body()).unwrap_or(Value::Null),
    }
}

/// Sets fields of a customer as an agent; has to be done.
pub async fn set(stack: &Stack, id: &str, fields: Value) -> Reply {
    let path = format!("/v1/customers/{id}");
    let body = Some(json!({ "fields": fields }));
    let reply = ask(stack, ("agent", "PATCH", &path), &[], body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    stack.settle().await;
    reply
}

/// Changes settings; has to be done.
pub async fn settings(stack: &Stack, change: Value) {
    let answer = stack
        .call("admin", "PUT", "/v1/settings", Some(change))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

pub async fn whole(stack: &Stack, id: &str) -> Value {
    stack
        .get("agent", &format!("/v1/customers/{id}"))
        .await
        .body
}

pub async fn id_of(stack: &Stack, email: &str) -> String {
    stack.customer(email).await["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// A customer as their shop tells it, with labels.
pub fn tagged(customer: u64, email: &str, tags: &str, at: &str) -> Webhook {
    let body = json!({
        "id": customer, "email": email, "first_name": "Ada", "updated_at": at, "tags": tags,
    });
    Webhook::new("customers/update", &body)
}

/// Somebody bought for 20.
pub fn bought(id: u64, customer: u64, email: &str, at: &str) -> Webhook {
    order(id, at, "20.00", 1)
        .by(customer, email, "Ada")
        .created()
}

/// Merges two customers by hand; the id of the merge.
pub async fn merge(stack: &Stack, kept: &str, joined: &str) -> String {
    let path = format!("/v1/customers/{kept}/merge");
    let body = Some(json!({"with": joined, "accept_limits": true}));
    let made = stack.call("agent", "POST", &path, body).await;
    assert_eq!(made.status, 201, "{made:?}");
    stack.settle().await;
    made.body["id"].as_str().unwrap().to_owned()
}

pub async fn unmerge(stack: &Stack, id: &str, merge: &str) {
    let path = format!("/v1/customers/{id}/unmerge");
    let body = Some(json!({ "merge_id": merge }));
    let made = stack.call("agent", "POST", &path, body).await;
    assert_eq!(made.status, 200, "{made:?}");
    stack.settle().await;
}
