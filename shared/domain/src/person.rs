//! A person over several nodes: what they come to together.
//!
//! Facts never move. A person's totals are the sum of its nodes' totals, with
//! the version of each node they were summed from, so that a sum that missed
//! a change can be told.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::care::Care;
use crate::chronicle::Chronicle;
use crate::customer::{Node, Profile};
use crate::identity::{Email, NodeId, Phone};
use crate::segment::Assessment;
use crate::totals::Totals;

/// Most different e-mail addresses, and most telephones, of a person.
const MOST_OF_A_KIND: usize = 5;

/// Whether two persons, each given by its nodes, may become one by themselves:
/// no shop knows both of them by an id, and together they have at most five
/// addresses of each other kind (DOMAIN section 7). Beyond that a join is only
/// worth suggesting. What one of them has too much of already is no reason.
#[must_use]
pub fn may_join(one: &[&Node], other: &[&Node]) -> bool {
    fn shops<'n>(nodes: &[&'n Node]) -> BTreeSet<(&'n str, &'n str)> {
        let living = nodes.iter().filter(|node| node.deleted.is_none());
        let ids = living.filter_map(|node| node.external_id.as_ref());
        ids.map(|id| (id.source(), id.shop())).collect()
    }
    fn fits<T: Ord>(one: &BTreeSet<T>, other: &BTreeSet<T>) -> bool {
        let most = one.len().max(other.len()).max(MOST_OF_A_KIND);
        one.union(other).count() <= most
    }
    fn emails<'n>(nodes: &[&'n Node]) -> BTreeSet<&'n Email> {
        nodes
            .iter()
            .filter_map(|node| node.profile.email.as_ref())
            .collect()
    }
    fn phones<'n>(nodes: &[&'n Node]) -> BTreeSet<&'n Phone> {
        nodes
            .iter()
            .filter_map(|node| node.profile.phone.as_ref())
            .collect()
    }
    shops(one).is_disjoint(&shops(other))
        && fits(&emails(one), &emails(other))
        && fits(&phones(one), &phones(other))
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
    /// All their cases and bills.
    #[serde(default, skip_serializing_if = "Care::is_empty")]
    pub care: Care,
    /// Whether one of the nodes is ranked by value, and so the person.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ranked: bool,
    /// Time carried by the latest event that changed it.
    pub touched_at: Timestamp,
    /// The assessment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessment: Option<Assessment>,
    /// How the assessment came about.
    #[serde(default, skip_serializing_if = "Chronicle::is_empty")]
    pub chronicle: Chronicle,
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
            care: root.care.clone(),
            ranked: root.is_ranked(),
            touched_at: root.touched_at,
            assessment: root.assessment.clone(),
            chronicle: root.chronicle.carried_over(),
        }
    }

    /// Sums the nodes anew.
    pub fn sum(&mut self, nodes: &[Node]) {
        self.totals = Totals::default();
        self.care = Care::default();
        self.ranked = nodes.iter().any(Node::is_ranked);
        self.members.clear();
        for node in nodes {
            self.totals.absorb(&node.totals);
            self.care.absorb(&node.care);
            self.members.insert(node.id.clone(), node.version);
            self.touched_at = self.touched_at.max(node.touched_at);
        }
    }
}

/// The profile by which a person of these nodes is written to: the one told
/// last among those with an e-mail address, by the rule that also decides
/// inside a node. None when no node has an address.
#[must_use]
pub fn addressee(nodes: &[Node]) -> Option<&Profile> {
    let reachable = nodes.iter().filter(|node| node.profile.email.is_some());
    let latest = reachable.max_by_key(|node| (node.told, &node.id))?;
    Some(&latest.profile)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer::{CustomerFact, ProfileStamp};
    use crate::identity::Email;
    use crate::stamp::Stamp;

    fn node(id: &str, email: Option<&str>, whole: bool, digest: u64) -> Node {
        let mut node = Node::new(NodeId::parse(id).unwrap(), None, Timestamp::UNIX_EPOCH);
        let stamp = Stamp {
            updated_at: None,
            triggered_at: None,
            rank: 0,
            digest,
        };
        node.tell(&CustomerFact {
            id: None,
            told: ProfileStamp { whole, stamp },
            profile: Profile {
                email: email.map(|email| Email::parse(email).unwrap()),
                ..Profile::default()
            },
        });
        node
    }

    fn address(nodes: &[Node]) -> Option<&str> {
        addressee(nodes)?.email.as_ref().map(Email::as_str)
    }

    #[test]
    fn the_address_told_last_is_used_whatever_the_order_of_the_nodes() {
        let mut nodes = [
            node("aaaaaaaa", Some("ada@example.com"), true, 1),
            node("bbbbbbbb", Some("ada@new.example"), true, 2),
            node("cccccccc", Some("ada@guest.example"), false, 9),
            node("dddddddd", None, true, 8),
        ];
        assert_eq!(address(&nodes), Some("ada@new.example"));
        nodes.reverse();
        assert_eq!(address(&nodes), Some("ada@new.example"));
    }

    #[test]
    fn nobody_is_written_to_without_an_address() {
        assert_eq!(address(&[node("aaaaaaaa", None, true, 1)]), None);
        assert_eq!(address(&[]), None);
    }
}
