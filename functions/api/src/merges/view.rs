//! Merges as the API shows them.

use std::collections::BTreeSet;

use crm_domain::identity::NodeId;
use crm_domain::merge::{By, Exceeded, LimitKind, Merge, Preview, Side};
use crm_domain::settings::Settings;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::customers::Customer;

/// A merge, and how it ended.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Merge")]
pub(crate) struct MergeView {
    id: String,
    at: Timestamp,
    by: By,
    caller: Option<String>,
    kept: SideView,
    joined: SideView,
    undone: Option<UndoneView>,
}

/// A customer as merged.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MergeSide")]
struct SideView {
    customer_id: NodeId,
    through: NodeId,
    ids: BTreeSet<NodeId>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MergeUndone")]
struct UndoneView {
    at: Timestamp,
    /// Null where nobody asked: older news showed that the two never went by
    /// their address at one time.
    caller: Option<String>,
    kept_customer_id: NodeId,
    joined_customer_id: NodeId,
}

/// What a merge would make.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MergePreview")]
pub(super) struct PreviewView {
    customer: Customer,
    ids: Vec<NodeId>,
    limits_exceeded: Vec<LimitView>,
    parted_before: bool,
    conflicts: Vec<ConflictView>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MergeLimit")]
struct LimitView {
    of: &'static str,
    shop: Option<String>,
    have: usize,
    most: usize,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MergeConflict")]
struct ConflictView {
    field: &'static str,
    kept: String,
    joined: String,
}

impl MergeView {
    pub(crate) fn of(merge: &Merge) -> Self {
        let undone = merge.undone.clone().map(|undone| UndoneView {
            at: undone.at,
            caller: undone.caller,
            kept_customer_id: undone.people.0,
            joined_customer_id: undone.people.1,
        });
        Self {
            id: merge.id.clone(),
            at: merge.at,
            by: merge.by,
            caller: merge.caller.clone(),
            kept: SideView::of(&merge.kept),
            joined: SideView::of(&merge.joined),
            undone,
        }
    }
}

impl SideView {
    fn of(side: &Side) -> Self {
        Self {
            customer_id: side.person.clone(),
            through: side.through.clone(),
            ids: side.nodes.clone(),
        }
    }
}

impl PreviewView {
    pub(super) fn of(shown: &Preview, settings: &Settings) -> Self {
        let nodes = shown.person.nodes().iter();
        let conflicts = shown.conflicts.iter().map(|conflict| ConflictView {
            field: conflict.field,
            kept: conflict.kept.clone(),
            joined: conflict.joined.clone(),
        });
        Self {
            customer: Customer::of(&shown.person, settings),
            ids: nodes.map(|node| node.id.clone()).collect(),
            limits_exceeded: shown.exceeded.iter().map(LimitView::of).collect(),
            parted_before: shown.parted_before,
            conflicts: conflicts.collect(),
        }
    }
}

impl LimitView {
    fn of(limit: &Exceeded) -> Self {
        let (of, shop) = match &limit.kind {
            LimitKind::ExternalIds { source, shop } => {
                ("external_ids", Some(format!("{source}:{shop}")))
            }
            LimitKind::Emails => ("emails", None),
            LimitKind::Phones => ("phones", None),
            LimitKind::Addresses => ("addresses", None),
        };
        Self {
            of,
            shop,
            have: limit.have,
            most: limit.most,
        }
    }
}
