//! The lists of named segments, kept with the records they follow from.
//!
//! A record names the segments it has an entry in, and both change in one
//! transaction. Joining and parting move records, not entries: whoever is
//! assessed next finds what the records name, and moves the entries along.

use std::collections::BTreeSet;

use crm_domain::customer::Node;
use crm_domain::identity::NodeId;
use crm_domain::named::{Membership, SegmentId};
use crm_domain::person::Person;
use crm_store::{Changes, StoreError};

/// Entries of other records that are moved together with a person's own: a
/// transaction has a hundred writes, of which the person's nodes take forty.
const MOST_LEFT_OVER: usize = 8;

/// The segments a record names.
pub(crate) fn within_of(named: Option<&Membership>) -> BTreeSet<SegmentId> {
    named.map(|named| named.within.clone()).unwrap_or_default()
}

/// Moves the entries of one record.
pub(crate) fn move_one(
    changes: &mut Changes,
    id: &NodeId,
    before: &BTreeSet<SegmentId>,
    after: &BTreeSet<SegmentId>,
) {
    for segment in before.difference(after) {
        changes.member_delete(segment, id);
    }
    for segment in after.difference(before) {
        changes.member_put(segment, id);
    }
}

/// Moves the entries of a person of several nodes: its own, under the id it
/// shares with one of them, and those of nodes that were persons before.
pub(crate) fn move_all(
    changes: &mut Changes,
    person: &Person,
    nodes: &[Node],
    after: &BTreeSet<SegmentId>,
) {
    let mut own = within_of(person.named.as_deref());
    for node in nodes {
        let before = within_of(node.named.as_deref());
        if node.id == person.id {
            own.extend(before);
        } else {
            move_one(changes, &node.id, &before, &BTreeSet::new());
        }
    }
    move_one(changes, &person.id, &own, after);
}

/// Lets a node that is one of several name no segments of its own; whether it
/// did.
pub(crate) fn leave(node: &mut Node) -> bool {
    let Some(mut named) = node.named.take() else {
        return false;
    };
    let left = !named.within.is_empty();
    named.within.clear();
    node.named = named.boxed();
    left
}

/// The writes that take the entries of one other node away beforehand, where
/// there are too many for one transaction with all else.
pub(crate) fn fewer_left_over(
    person: &Person,
    nodes: &[Node],
) -> Result<Option<Changes>, StoreError> {
    let others = nodes.iter().filter(|node| node.id != person.id);
    let entries = |node: &Node| within_of(node.named.as_deref()).len();
    let left_over: usize = others.clone().map(entries).sum();
    if left_over <= MOST_LEFT_OVER {
        return Ok(None);
    }
    let Some(node) = others.max_by_key(|node| entries(node)) else {
        return Ok(None);
    };
    let mut changes = Changes::new();
    let before = within_of(node.named.as_deref());
    move_one(&mut changes, &node.id, &before, &BTreeSet::new());
    let mut node = node.clone();
    leave(&mut node);
    changes.node_put(&node)?;
    Ok(Some(changes))
}
