//! How much of a kind one person may have.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::customer::Node;
use crate::identity::{Email, Phone};
use crate::linkage::Record;
use crate::settings::IdentityLimits;

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
    /// Names at a postal address.
    Addresses,
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

/// The limits that two persons, each given by its nodes, would exceed as one
/// (DOMAIN section 7). What one of them has too much of already is no reason,
/// and neither is an id that was deleted at its source.
#[must_use]
pub fn exceeded(one: &[&Node], other: &[&Node], limits: &IdentityLimits) -> Vec<Exceeded> {
    let (ones, others) = (ids_by_shop(one), ids_by_shop(other));
    let shared = ones.iter().filter_map(|(shop, ids)| {
        let (source, name) = shop;
        let (have, known) = (ids + others.get(shop)?, ids.max(others.get(shop)?));
        let most = usize::from(limits.ids_per_shop);
        (have > most.max(*known)).then(|| Exceeded {
            kind: LimitKind::ExternalIds {
                source: (*source).to_owned(),
                shop: (*name).to_owned(),
            },
            have,
            most,
        })
    });
    let emails = too_many(
        (LimitKind::Emails, limits.emails),
        &emails(one),
        &emails(other),
    );
    let phones = too_many(
        (LimitKind::Phones, limits.phones),
        &phones(one),
        &phones(other),
    );
    let addresses = too_many(
        (LimitKind::Addresses, limits.addresses),
        &addresses(one),
        &addresses(other),
    );
    let others = emails.into_iter().chain(phones).chain(addresses);
    shared.chain(others).collect()
}

/// Whether a person said that two persons, each given by its nodes, are not
/// the same.
#[must_use]
pub fn are_apart(one: &[&Node], other: &[&Node]) -> bool {
    parted_at(one, other).is_some()
}

/// When a person said last that two persons, each given by its nodes, are not
/// the same; none where nobody did.
#[must_use]
pub fn parted_at(one: &[&Node], other: &[&Node]) -> Option<Timestamp> {
    let said = |node: &&Node| {
        let dates = other.iter().filter_map(|other| node.apart.get(&other.id));
        dates.max().copied()
    };
    one.iter().filter_map(said).max()
}

/// Whether two persons may become one by themselves: within the limits, and
/// nobody said that they are not the same. Beyond that a join is only worth
/// suggesting.
#[must_use]
pub fn may_join(one: &[&Node], other: &[&Node], limits: &IdentityLimits) -> bool {
    !are_apart(one, other) && exceeded(one, other, limits).is_empty()
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

/// Names at postal addresses, however they are written.
fn addresses(nodes: &[&Node]) -> BTreeSet<String> {
    let records = nodes.iter().map(|node| Record::of(&node.profile, None));
    records.filter_map(|record| record.place()).collect()
}

fn too_many<T: Ord>(
    (kind, most): (LimitKind, u8),
    one: &BTreeSet<T>,
    other: &BTreeSet<T>,
) -> Option<Exceeded> {
    let (have, most) = (one.union(other).count(), usize::from(most));
    let known = one.len().max(other.len());
    (have > known.max(most)).then_some(Exceeded { kind, have, most })
}
