//! A person over several nodes: what they come to together.
//!
//! Facts never move. A person's totals are the sum of its nodes' totals, with
//! the version of each node they were summed from, so that a sum that missed
//! a change can be told.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::customer::Node;
use crate::identity::NodeId;
use crate::segment::Assessment;
use crate::totals::Totals;

/// The root record of a person of several nodes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The id of its root node, by which the person is known.
    pub id: NodeId,
    /// Counts writes; every write names the one it read.
    #[serde(rename = "v")]
    pub version: u64,
    /// Its nodes, the root among them, each with the version summed last.
    pub members: BTreeMap<NodeId, u64>,
    /// The sum of its nodes' totals at those versions.
    #[serde(default)]
    pub totals: Totals,
    /// Time carried by the latest event that changed it.
    pub touched_at: Timestamp,
    /// The assessment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessment: Option<Assessment>,
}

impl Person {
    /// A person that begins with `root`, its assessment carried over.
    #[must_use]
    pub fn of(root: &Node) -> Self {
        Self {
            id: root.id.clone(),
            version: 0,
            members: BTreeMap::from([(root.id.clone(), root.version)]),
            totals: root.totals.clone(),
            touched_at: root.touched_at,
            assessment: root.assessment.clone(),
        }
    }

    /// Sums the nodes anew.
    pub fn sum(&mut self, nodes: &[Node]) {
        self.totals = Totals::default();
        self.members.clear();
        for node in nodes {
            self.totals.absorb(&node.totals);
            self.members.insert(node.id.clone(), node.version);
            self.touched_at = self.touched_at.max(node.touched_at);
        }
    }
}
