//! A case as the API shows it.

use crm_domain::case::{Case, CaseStatus, Clock, Priority};
use crm_domain::identity::{ExternalId, NodeId};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Case")]
pub(super) struct CaseView<'a> {
    id: &'a str,
    customer_id: &'a NodeId,
    order_id: Option<&'a ExternalId>,
    subject: &'a str,
    priority: Priority,
    status: CaseStatus,
    version: u64,
    opened_at: Timestamp,
    /// When it was resolved or closed, while it is.
    ended_at: Option<Timestamp>,
    escalation_level: u8,
    first_response: FirstResponse,
}

/// Times of the first-response clock: when it is to happen, and when it did.
#[derive(Serialize, JsonSchema)]
struct FirstResponse {
    warn_at: Timestamp,
    due_at: Timestamp,
    warned_at: Option<Timestamp>,
    breached_at: Option<Timestamp>,
    met_at: Option<Timestamp>,
    stopped_at: Option<Timestamp>,
    settings: u64,
}

impl<'a> CaseView<'a> {
    pub(super) fn of(case: &'a Case) -> Self {
        Self {
            id: &case.id,
            customer_id: &case.node,
            order_id: case.order.as_ref(),
            subject: &case.subject,
            priority: case.priority,
            status: case.status,
            version: case.version,
            opened_at: case.opened_at,
            ended_at: case.ended_at,
            escalation_level: case.first_response.escalation_level(),
            first_response: FirstResponse::of(&case.first_response),
        }
    }
}

impl FirstResponse {
    fn of(clock: &Clock) -> Self {
        Self {
            warn_at: clock.warn_at,
            due_at: clock.due_at,
            warned_at: clock.warned_at,
            breached_at: clock.breached_at,
            met_at: clock.met_at,
            stopped_at: clock.stopped_at,
            settings: clock.settings,
        }
    }
}
