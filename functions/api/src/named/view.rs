//! Named segments and their members as the API shows them.

use crm_domain::condition::Condition;
use crm_domain::named::{NamedSegment, NamedSegments, Placed, SegmentId};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::customers::Customer;

/// A named segment.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NamedSegment")]
pub(super) struct SegmentView {
    id: SegmentId,
    version: u64,
    name: String,
    condition: Condition,
    created_at: Timestamp,
    created_by: String,
    changed_at: Timestamp,
    changed_by: String,
    /// How many are in it, where that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<u64>,
}

/// Every named segment, in the order in which they were made.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NamedSegmentList")]
pub(super) struct List {
    items: Vec<SegmentView>,
}

/// A page of members.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NamedSegmentMembers")]
pub(super) struct Members {
    /// How many are in it altogether; on its first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) count: Option<u64>,
    pub(super) items: Vec<Member>,
    pub(super) cursor: Option<String>,
}

/// A member.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NamedSegmentMember")]
pub(super) struct Member {
    #[serde(flatten)]
    pub(super) customer: Customer,
    /// Whether by hand; null where the condition decides.
    pub(super) placed: Option<Placed>,
}

/// What was decided of a customer by hand.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NamedSegmentPlaced")]
pub(super) struct PlacedView {
    pub(super) segment: SegmentId,
    pub(super) customer: String,
    /// Null where the condition decides.
    pub(super) placed: Option<Placed>,
}

impl List {
    pub(super) fn of(named: &NamedSegments) -> Self {
        Self {
            items: named.segments.iter().map(SegmentView::of).collect(),
        }
    }
}

impl SegmentView {
    pub(super) fn of(segment: &NamedSegment) -> Self {
        Self {
            id: segment.id.clone(),
            version: segment.version,
            name: segment.name.clone(),
            condition: segment.condition.clone(),
            created_at: segment.created_at,
            created_by: segment.created_by.clone(),
            changed_at: segment.changed_at,
            changed_by: segment.changed_by.clone(),
            members: None,
        }
    }

    pub(super) fn with_members(self, members: u64) -> Self {
        Self {
            members: Some(members),
            ..self
        }
    }
}
