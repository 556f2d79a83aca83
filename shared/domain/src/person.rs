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
use crate::consent::{Medium, standing};
use crate::customer::{Node, Past, Profile};
use crate::field::{self, ACQUISITION_SOURCE, Said};
use crate::identity::NodeId;
use crate::named::{Membership, SegmentId};
use crate::segment::Assessment;
use crate::totals::Totals;

/// A person with all that makes it up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PersonRecord {
    /// A node that is a person of its own.
    Single(Box<Node>),
    /// A root and its nodes, in the order of their ids.
    Joined(Box<Person>, Vec<Node>),
}

impl PersonRecord {
    /// The id the person is known by.
    #[must_use]
    pub fn id(&self) -> &NodeId {
        match self {
            Self::Single(node) => &node.id,
            Self::Joined(person, _) => &person.id,
        }
    }

    /// Its nodes.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        match self {
            Self::Single(node) => std::slice::from_ref(node),
            Self::Joined(_, nodes) => nodes,
        }
    }

    /// Whether a node is one of its nodes.
    #[must_use]
    pub fn has(&self, node: &NodeId) -> bool {
        self.nodes().iter().any(|own| own.id == *node)
    }

    /// Whether everyone it was made of was forgotten: it is money, and nobody.
    #[must_use]
    pub fn is_forgotten(&self) -> bool {
        self.nodes().iter().all(|node| node.redacted.is_some())
    }

    /// The assessment, once made.
    #[must_use]
    pub fn assessment(&self) -> Option<&Assessment> {
        match self {
            Self::Single(node) => node.assessment.as_ref(),
            Self::Joined(person, _) => person.assessment.as_ref(),
        }
    }

    /// The named segments it is in, if any.
    #[must_use]
    pub fn within(&self) -> Option<&BTreeSet<SegmentId>> {
        let named = match self {
            Self::Single(node) => node.named.as_ref(),
            Self::Joined(person, _) => person.named.as_ref(),
        };
        named.map(|named| &named.within)
    }

    /// What all its nodes come to.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for node in self.nodes() {
            totals.absorb(&node.totals);
        }
        totals
    }
}

/// One join that makes nodes one person. A person of so many nodes has one
/// join fewer: they are the branches of a tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Id of the merge.
    pub merge: String,
    /// When.
    pub at: Timestamp,
    /// The node that it joined the other to.
    pub kept: NodeId,
    /// The node that was joined.
    pub joined: NodeId,
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
    /// The joins that hold it together, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// All their cases and bills.
    #[serde(default, skip_serializing_if = "Care::is_empty")]
    pub care: Care,
    /// Whether one of the nodes is ranked by value, and so the person.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ranked: bool,
    /// What was said last of how the person was won.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Box<Said>>,
    /// Time carried by the latest event that changed it.
    pub touched_at: Timestamp,
    /// The assessment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessment: Option<Assessment>,
    /// How the assessment came about.
    #[serde(default, skip_serializing_if = "Chronicle::is_empty")]
    pub chronicle: Chronicle,
    /// The named segments it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named: Option<Box<Membership>>,
}

impl Person {
    /// A person that begins with `root`, its assessment carried over. Where
    /// there was one of that root before, its record goes on.
    #[must_use]
    pub fn of(root: &Node) -> Self {
        let begun = root.chronicle.carried_over();
        let (version, chronicle) = match &root.past {
            Some(past) => (past.version, past.chronicle.clone().continued_by(&begun)),
            None => (0, begun),
        };
        Self {
            id: root.id.clone(),
            version,
            members: BTreeMap::from([(root.id.clone(), root.version)]),
            totals: root.totals.clone(),
            links: Vec::new(),
            care: root.care.clone(),
            ranked: root.is_ranked(),
            source: said_source(std::slice::from_ref(root)),
            touched_at: root.touched_at,
            assessment: root.assessment.clone(),
            chronicle,
            named: None,
        }
    }

    /// What is left of it when its record goes.
    #[must_use]
    pub fn past(&self) -> Past {
        Past {
            version: self.version,
            chronicle: self.chronicle.clone(),
        }
    }

    /// Sums the nodes anew.
    pub fn sum(&mut self, nodes: &[Node]) {
        self.totals = Totals::default();
        self.care = Care::default();
        self.ranked = nodes.iter().any(Node::is_ranked);
        self.source = said_source(nodes);
        self.members.clear();
        for node in nodes {
            self.totals.absorb(&node.totals);
            self.care.absorb(&node.care);
            self.members.insert(node.id.clone(), node.version);
            self.touched_at = self.touched_at.max(node.touched_at);
        }
    }
}

/// What was said last of how a person of these nodes was won.
fn said_source(nodes: &[Node]) -> Option<Box<Said>> {
    let fields = nodes.iter().map(|node| &*node.fields);
    field::latest(fields, ACQUISITION_SOURCE)
        .cloned()
        .map(Box::new)
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

/// Whether a person of these nodes may be sent marketing by a medium: the
/// latest dated decision over all of them is a yes (DOMAIN section 7).
#[must_use]
pub fn wants_marketing(nodes: &[Node], medium: Medium) -> bool {
    let consents = nodes.iter().map(|node| &node.consents);
    standing(consents, medium).is_some_and(|now| now.state.is_yes())
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
            consents: Vec::new(),
            tags: None,
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
