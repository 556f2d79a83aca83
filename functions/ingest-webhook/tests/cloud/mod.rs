//! A queue and a secrets manager that answer in process.

use std::sync::{Arc, Mutex, MutexGuard};

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use crm_lambda::{Metrics, Variables};
use crm_sources::Delivery;
use ingest_webhook::Function;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// How a service behaves.
#[derive(Debug, Clone, Copy, Default)]
pub enum Mood {
    #[default]
    Well,
    /// Answers with this status and error code.
    Fails(u16, &'static str),
    /// Answers 200, with nothing in it.
    Empty,
    /// Does not take the connection.
    Unreachable,
}

#[derive(Debug, Default)]
pub struct State {
    /// The shop's secret, newest first.
    pub secrets: Vec<String>,
    pub secrets_mood: Mood,
    pub queue_mood: Mood,
    /// Message bodies in the queue.
    pub queued: Vec<String>,
    pub secrets_asked: usize,
}

/// Shared between the clients and the test.
#[derive(Debug, Clone, Default)]
pub struct Cloud(Arc<Mutex<State>>);

impl Cloud {
    pub fn with_secret(secret: &str) -> Self {
        let cloud = Self::default();
        cloud.state().secrets = vec![secret.to_owned()];
        cloud
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub fn function(&self) -> Function {
        let variables: Variables = [
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "AKIAADA"),
            ("AWS_SECRET_ACCESS_KEY", "adas-key"),
            ("INGEST_QUEUE_URL", "https://sqs.test/ingest"),
            ("SHOPIFY_SECRET_ID", "shopify"),
            ("IMPORT_SECRET_ID", "import"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into_iter()
        .collect();
        let sdk = crm_lambda::sdk_config(&variables).unwrap().into_builder();
        let sdk = sdk.http_client(self.clone());
        let sdk = sdk.retry_config(RetryConfig::disabled()).build();
        Function::new(&sdk, &variables).unwrap()
    }

    /// The deliveries in the queue.
    pub fn deliveries(&self) -> Vec<Delivery> {
        let state = self.state();
        let bodies = state.queued.iter();
        bodies
            .map(|body| serde_json::from_str(body).unwrap())
            .collect()
    }

    fn answer(&self, request: &HttpRequest) -> Result<(u16, Value), ConnectorError> {
        let asked: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        let mut state = self.state();
        let is_queue = request.headers().get("x-amz-target") == Some("AmazonSQS.SendMessage");
        let mood = if is_queue {
            state.queue_mood
        } else {
            state.secrets_asked += 1;
            state.secrets_mood
        };
        match mood {
            Mood::Well if is_queue => Ok((200, state.take(&asked))),
            Mood::Well => Ok(state.secret(&asked)),
            Mood::Fails(status, code) => Ok((status, json!({"__type": code, "message": "no"}))),
            Mood::Empty => Ok((200, json!({}))),
            Mood::Unreachable => Err(ConnectorError::io("connection refused".into())),
        }
    }
}

impl State {
    fn take(&mut self, asked: &Value) -> Value {
        assert_eq!(asked["QueueUrl"], "https://sqs.test/ingest");
        let body = asked["MessageBody"].as_str().unwrap();
        self.queued.push(body.to_owned());
        json!({"MessageId": format!("message-{}", self.queued.len())})
    }

    fn secret(&self, asked: &Value) -> (u16, Value) {
        let place = usize::from(asked["VersionStage"] == "AWSPREVIOUS");
        match self.secrets.get(place) {
            Some(secret) => (200, json!({"SecretString": secret})),
            None => (400, json!({"__type": "ResourceNotFoundException"})),
        }
    }
}

impl HttpConnector for Cloud {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(self.answer(&request).map(|(status, body)| {
            let status = status.try_into().unwrap();
            HttpResponse::new(status, SdkBody::from(body.to_string()))
        }))
    }
}

impl HttpClient for Cloud {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// A moment, so many seconds after the tests begin.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_700_000_000 + seconds)
}

/// A webhook of Ada's shop, signed with `secret`.
pub fn webhook(secret: &str, body: &str) -> Value {
    let signature = crm_sources::door::sign(secret.as_bytes(), body.as_bytes());
    json!({
        "version": "2.0",
        "routeKey": "POST /webhooks/{source}",
        "rawPath": "/webhooks/shopify",
        "rawQueryString": "",
        "headers": {
            "content-type": "application/json",
            "x-shopify-hmac-sha256": signature,
            "x-shopify-topic": "orders/create",
            "x-shopify-shop-domain": "ada.myshopify.com",
            "x-shopify-api-version": "2025-07",
            "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
            "x-shopify-event-id": "98880550-7158-44d4-b7cd-2c97c8a091b5",
            "x-shopify-triggered-at": "2026-01-02T03:04:05.123456789Z",
        },
        "requestContext": {"http": {"method": "POST", "path": "/webhooks/shopify"}},
        "pathParameters": {"source": "shopify"},
        "body": body,
        "isBase64Encoded": false,
    })
}

/// What the function answers, and what it counted.
pub async fn post(
    function: &Function,
    now: Timestamp,
    event: Value,
) -> (ApiGatewayV2httpResponse, Metrics) {
    let event: ApiGatewayV2httpRequest = serde_json::from_value(event).unwrap();
    let mut metrics = Metrics::new("ingest_webhook");
    let response = function.handle(now, &mut metrics, event).await.unwrap();
    (response, metrics)
}

/// As [`post`], the status only.
pub async fn status(function: &Function, event: Value) -> i64 {
    post(function, at(0), event).await.0.status_code
}
