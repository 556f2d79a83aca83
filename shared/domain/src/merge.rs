//! Two customers who turn out to be one person, and one who turns out to be
//! two (DOMAIN section 7).
//!
//! A merge links the roots of two persons and touches no fact: every node
//! keeps its own orders and totals, also those that come afterwards. So it
//! can be undone at any time: the link goes, and what it held together is
//! two persons again, each of the nodes it reaches by the links that are
//! left. A node that joined later stays with the side it joined through.

mod join;
mod known;
mod limits;
mod part;
mod preview;

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::identity::NodeId;
use crate::segment::Assessment;

pub use join::{CannotJoin, Joined, Occasion, can_join, join};
pub use known::{Known, known_as};
pub use limits::{Exceeded, LimitKind, are_apart, exceeded, may_join, parted_at};
pub use part::{CannotPart, Parted, part, part_unasked};
pub use preview::{Conflict, Preview, preview};

/// Most nodes of a person that joins make: all of them are written in one
/// transaction, which takes a hundred items, and each may move older changes
/// out.
pub const MOST_NODES: usize = 40;

/// What made two persons one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "MergedBy")]
pub enum By {
    /// They go by one e-mail address.
    Email,
    /// The source merged them.
    Source,
    /// A guest's order turned out to be somebody's.
    Guest,
    /// One of the store's people.
    Staff,
}

/// One merge: who was joined with whom, and whether it was undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// Its random id.
    pub id: String,
    /// Counts writes; 0 is not stored yet.
    #[serde(rename = "v")]
    pub version: u64,
    /// When.
    pub at: Timestamp,
    /// What made them one.
    pub by: By,
    /// Where an address made them one: when the later of the two was told to
    /// go by it, by their sources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Timestamp>,
    /// Who decided it: the subject of the token, of one of the store's people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<String>,
    /// The person whose id stayed.
    pub kept: Side,
    /// The person that became part of the other.
    pub joined: Side,
    /// How it ended, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone: Option<Undone>,
}

/// A person as it was when it was merged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The id it was known by.
    pub person: NodeId,
    /// The node whose id was used, or that had something in common with the
    /// other: nodes that join later belong to this side if they reach it.
    pub through: NodeId,
    /// Its nodes.
    pub nodes: BTreeSet<NodeId>,
    /// What it was found to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessment: Option<Assessment>,
}

/// The end of a merge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// When.
    pub at: Timestamp,
    /// Who decided it: the subject of the token. Nobody did where older news
    /// showed that the two never had their address at one time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<String>,
    /// The person of the side that was kept, and the person of the other.
    pub people: (NodeId, NodeId),
}
