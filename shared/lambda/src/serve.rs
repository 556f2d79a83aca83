//! The start of a function and the loop around its handler.

use std::io;

use aws_types::SdkConfig;
use jiff::Timestamp;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::{Failure, Metrics, Variables, logs, sdk_config};

/// Sets up logging, and returns what a function's clients and settings are made from.
///
/// # Errors
///
/// A [`VariableError`](crate::VariableError), naming the variable.
pub fn start() -> Result<(SdkConfig, Variables), Failure> {
    let variables = Variables::from_env();
    logs::set_up(&variables)?;
    Ok((sdk_config(&variables)?, variables))
}

/// The time now: the only clock that functions read, once an invocation.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// Hands each invocation's event to `handler` for as long as Lambda keeps the process.
///
/// `function` names it in its metrics, which are written after each invocation,
/// successful or not. An error is logged and reported to Lambda with its
/// causes; a panic is reported too, but takes its metrics with it. Either way
/// the next invocation is handled.
///
/// # Errors
///
/// When the Lambda runtime itself cannot be reached.
pub async fn serve<E, R>(
    function: &'static str,
    handler: impl AsyncFn(Timestamp, &mut Metrics, E) -> Result<R, Failure>,
) -> Result<(), lambda_runtime::Error>
where
    E: DeserializeOwned,
    R: Serialize,
{
    let handler = &handler;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let mut metrics = Metrics::new(function);
        let now = now();
        let outcome = match read(&event.payload) {
            // Boxed: the type of all a function does is too deep for the compiler.
            Ok(event) => Box::pin(handler(now, &mut metrics, event)).await,
            Err(unreadable) => Err(unreadable.into()),
        };
        // A lost metric is no reason to do the work again.
        metrics.flush(now, io::stdout()).ok();
        outcome
    }))
    .await
}

/// The event was not made for this function: its trigger is wired wrongly.
#[derive(Debug, thiserror::Error)]
#[error("the event is not of the kind this function takes ({kind:?} at column {column})")]
struct UnreadableEvent {
    kind: serde_json::error::Category,
    column: usize,
}

/// Reads the event here rather than in the Lambda runtime, which would log the
/// parser's own words: they can quote the event.
fn read<E: DeserializeOwned>(event: &RawValue) -> Result<E, UnreadableEvent> {
    serde_json::from_str(event.get()).map_err(|error| UnreadableEvent {
        kind: error.classify(),
        column: error.column(),
    })
}
