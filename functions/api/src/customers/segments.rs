//! The named segments a customer is in, and what was decided about them by
//! hand.

use std::collections::BTreeSet;

use crm_domain::named::{Placed, SegmentId, decided};
use crm_store::{Consistency, PersonRecord, Store, StoreError};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// The customer's named segments, in the order in which these were made.
#[derive(Serialize, JsonSchema)]
pub(super) struct SegmentsPart {
    named_segments: Vec<NamedView>,
}

/// A named segment the customer is in, or was left out of by hand.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CustomerNamedSegment")]
struct NamedView {
    id: SegmentId,
    name: String,
    /// Whether the customer is in it.
    member: bool,
    /// What was decided by hand; null where the condition decides.
    placed: Option<Placed>,
    placed_at: Option<Timestamp>,
}

impl SegmentsPart {
    /// Whoever is in none, and was left out of none, costs no read.
    pub(super) async fn of(store: &Store, person: &PersonRecord) -> Result<Self, StoreError> {
        let by_hand = decided(person.nodes());
        let within = person.within();
        if by_hand.is_empty() && within.is_none_or(BTreeSet::is_empty) {
            return Ok(Self {
                named_segments: Vec::new(),
            });
        }
        let named = store.named_read(Consistency::Strong).await?;
        let views = named.segments.into_iter().filter_map(|segment| {
            let placement = by_hand.get(&segment.id);
            let member = within.is_some_and(|within| within.contains(&segment.id));
            (member || placement.is_some()).then(|| NamedView {
                placed: placement.map(|placement| placement.placed),
                placed_at: placement.map(|placement| placement.at),
                id: segment.id,
                name: segment.name,
                member,
            })
        });
        Ok(Self {
            named_segments: views.collect(),
        })
    }
}
