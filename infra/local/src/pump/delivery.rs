//! Handing events of the bus and firings of schedules to their targets.
//!
//! A queue takes an event or does not. A function is invoked and nobody waits for its answer: the
//! event counts as delivered, Lambda tries it as often as the function is configured for, and then it
//! goes to the function's own failure destination.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>

use jiff::Timestamp;
use serde_json::{Value, json};

use super::PumpError;
use super::context::Context;
use crate::services::Destination;
use crate::services::deliveries::{AfterFailure, Delivery};
use crate::services::queues::Outgoing;
use crate::template::{Function, Wiring};

/// Hands over everything due at `at`; tells whether there was anything.
pub(super) async fn turn(
    context: &Context,
    wiring: &Wiring,
    at: Timestamp,
) -> Result<bool, PumpError> {
    let deliveries = context.services.deliveries().take(at)?;
    let worked = !deliveries.is_empty();
    for delivery in deliveries {
        hand_over(context, wiring, delivery).await?;
    }
    Ok(worked)
}

async fn hand_over(
    context: &Context,
    wiring: &Wiring,
    delivery: Delivery,
) -> Result<(), PumpError> {
    let now = context.services.clock().now();
    context.counts.note(&delivery.origin, |counts| {
        counts.invocations += 1;
        counts.records += 1;
    });
    let taken = match &delivery.destination {
        Destination::Queue(queue) => {
            let message = Outgoing::of(&*delivery.payload);
            let sent = context.services.queues().send(queue, &message, now);
            sent.map(drop).map_err(|error| error.to_string())
        }
        Destination::Function(name) => {
            let of_name = |function: &&Function| &function.name == name;
            match wiring.functions.values().find(of_name) {
                Some(function) => invoke(context, function, &delivery).await.map(Ok)?,
                None => Err(format!("there is no function {name}")),
            }
        }
    };
    match taken {
        Ok(()) => context.services.deliveries().delivered(delivery.id)?,
        Err(reason) => failed(context, &delivery, &reason, now)?,
    }
    Ok(())
}

fn failed(
    context: &Context,
    delivery: &Delivery,
    reason: &str,
    now: Timestamp,
) -> Result<(), PumpError> {
    let deliveries = context.services.deliveries();
    let is_over = match deliveries.failed(delivery.id, reason, now)? {
        AfterFailure::Again(_) => false,
        AfterFailure::Dead(_) => true,
        AfterFailure::Gone => {
            tracing::error!(
                origin = delivery.origin,
                reason,
                "an event is lost: no dead letters"
            );
            true
        }
    };
    context.counts.note(&delivery.origin, |counts| {
        counts.failures += 1;
        counts.retries += u64::from(!is_over);
        counts.given_up += u64::from(is_over);
    });
    Ok(())
}

/// Invokes a function until it succeeds or its retries are used up.
async fn invoke(
    context: &Context,
    function: &Function,
    delivery: &Delivery,
) -> Result<(), PumpError> {
    let payload = serde_json::from_str(&delivery.payload)
        .unwrap_or_else(|_| Value::String(delivery.payload.clone()));
    let tries = function.unanswered.retries + 1;
    let mut error = String::new();
    for number in 1..=tries {
        let now = context.services.clock().now();
        match context
            .functions
            .invoke(&function.id, now, payload.clone())
            .await
        {
            Ok(_) => return Ok(()),
            Err(reason) => error = reason,
        }
        tracing::warn!(function.id, error, "an event failed");
        context.counts.note(&delivery.origin, |counts| {
            counts.failures += 1;
            counts.retries += u64::from(number < tries);
        });
    }
    context
        .counts
        .note(&delivery.origin, |counts| counts.given_up += 1);
    bury(context, function, &payload, tries, &error)
}

/// Sends an event that never succeeded to the function's failure destination.
fn bury(
    context: &Context,
    function: &Function,
    payload: &Value,
    tries: u32,
    error: &str,
) -> Result<(), PumpError> {
    let Some(queue) = &function.unanswered.dead_letters else {
        tracing::error!(
            function.id,
            error,
            "an event is lost: no failure destination"
        );
        return Ok(());
    };
    let now = context.services.clock().now();
    let letter = json!({
        "version": "1.0",
        "timestamp": now.to_string(),
        "requestContext": {
            "functionArn": function.arn(),
            "condition": "RetriesExhausted",
            "approximateInvokeCount": tries,
        },
        "requestPayload": payload,
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "responsePayload": { "errorType": "Failure", "errorMessage": error },
    });
    let message = Outgoing::of(letter.to_string());
    context.services.queues().send(queue, &message, now)?;
    Ok(())
}
