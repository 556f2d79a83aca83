//! A whole system in memory, driven by hand: nothing happens until it is told to settle.

use crm_local::functions::Registry;
use crm_local::system::{System, SystemOptions, template_path};
use http::Request;
use jiff::Timestamp;
use serde_json::Value;

use crate::shop::Webhook;

/// The system of one story.
pub struct Stack {
    system: System,
}

/// A status and the JSON that came with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body; null when there is none.
    pub body: Value,
}

/// The project's own template and functions.
fn options() -> SystemOptions {
    let functions = Registry::of_the_project();
    SystemOptions::from_file(&template_path(), functions).expect("the template is there")
}

/// The noon at which every story begins, unless it says otherwise: a Monday.
pub const BEGINNING: &str = "2026-03-02T12:00:00Z";

impl Stack {
    /// An empty system at [`BEGINNING`].
    ///
    /// # Panics
    ///
    /// When the system cannot start; so do all methods here when the system itself fails.
    pub async fn start() -> Self {
        Self::start_at(BEGINNING).await
    }

    /// An empty system at a time.
    pub async fn start_at(now: &str) -> Self {
        Self::of(&options(), now).await
    }

    /// An empty system at [`BEGINNING`] in which cases are looked at once a
    /// day: for stories of weeks in which nobody has any.
    ///
    /// # Panics
    ///
    /// When the system cannot start.
    pub async fn start_without_cases() -> Self {
        let mut options = options();
        options.template = options.template.replace("rate(1 minute)", "rate(1 day)");
        Self::of(&options, BEGINNING).await
    }

    async fn of(options: &SystemOptions, now: &str) -> Self {
        let now: Timestamp = now.parse().expect("the story begins at an instant");
        let system = System::in_memory(options, now)
            .await
            .expect("the system starts");
        Self { system }
    }

    /// The stack of a system that is there already.
    pub fn over(system: System) -> Self {
        Self { system }
    }

    /// The system itself.
    pub fn system(&self) -> &System {
        &self.system
    }

    /// What the system's clock shows.
    pub fn now(&self) -> Timestamp {
        self.system.services().clock().now()
    }

    /// Works until the system is quiet.
    pub async fn settle(&self) {
        self.system
            .settle()
            .await
            .expect("the system becomes quiet");
    }

    /// Moves the clock, firing what is due on the way.
    pub async fn until(&self, to: &str) {
        let to = to.parse().expect("an instant");
        self.system
            .advance_clock(to)
            .await
            .expect("the clock moves on");
    }

    /// Delivers webhooks at the door, each of which has to be let in, and settles.
    pub async fn deliver(&self, webhooks: impl IntoIterator<Item = Webhook>) {
        for webhook in webhooks {
            let status = self.knock(&webhook).await;
            assert_eq!(status, 200, "{} was not let in", webhook.topic);
        }
        self.settle().await;
    }

    /// Delivers one webhook at the door; the status it answers.
    pub async fn knock(&self, webhook: &Webhook) -> u16 {
        let secrets = self.system.identity().webhook_secrets();
        let request = webhook.signed(&secrets["shopify"], self.now());
        self.send(request).await.status
    }

    /// Sends any request.
    pub async fn send(&self, request: Request<Vec<u8>>) -> Answer {
        let response = self.system.http(request).await;
        let status = response.status().as_u16();
        let body = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
        Answer { status, body }
    }

    /// Asks the API as a role.
    pub async fn get(&self, role: &str, path: &str) -> Answer {
        self.call(role, "GET", path, None).await
    }

    /// Calls the API as a role, with a body.
    pub async fn call(&self, role: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        let token = self.system.identity().token(role).expect("a role");
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(body.map_or_else(Vec::new, |body| body.to_string().into_bytes()))
            .expect("a well-formed request");
        self.send(request).await
    }

    /// The only customer with an address.
    pub async fn customer(&self, email: &str) -> Value {
        let email = email.replace('+', "%2B").replace('@', "%40");
        self.only(&format!("/v1/customers?email={email}")).await
    }

    /// The only customer with an external id.
    pub async fn customer_known_as(&self, id: &str) -> Value {
        self.only(&format!("/v1/customers?external_id={id}")).await
    }

    async fn only(&self, path: &str) -> Value {
        let answer = self.get("viewer", path).await;
        let items = answer.body["items"].as_array().cloned().unwrap_or_default();
        assert_eq!(items.len(), 1, "{path} answered {answer:?}");
        let id = items[0]["id"].as_str().expect("an id");
        self.get("viewer", &format!("/v1/customers/{id}"))
            .await
            .body
    }

    /// Every e-mail sent, oldest first.
    pub async fn mailbox(&self) -> Vec<Value> {
        self.list("/_local/mailbox").await
    }

    /// What was given up.
    pub async fn dead_letters(&self) -> Vec<Value> {
        self.list("/_local/dead-letters").await
    }

    async fn list(&self, path: &str) -> Vec<Value> {
        let request = Request::builder()
            .uri(path)
            .body(Vec::new())
            .expect("a request");
        self.send(request)
            .await
            .body
            .as_array()
            .cloned()
            .expect("a list")
    }
}
