//! Customers as two shops tell of them, and the queue of pairs as staff see it.

use crm_tests::shop::Webhook;
use crm_tests::stack::{Answer, Stack};
use serde_json::{Value, json};

/// A shop beside the usual one.
pub const LAMPS: &str = "lamps.myshopify.com";

/// A customer being written.
#[derive(Clone)]
pub struct Customer(Value);

/// A customer of whom nothing is known but a name.
pub fn customer(id: u64, first_name: &str, last_name: &str) -> Customer {
    Customer(json!({
        "id": id,
        "first_name": first_name,
        "last_name": last_name,
        "created_at": "2026-03-01T00:00:00Z",
    }))
}

impl Customer {
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.0[field] = value.into();
        self
    }

    pub fn living_at(self, street: &str, town: &str, zip: &str) -> Self {
        let home = json!({"address1": street, "city": town, "zip": zip, "country_code": "GB"});
        self.with("default_address", home)
    }

    /// The webhook that tells of them at a time of 1 March.
    pub fn told_at(&self, time: &str) -> Webhook {
        let updated_at = format!("2026-03-01T{time}:00Z");
        let told = self.clone().with("updated_at", updated_at);
        Webhook::new("customers/update", &told.0)
    }
}

/// Pairs in a state, the most likely first.
pub async fn pairs(stack: &Stack, state: &str) -> Vec<Value> {
    let mut pairs = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/v1/duplicates?state={state}&limit=50{cursor}");
        let page = stack.get("viewer", &path).await;
        assert_eq!(page.status, 200, "{page:?}");
        pairs.extend(page.body["items"].as_array().unwrap().iter().cloned());
        match page.body["cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return pairs,
        }
    }
}

/// The only pair that is open.
pub async fn only_pair(stack: &Stack) -> Value {
    let open = pairs(stack, "open").await;
    assert_eq!(open.len(), 1, "{open:?}");
    open[0].clone()
}

pub async fn nobody_is_suggested(stack: &Stack) {
    assert_eq!(pairs(stack, "open").await, Vec::<Value>::new());
}

/// Names of the fields that match.
pub fn matched(pair: &Value) -> Vec<&str> {
    let matched = pair["matched"].as_array().unwrap().iter();
    matched
        .map(|found| found["field"].as_str().unwrap())
        .collect()
}

/// `accept` or `reject`, as an agent.
pub async fn decide(stack: &Stack, pair: &Value, what: &str) -> Answer {
    decide_with(stack, pair, what, None).await
}

pub async fn decide_with(stack: &Stack, pair: &Value, what: &str, body: Option<Value>) -> Answer {
    let id = pair["id"].as_str().unwrap();
    let path = format!("/v1/duplicates/{id}/{what}");
    stack.call("agent", "POST", &path, body).await
}
