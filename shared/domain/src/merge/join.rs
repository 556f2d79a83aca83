//! Two persons become one.

use jiff::Timestamp;

use super::{By, MOST_NODES, Merge, Side};
use crate::customer::Node;
use crate::identity::NodeId;
use crate::person::{Link, Person, PersonRecord};

/// How two persons come to be joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occasion {
    /// Id of the merge.
    pub merge: String,
    /// When.
    pub at: Timestamp,
    /// What makes them one.
    pub by: By,
    /// Who decides it, of the store's people.
    pub caller: Option<String>,
    /// The node of the person whose id stays.
    pub kept: NodeId,
    /// The node of the person that becomes part of it.
    pub joined: NodeId,
}

/// One person out of two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The person.
    pub person: Person,
    /// Its nodes, to be assessed anew.
    pub nodes: Vec<Node>,
    /// The root record that goes, of a side that had several nodes.
    pub gone: Option<Person>,
    /// What is kept of it.
    pub merge: Merge,
}

/// Why two persons cannot be joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotJoin {
    /// They are one already.
    #[error("the two are one person")]
    SamePerson,
    /// There would be too many nodes.
    #[error("a person has at most {MOST_NODES} nodes, and this one would have {0}")]
    TooManyNodes(usize),
}

/// Whether two persons are two, and not too much for one.
///
/// # Errors
///
/// [`CannotJoin`].
pub fn can_join(kept: &PersonRecord, joined: &PersonRecord) -> Result<(), CannotJoin> {
    let count = kept.nodes().len() + joined.nodes().len();
    if kept.id() == joined.id() {
        Err(CannotJoin::SamePerson)
    } else if count > MOST_NODES {
        Err(CannotJoin::TooManyNodes(count))
    } else {
        Ok(())
    }
}

/// Joins two persons. The first one's id stays; whatever was said against
/// it before is taken back. What they were found to be is carried over until
/// they are assessed as one.
///
/// # Errors
///
/// [`CannotJoin`].
pub fn join(
    kept: PersonRecord,
    joined: PersonRecord,
    occasion: Occasion,
) -> Result<Joined, CannotJoin> {
    can_join(&kept, &joined)?;
    let link = Link {
        merge: occasion.merge.clone(),
        at: occasion.at,
        kept: occasion.kept.clone(),
        joined: occasion.joined.clone(),
    };
    let merge = Merge {
        id: occasion.merge,
        version: 0,
        at: occasion.at,
        by: occasion.by,
        told: None,
        caller: occasion.caller,
        kept: side(&kept, occasion.kept),
        joined: side(&joined, occasion.joined),
        undone: None,
    };
    let (mut person, mut nodes) = begin(kept);
    let (gone, mut others) = give_up(joined);
    person
        .links
        .extend(gone.iter().flat_map(|gone| gone.links.clone()));
    person.links.push(link);
    person.links.sort_by_key(|link| link.at);
    agree(&mut nodes, &merge.joined);
    agree(&mut others, &merge.kept);
    nodes.extend(others);
    nodes.sort_by(|one, other| one.id.cmp(&other.id));
    for node in &mut nodes {
        node.root = Some(person.id.clone());
        node.assessment = None;
        node.touch(occasion.at);
    }
    person.sum(&nodes);
    let known = [&merge.kept, &merge.joined].map(|side| side.assessment.clone());
    let known = known.into_iter().flatten();
    person.assessment = known.reduce(|kept, other| kept.joined_with(&other));
    Ok(Joined {
        person,
        nodes,
        gone,
        merge,
    })
}

fn side(record: &PersonRecord, through: NodeId) -> Side {
    Side {
        person: record.id().clone(),
        through,
        nodes: record.nodes().iter().map(|node| node.id.clone()).collect(),
        assessment: record.assessment().cloned(),
    }
}

/// The person whose id stays, as one that may have several nodes.
fn begin(kept: PersonRecord) -> (Person, Vec<Node>) {
    match kept {
        PersonRecord::Single(node) => (Person::of(&node), vec![*node]),
        PersonRecord::Joined(person, nodes) => (*person, nodes),
    }
}

/// The other person's nodes, and its record, of which the root keeps what it
/// needs to begin again.
fn give_up(joined: PersonRecord) -> (Option<Person>, Vec<Node>) {
    match joined {
        PersonRecord::Single(node) => (None, vec![*node]),
        PersonRecord::Joined(person, mut nodes) => {
            let root = nodes.iter_mut().find(|node| node.id == person.id);
            if let Some(root) = root {
                root.past = Some(Box::new(person.past()));
                root.stand_for(person.named.as_deref());
            }
            (Some(*person), nodes)
        }
    }
}

/// Takes back that these nodes are not the same person as the other side's.
fn agree(nodes: &mut [Node], other: &Side) {
    for node in nodes {
        node.apart.retain(|apart, _| !other.nodes.contains(apart));
        let asked = node.asked_again.as_deref();
        if asked.is_some_and(|asked| other.nodes.contains(asked)) {
            node.asked_again = None;
        }
    }
}
