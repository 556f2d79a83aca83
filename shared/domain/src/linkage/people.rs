//! Customers as they are kept: nodes, and persons of several.

use super::{Field, Match, Record, Suggestion, Weights, score};
use crate::customer::{Node, Profile};
use crate::merge::are_apart;
use crate::person::PersonRecord;

impl Record {
    /// Makes a node ready; nothing of one that is compared with nobody (see
    /// [`Node::is_comparable`]).
    #[must_use]
    pub fn of_node(node: &Node) -> Option<Self> {
        node.is_comparable()
            .then(|| Self::of(&node.profile, node.born()))
    }
}

/// How much two persons are alike: as much as those two of their nodes that
/// are most alike. None where there is nothing to suggest: they are one
/// already, a person has said that they are two, or one of them stays apart.
/// Whom their source made one after a person had parted them, that person has
/// to be asked about again, however little they are alike.
#[must_use]
pub fn compare(one: &PersonRecord, other: &PersonRecord, weights: &Weights) -> Option<Suggestion> {
    let nodes = [one, other].map(|person| person.nodes().iter().collect::<Vec<_>>());
    let parted = are_apart(&nodes[0], &nodes[1]) || are_apart(&nodes[1], &nodes[0]);
    let again = asks_again(one, other) || asks_again(other, one);
    if one.id() == other.id() || (parted && !again) {
        return None;
    }
    let [ones, others] = [one, other].map(records);
    let pairs = ones
        .iter()
        .flat_map(|one| others.iter().map(|other| score(one, other, weights)));
    let best = pairs.reduce(|best, next| if next.score > best.score { next } else { best });
    if !again {
        return best;
    }
    let mut matched = best.map(|best| best.matched).unwrap_or_default();
    matched.push(Match {
        field: Field::MergedAtSource,
        similarity: 1.0,
    });
    Some(Suggestion {
        score: 1.0,
        matched,
    })
}

/// Whether the source of one of a person's nodes merged it into the other
/// person after they had been parted.
fn asks_again(one: &PersonRecord, other: &PersonRecord) -> bool {
    let asked = one
        .nodes()
        .iter()
        .filter_map(|node| node.asked_again.as_deref());
    asked.into_iter().any(|asked| other.has(asked))
}

fn records(person: &PersonRecord) -> Vec<Record> {
    person.nodes().iter().filter_map(Record::of_node).collect()
}

/// Whether a change of a node may change with whom it could be one person.
#[must_use]
pub fn is_news(before: Option<&Node>, after: &Node) -> bool {
    let Some(before) = before else {
        return after.is_comparable();
    };
    before.is_comparable() != after.is_comparable()
        || before.root != after.root
        || before.apart != after.apart
        || before.asked_again != after.asked_again
        || before.born() != after.born()
        || told(&before.profile) != told(&after.profile)
}

/// What is compared of a profile.
fn told(profile: &Profile) -> impl PartialEq {
    let Profile {
        first_name,
        last_name,
        email,
        phone,
        address,
        ..
    } = profile.clone();
    (first_name, last_name, email, phone, address)
}
