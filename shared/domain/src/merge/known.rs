//! By which id somebody was known on a past date.
//!
//! What a person was found to be stands under the id it was known by then:
//! before two were merged, each has a history of its own.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Merge;
use super::part::reach;
use crate::identity::NodeId;
use crate::person::Link;

/// What happened to whoever a node was part of, in the order of time.
enum Event<'a> {
    Joined(&'a Merge),
    Parted(&'a Merge, &'a NodeId, &'a NodeId),
}

/// Whom a node was part of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The id by which the person was known.
    pub id: NodeId,
    /// The nodes that made it up.
    pub nodes: BTreeSet<NodeId>,
}

/// Whom a node was part of just before an instant, by all merges of those it
/// was ever part of; itself while it was part of nobody else.
#[must_use]
pub fn known_as(node: &NodeId, merges: &[Merge], before: Timestamp) -> Known {
    let mut id = node.clone();
    let mut links: Vec<Link> = Vec::new();
    for event in events(merges, before) {
        match event {
            Event::Joined(merge) => {
                links.push(link(merge));
                if reach(node, &links).contains(&merge.kept.through) {
                    id.clone_from(&merge.kept.person);
                }
            }
            Event::Parted(merge, kept, joined) => {
                let was_part = reach(node, &links).contains(&merge.kept.through);
                links.retain(|link| link.merge != merge.id);
                if was_part {
                    let left = reach(node, &links).contains(&merge.joined.through);
                    id.clone_from(if left { joined } else { kept });
                }
            }
        }
    }
    let nodes = reach(node, &links);
    Known { id, nodes }
}

fn events(merges: &[Merge], before: Timestamp) -> Vec<Event<'_>> {
    let mut events = Vec::new();
    for merge in merges {
        events.push((merge.at, Event::Joined(merge)));
        if let Some(undone) = &merge.undone {
            let (kept, joined) = &undone.people;
            events.push((undone.at, Event::Parted(merge, kept, joined)));
        }
    }
    events.retain(|(at, _)| *at < before);
    // Stable: of one instant, a merge comes before its own end.
    events.sort_by_key(|(at, _)| *at);
    events.into_iter().map(|(_, event)| event).collect()
}

fn link(merge: &Merge) -> Link {
    Link {
        merge: merge.id.clone(),
        at: merge.at,
        kept: merge.kept.through.clone(),
        joined: merge.joined.through.clone(),
    }
}
