//! A customer as far as an evaluation looks at it.

use super::{Assessment, Subject};
use crate::care::Care;
use crate::customer::Node;
use crate::field::{ACQUISITION_SOURCE, Said};
use crate::identity::NodeId;
use crate::person::Person;
use crate::totals::Totals;

/// What measuring everyone takes of a node or of a person of several: a third
/// of what is kept. Whoever is something else than before is read whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance {
    /// The node, or the root of the person.
    pub id: NodeId,
    /// Whether it is a node of a person of several, whose record tells of it.
    pub joined: bool,
    /// Whether it changed since it was assessed.
    pub stale: bool,
    /// What its orders come to.
    pub totals: Totals,
    /// Its cases and bills.
    pub care: Care,
    /// Whether it is one of those who are ranked by value.
    pub ranked: bool,
    /// What was said last of how it was won. Labels, which may say it too, are
    /// no part of a glance.
    pub source: Option<Box<Said>>,
    /// What it was found to be.
    pub assessment: Option<Assessment>,
}

impl Glance {
    /// Whom an evaluation of it is about.
    #[must_use]
    pub fn subject(&self) -> Subject<'_> {
        Subject {
            totals: &self.totals,
            care: &self.care,
            ranked: self.ranked,
            source: None,
        }
    }
}

impl From<Node> for Glance {
    fn from(node: Node) -> Self {
        Self {
            ranked: node.is_ranked(),
            source: node.fields.get(ACQUISITION_SOURCE).cloned().map(Box::new),
            joined: node.root.is_some(),
            id: node.id,
            stale: node.stale,
            totals: node.totals,
            care: node.care,
            assessment: node.assessment,
        }
    }
}

impl From<Person> for Glance {
    fn from(person: Person) -> Self {
        Self {
            id: person.id,
            joined: false,
            // Its nodes say so.
            stale: false,
            totals: person.totals,
            care: person.care,
            ranked: person.ranked,
            source: person.source,
            assessment: person.assessment,
        }
    }
}
