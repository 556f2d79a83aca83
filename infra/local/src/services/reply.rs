//! What a service answers over the wire: a body, or an error the SDK can name.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};

use super::ServiceError;

/// An HTTP answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
    headers: Vec<(&'static str, String)>,
}

impl Reply {
    /// Success, with the operation's output.
    pub(crate) fn ok(body: &Value) -> Self {
        Self::with_body(200, body.to_string())
    }

    /// An answer whose body is written already.
    pub(crate) fn with_body(status: u16, body: String) -> Self {
        Self {
            status,
            body,
            headers: Vec::new(),
        }
    }

    pub(crate) fn is_success(&self) -> bool {
        self.status < 300
    }

    pub(crate) fn into_http(self) -> HttpResponse {
        let status = StatusCode::try_from(self.status).expect("only valid statuses are answered");
        let mut response = HttpResponse::new(status, SdkBody::from(self.body));
        let headers = response.headers_mut();
        headers.insert("content-type", "application/x-amz-json-1.0");
        for (name, value) in self.headers {
            headers.insert(name, value);
        }
        response
    }
}

/// A request a service refuses, with the code AWS gives for it.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    /// The code of the older query protocol, which SQS clients read instead.
    query_code: Option<&'static str>,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            query_code: None,
            message: message.into(),
        }
    }

    /// The client asked for something that can never work.
    pub(crate) fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    pub(crate) fn query_code(mut self, code: &'static str) -> Self {
        self.query_code = Some(code);
        self
    }

    /// The request names an operation that this service does not have here.
    pub(crate) fn unknown_operation(operation: &str) -> Self {
        let message = format!("the local system does not know the operation {operation}");
        Self::bad("UnknownOperationException", message)
    }
}

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Self {
        Self::new(500, "InternalFailure", error.to_string())
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        // Both spellings of the message: the services do not agree on one.
        let body = json!({
            "__type": refusal.code,
            "message": refusal.message,
            "Message": refusal.message,
        });
        let mut headers = vec![("x-amzn-errortype", refusal.code.to_owned())];
        if let Some(code) = refusal.query_code {
            headers.push(("x-amzn-query-error", format!("{code};Sender")));
        }
        Self {
            status: refusal.status,
            body: body.to_string(),
            headers,
        }
    }
}

/// The outcome of an operation as the wire has it.
pub(crate) fn answer(outcome: Result<Value, Refusal>) -> Reply {
    match outcome {
        Ok(body) => Reply::ok(&body),
        Err(refusal) => refusal.into(),
    }
}

/// The request's body; an empty one reads as an empty object.
pub(crate) fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body)
        .map_err(|error| Refusal::bad("SerializationException", error.to_string()))
}
