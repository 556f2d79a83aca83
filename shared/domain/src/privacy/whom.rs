//! Whom a request is about: the shop's customer, and guests who are the same.

use std::collections::BTreeSet;

use super::Doubt;
use crate::customer::Node;
use crate::identity::NodeId;
use crate::merge::{By, Merge};
use crate::person::PersonRecord;

/// What leads to whom a request is about.
#[derive(Debug, Clone, Default)]
pub struct Leads {
    /// Who goes by the customer's id.
    pub by_id: Option<Node>,
    /// Who goes by the address, and whose the orders are that were named.
    pub others: Vec<Node>,
}

/// Whom a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// Nothing is held of them.
    Nobody,
    /// These: the shop's customer first, then guests.
    Found(Vec<NodeId>),
    /// Perhaps this one, who is known by another id.
    Perhaps(NodeId),
}

impl Leads {
    /// Follows the leads. A guest goes by an address or left an order and has
    /// no id of their own: a shop that names the two speaks of the guest. A
    /// customer with another id is meant only if nobody else is, and then
    /// somebody has to say so. Who was forgotten already is nobody.
    #[must_use]
    pub fn whom(&self) -> Whom {
        let known = |node: &&Node| node.redacted.is_none();
        let by_id = self.by_id.iter().filter(known);
        let others = || self.others.iter().filter(known);
        let guests = others().filter(|node| node.external_id.is_none());
        let mut found: Vec<NodeId> = Vec::new();
        for node in by_id.chain(guests) {
            if !found.contains(&node.id) {
                found.push(node.id.clone());
            }
        }
        if !found.is_empty() {
            return Whom::Found(found);
        }
        let other = others().next();
        other.map_or(Whom::Nobody, |node| Whom::Perhaps(node.id.clone()))
    }
}

impl Whom {
    /// The first, all others, and why somebody has to decide.
    pub(super) fn parts(self) -> (Option<NodeId>, Vec<NodeId>, Option<Doubt>) {
        match self {
            Self::Nobody => (None, Vec::new(), None),
            Self::Perhaps(node) => (Some(node), Vec::new(), Some(Doubt::KnownOtherwise)),
            Self::Found(mut nodes) => {
                let also = nodes.split_off(1.min(nodes.len()));
                (nodes.pop(), also, None)
            }
        }
    }
}

/// Which of the nodes of a person that are asked for are meant, if that is
/// certain.
///
/// All of them are when they are the whole person, and when all others of the
/// person are forgotten already. Of one that the source itself merged into
/// another, that node alone is: the source then asks to forget the one that
/// is gone, never the survivor, and a guest under an address is the survivor's.
///
/// # Errors
///
/// [`Doubt`]: somebody has to decide.
pub fn meant(
    person: &PersonRecord,
    asked: &BTreeSet<&NodeId>,
    merges: &[Merge],
) -> Result<Vec<NodeId>, Doubt> {
    let nodes = || person.nodes().iter();
    let own = || nodes().filter(|node| asked.contains(&node.id));
    let ids = |nodes: Vec<&Node>| nodes.iter().map(|node| node.id.clone()).collect();
    let mut others = nodes().filter(|node| !asked.contains(&node.id));
    if others.all(|other| other.redacted.is_some()) {
        return Ok(ids(own().collect()));
    }
    let is_gone = |node: &Node| {
        // Nodes of older versions are known by their merge alone.
        let by_source = |merge: &&Merge| merge.by == By::Source && merge.undone.is_none();
        let mut by_source = merges.iter().filter(by_source);
        node.merged_away || by_source.any(|merge| merge.joined.through == node.id)
    };
    let registered: Vec<_> = own().filter(|node| node.external_id.is_some()).collect();
    if !registered.is_empty() && registered.iter().all(|node| is_gone(node)) {
        return Ok(ids(registered));
    }
    Err(Doubt::JoinedWithOthers)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::identity::ExternalId;

    fn node(id: &str, external_id: Option<&str>) -> Node {
        let external_id = external_id.map(|id| ExternalId::parse(id).unwrap());
        Node::new(
            NodeId::parse(id).unwrap(),
            external_id,
            Timestamp::UNIX_EPOCH,
        )
    }

    fn found(by_id: Option<Node>, others: &[Node]) -> Whom {
        let others = others.to_vec();
        Leads { by_id, others }.whom()
    }

    #[test]
    fn the_customer_and_the_guests_are_meant_and_nobody_with_another_id() {
        let ada = node("adaadaada", Some("shopify:a:1"));
        let bo = node("bobobobob", Some("shopify:b:2"));
        let guest = node("guestguest", None);
        let all = [bo.clone(), guest.clone(), guest.clone()];
        let both = Whom::Found(vec![ada.id.clone(), guest.id.clone()]);
        assert_eq!(found(Some(ada), &all), both);
        assert_eq!(found(None, &all), Whom::Found(vec![guest.id]));
        assert_eq!(found(None, std::slice::from_ref(&bo)), Whom::Perhaps(bo.id));
        assert_eq!(found(None, &[]), Whom::Nobody);
    }

    #[test]
    fn who_was_forgotten_is_nobody() {
        let mut guest = node("guestguest", None);
        guest.redact(Timestamp::UNIX_EPOCH);
        assert_eq!(found(None, std::slice::from_ref(&guest)), Whom::Nobody);
        assert_eq!(found(Some(guest), &[]), Whom::Nobody);
    }
}
