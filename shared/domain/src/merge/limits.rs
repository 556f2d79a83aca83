//! How much of a kind one person may have.

use std::collections::{BTreeMap, BTreeSet};

use crate::customer::Node;
use crate::identity::{Email, Phone};

/// Most different e-mail addresses, and most telephones, of a person.
const MOST_OF_A_KIND: usize = 5;

/// What a person would have too much of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LimitKind {
    /// Ids of one shop.
    ExternalIds {
        /// The system.
        source: String,
        /// The shop at that system.
        shop: String,
    },
    /// E-mail addresses.
    Emails,
    /// Telephones.
    Phones,
}

/// A limit that a merge would exceed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exceeded {
    /// Of what.
    pub kind: LimitKind,
    /// So many there would be.
    pub have: usize,
    /// So many there may be.
    pub most: usize,
}

/// The limits that two persons, each given by its nodes, would exceed as one:
/// one id per shop, five of each other kind (DOMAIN section 7). What one of
/// them has too much of already is no reason, and neither is an id that was
/// deleted at its source.
#[must_use]
pub fn exceeded(one: &[&Node], other: &[&Node]) -> Vec<Exceeded> {
    let (ones, others) = (ids_by_shop(one), ids_by_shop(other));
    let shared = ones.iter().filter_map(|(shop, ids)| {
        let (source, name) = shop;
        let more = others.get(shop)?;
        Some(Exceeded {
            kind: LimitKind::ExternalIds {
                source: (*source).to_owned(),
                shop: (*name).to_owned(),
            },
            have: ids + more,
            most: 1,
        })
    });
    let emails = too_many(LimitKind::Emails, &emails(one), &emails(other));
    let phones = too_many(LimitKind::Phones, &phones(one), &phones(other));
    shared.chain(emails).chain(phones).collect()
}

/// Whether a person said that two persons, each given by its nodes, are not
/// the same.
#[must_use]
pub fn are_apart(one: &[&Node], other: &[&Node]) -> bool {
    let parted = |node: &&Node| other.iter().any(|other| node.apart.contains(&other.id));
    one.iter().any(parted)
}

/// Whether two persons may become one by themselves: within the limits, and
/// nobody said that they are not the same. Beyond that a join is only worth
/// suggesting.
#[must_use]
pub fn may_join(one: &[&Node], other: &[&Node]) -> bool {
    !are_apart(one, other) && exceeded(one, other).is_empty()
}

fn ids_by_shop<'n>(nodes: &[&'n Node]) -> BTreeMap<(&'n str, &'n str), usize> {
    let living = nodes.iter().filter(|node| node.deleted.is_none());
    let mut shops = BTreeMap::new();
    for id in living.filter_map(|node| node.external_id.as_ref()) {
        *shops.entry((id.source(), id.shop())).or_default() += 1;
    }
    shops
}

fn emails<'n>(nodes: &[&'n Node]) -> BTreeSet<&'n Email> {
    let emails = nodes.iter().map(|node| node.profile.email.as_ref());
    emails.flatten().collect()
}

fn phones<'n>(nodes: &[&'n Node]) -> BTreeSet<&'n Phone> {
    let phones = nodes.iter().map(|node| node.profile.phone.as_ref());
    phones.flatten().collect()
}

fn too_many<T: Ord>(kind: LimitKind, one: &BTreeSet<T>, other: &BTreeSet<T>) -> Option<Exceeded> {
    let have = one.union(other).count();
    let known = one.len().max(other.len());
    (have > known.max(MOST_OF_A_KIND)).then_some(Exceeded {
        kind,
        have,
        most: MOST_OF_A_KIND,
    })
}
