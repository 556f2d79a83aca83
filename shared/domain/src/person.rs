//! A person over several nodes: what they come to together.
//!
//! Facts never move. A person's totals are the sum of its nodes' totals, with
//! the version of each node they were summed from, so that a sum that missed
//! a change can be told.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::customer::Node;
use crate::identity::NodeId;
use crate::segment::Assessment;
use crate::totals::Totals;

/// Most different e-mail addresses, and most telephones, of a person.
const MOST_OF_A_KIND: usize = 5;

/// Whether two groups of nodes may become one person by themselves: it would
/// have at most one customer id of each shop and five addresses of each other
/// kind (DOMAIN section 7). Beyond that a join is only worth suggesting.
#[must_use]
pub fn may_join<'a>(nodes: impl Iterator<Item = &'a Node> + Clone) -> bool {
    let ids = nodes.clone().filter_map(|node| node.external_id.as_ref());
    let mut shops = BTreeSet::new();
    let one_id_a_shop = ids
        .map(|id| (id.source(), id.shop()))
        .all(|shop| shops.insert(shop));
    let emails: BTreeSet<_> = nodes
        .clone()
        .filter_map(|n| n.profile.email.as_ref())
        .collect();
    let phones: BTreeSet<_> = nodes.filter_map(|n| n.profile.phone.as_ref()).collect();
    one_id_a_shop && emails.len() <= MOST_OF_A_KIND && phones.len() <= MOST_OF_A_KIND
}

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
