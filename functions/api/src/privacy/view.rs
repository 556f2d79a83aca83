//! Requests as the API shows them.

use crm_domain::identity::{ExternalId, NodeId};
use crm_domain::named::SegmentId;
use crm_domain::privacy::{Doubt, Kind, Request, State};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// A request, and what became of it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PrivacyRequest")]
pub(super) struct RequestView {
    id: String,
    kind: Kind,
    shop: String,
    /// Null once they are forgotten.
    external_id: Option<ExternalId>,
    customer_id: Option<NodeId>,
    /// Guests who are the same, by the address or an order that was named.
    guest_ids: Vec<NodeId>,
    asked_at: Timestamp,
    received_at: Timestamp,
    due_by: Timestamp,
    state: State,
    doubt: Option<Doubt>,
    nothing_held: bool,
    done_at: Option<Timestamp>,
    done_by: Option<String>,
    letters_removed: u32,
    /// Letters that were given up, are about other customers, and name the person as well:
    /// they wait for whoever mends them.
    letters_of_others: u32,
    /// Named segments whose name or condition names the person: they wait for somebody to change
    /// them.
    named_in: Vec<SegmentId>,
}

impl RequestView {
    pub(super) fn of(request: &Request) -> Self {
        Self {
            id: request.id.clone(),
            kind: request.asks,
            shop: format!("{}:{}", request.source, request.shop),
            external_id: request.customer.clone(),
            customer_id: request.node.clone(),
            guest_ids: request.also.clone(),
            asked_at: request.asked_at,
            received_at: request.received_at,
            due_by: request.due_by,
            state: request.state,
            doubt: request.doubt,
            nothing_held: request.nothing_held,
            done_at: request.done_at,
            done_by: request.done_by.clone(),
            letters_removed: request.letters_removed,
            letters_of_others: request.letters_of_others,
            named_in: request.named_in.clone(),
        }
    }
}
