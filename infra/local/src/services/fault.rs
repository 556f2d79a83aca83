//! Faults of the network and of AWS, put in at the seam where every call passes.

use aws_smithy_runtime_api::client::result::ConnectorError;
use serde_json::{Value, json};

use super::reply::{Refusal, Reply};

/// What becomes of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It goes through.
    None,
    /// The service refuses it for now, unapplied, as each service words it.
    Throttle,
    /// The service fails with a 500; nothing was applied.
    ServerError,
    /// A transaction meets another one and is cancelled; other operations go through.
    Conflict,
    /// The first entry of a batch of several fails, the others go through, and the call succeeds.
    FailFirstEntry,
    /// It is applied, and the connection breaks before the reply arrives.
    DropReplyAfterApplying,
    /// The connection breaks before the request is sent.
    ConnectError,
}

pub(crate) fn connection_broke() -> ConnectorError {
    ConnectorError::io("connection reset by peer".into())
}

/// The reply of `service` to a call that it does not even look at, if `fault` is of that kind.
pub(crate) fn reply(fault: Fault, service: &str, operation: &str, body: &[u8]) -> Option<Reply> {
    match fault {
        Fault::Throttle => Some(throttled(service).into()),
        Fault::ServerError => Some(broken(service).into()),
        Fault::Conflict if operation.starts_with("Transact") => Some(conflict(body)),
        _ => None,
    }
}

fn throttled(service: &str) -> Refusal {
    let (status, code) = match service {
        "sqs" => (403, "RequestThrottled"),
        "ses" => (429, "TooManyRequestsException"),
        "scheduler" => (429, "ThrottlingException"),
        _ => (400, "ThrottlingException"),
    };
    Refusal::new(status, code, "Rate exceeded")
}

fn broken(service: &str) -> Refusal {
    let code = match service {
        "dynamodb" => "InternalServerError",
        "events" => "InternalException",
        "secretsmanager" => "InternalServiceError",
        "scheduler" => "InternalServerException",
        _ => "InternalFailure",
    };
    Refusal::new(
        500,
        code,
        "We encountered an internal error. Please try again.",
    )
}

/// A transaction cancelled because of another one: every item says so, as none can be singled out.
fn conflict(body: &[u8]) -> Reply {
    let items = serde_json::from_slice::<Value>(body)
        .ok()
        .and_then(|body| body["TransactItems"].as_array().map(Vec::len))
        .unwrap_or(1);
    let reason = json!({
        "Code": "TransactionConflict",
        "Message": "Transaction is ongoing for the item",
    });
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict]",
        "CancellationReasons": vec![reason; items],
    });
    Reply::with_body(400, body.to_string())
}
