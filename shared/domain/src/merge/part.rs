//! One person becomes the two that it was made of.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Merge, Side, Undone};
use crate::customer::Node;
use crate::identity::NodeId;
use crate::person::{Link, Person, PersonRecord};
use crate::segment::Assessment;

/// Two persons out of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parted {
    /// The person of the side that was kept.
    pub kept: PersonRecord,
    /// The person of the side that was joined to it.
    pub joined: PersonRecord,
    /// The merge with its end.
    pub merge: Merge,
}

/// Why a merge cannot be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotPart {
    /// It is none of those that hold this person together.
    #[error("the merge does not hold this person together")]
    NoLink,
}

/// Undoes a merge. Each side is the nodes that reach it by the links that are
/// left, and each has to be assessed anew. They are apart from then on: no
/// two nodes of the two sides join again by themselves.
///
/// The side with the present root keeps the person's id; the other goes by
/// the id it had before the merge, if that node is still on its side, else by
/// that of the node it was joined through. The best group, the rank and the
/// alert on returns of a side are those its people had when they were merged,
/// in this merge or in one of `others`, the merges of the person; what somebody
/// was together with one who is not there any more is nobody's.
///
/// # Errors
///
/// [`CannotPart`].
pub fn part(
    person: &Person,
    nodes: Vec<Node>,
    merges: (Merge, &[Merge]),
    at: Timestamp,
    caller: String,
) -> Result<Parted, CannotPart> {
    divide(person, nodes, merges, at, Some(caller))
}

/// Undoes a merge that never should have been, as [`part`] does, without
/// anybody having said that they are two: they may join again by themselves.
///
/// # Errors
///
/// [`CannotPart`].
pub fn part_unasked(
    person: &Person,
    nodes: Vec<Node>,
    merges: (Merge, &[Merge]),
    at: Timestamp,
) -> Result<Parted, CannotPart> {
    divide(person, nodes, merges, at, None)
}

fn divide(
    person: &Person,
    nodes: Vec<Node>,
    (merge, others): (Merge, &[Merge]),
    at: Timestamp,
    caller: Option<String>,
) -> Result<Parted, CannotPart> {
    let mut links = person.links.clone();
    let place = links.iter().position(|link| link.merge == merge.id);
    links.remove(place.ok_or(CannotPart::NoLink)?);
    let reached = reach(&merge.joined.through, &links);
    let (joined, kept): (Vec<_>, Vec<_>) = nodes
        .into_iter()
        .partition(|node| reached.contains(&node.id));
    if kept.is_empty() || joined.is_empty() {
        return Err(CannotPart::NoLink);
    }
    let ids = [&kept, &joined].map(|nodes| ids_of(nodes));
    let standing = |other: &&Merge| {
        let held = |link: &Link| link.merge == other.id;
        other.id != merge.id && links.iter().any(held)
    };
    let standing: Vec<_> = others.iter().filter(standing).collect();
    let sides = standing
        .iter()
        .flat_map(|merge| [&merge.kept, &merge.joined]);
    let sides: Vec<_> = sides.chain([&merge.kept, &merge.joined]).collect();
    let of = |nodes: Vec<Node>, side: &Side, others: &BTreeSet<NodeId>| {
        let memory = memory(&sides, &ids_of(&nodes));
        let nodes = stand_apart(nodes, (others, caller.is_some()), at);
        stand_alone(person, (side, memory), nodes, &links)
    };
    let kept = of(kept, &merge.kept, &ids[1]);
    let joined = of(joined, &merge.joined, &ids[0]);
    let people = (kept.id().clone(), joined.id().clone());
    let undone = Some(Undone { at, caller, people });
    Ok(Parted {
        kept,
        joined,
        merge: Merge { undone, ..merge },
    })
}

/// What the people of these nodes had when they were merged with others: of
/// each side that is here whole.
fn memory(sides: &[&Side], own: &BTreeSet<NodeId>) -> Option<Assessment> {
    let here = sides.iter().filter(|side| side.nodes.is_subset(own));
    let known = here.filter_map(|side| side.assessment.clone());
    known.reduce(|one, other| one.joined_with(&other))
}

fn ids_of(nodes: &[Node]) -> BTreeSet<NodeId> {
    nodes.iter().map(|node| node.id.clone()).collect()
}

/// All nodes that links lead to from one.
pub(super) fn reach(from: &NodeId, links: &[Link]) -> BTreeSet<NodeId> {
    let mut reached = BTreeSet::from([from.clone()]);
    let mut before = 0;
    while before < reached.len() {
        before = reached.len();
        for Link { kept, joined, .. } in links {
            if reached.contains(kept) || reached.contains(joined) {
                reached.extend([kept.clone(), joined.clone()]);
            }
        }
    }
    reached
}

fn stand_apart(
    mut nodes: Vec<Node>,
    (others, by_a_person): (&BTreeSet<NodeId>, bool),
    at: Timestamp,
) -> Vec<Node> {
    for node in &mut nodes {
        if by_a_person {
            node.stand_apart(others.iter(), at);
        }
        node.touch(at);
    }
    nodes
}

/// The person of one side.
fn stand_alone(
    whole: &Person,
    (side, memory): (&Side, Option<Assessment>),
    mut nodes: Vec<Node>,
    links: &[Link],
) -> PersonRecord {
    let own = ids_of(&nodes);
    let goes_on = own.contains(&whole.id);
    // Of somebody whose id stays it was told what the whole person was.
    let assessment = match &whole.assessment {
        Some(known) if goes_on => Some(known.clone().remembering(memory.as_ref())),
        _ => memory,
    };
    let id = [&whole.id, &side.person, &side.through];
    let id = id.into_iter().find(|id| own.contains(*id));
    let id = id.cloned().unwrap_or_else(|| nodes[0].id.clone());
    if nodes.len() == 1 {
        let mut node = nodes.remove(0);
        node.root = None;
        node.assessment = assessment;
        if goes_on {
            node.chronicle = node.chronicle.continued_by(&whole.chronicle);
            node.past = Some(Box::new(whole.past()));
            node.stand_for(whole.named.as_deref());
        }
        return PersonRecord::Single(Box::new(node));
    }
    for node in &mut nodes {
        node.root = Some(id.clone());
    }
    let mut person = if goes_on {
        whole.clone()
    } else {
        let root = nodes.iter().find(|node| node.id == id);
        Person::of(root.expect("the id is one of the nodes'"))
    };
    person.sum(&nodes);
    person.assessment = assessment;
    let ours = |link: &&Link| own.contains(&link.kept) && own.contains(&link.joined);
    person.links = links.iter().filter(ours).cloned().collect();
    PersonRecord::Joined(Box::new(person), nodes)
}
