//! Takes a person out of a node, and out of what is kept with it.

use std::collections::BTreeSet;

use crm_domain::customer::Node;
use crm_domain::identity::{Email, NodeId};
use crm_domain::privacy::Request;
use crm_store::{
    Changes, Claim, Committed, Consistency, StoreError, SweepPlace, Swept, Tombstone, Wanted,
};
use jiff::Timestamp;

use crate::tombs::Mark;
use crate::{ATTEMPTS, Function, UpsertError};

/// Facts read at once.
const PAGE: usize = 100;
/// Tombstones written at once.
const STONES: usize = 50;

/// Which facts are gone through.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Facts {
    /// All that a node holds.
    All,
    /// The orders of the shop that asks, of somebody who stays.
    OrdersOfShop,
}

/// How much a step may still do, and what it has done.
pub(super) struct Stint {
    /// Facts that may still be looked at.
    pub(super) left: usize,
    /// Whether anything was changed: then somebody looks once more.
    pub(super) changed: bool,
}

impl Function {
    /// Forgets who a node is: its identity and the claims that lead to it go,
    /// tombstones stay, all in one transaction.
    pub(super) async fn forget(
        &self,
        id: &NodeId,
        request: &Request,
        now: Timestamp,
    ) -> Result<(), UpsertError> {
        for _ in 0..ATTEMPTS {
            let found = self.store.person_fetch(id, Consistency::Strong).await?;
            let nodes = found.as_ref().map(|person| person.nodes().to_vec());
            let nodes = nodes.unwrap_or_default();
            let Some(node) = nodes.iter().find(|node| node.id == *id) else {
                return Ok(());
            };
            if node.redacted.is_some() {
                return Ok(());
            }
            let mut changes = Changes::new();
            self.give_up_claims(&mut changes, node, &nodes, request.asked_at, now)
                .await?;
            let mut node = node.clone();
            node.redact(request.asked_at);
            node.touch(request.received_at);
            changes.node_put(&node)?;
            if self.store.commit(changes).await? == Committed::Done {
                tracing::info!(node.id = %id, "forgot who node {id} is");
                return Ok(());
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }

    /// Of what a node holds, an address goes to another of the person who goes
    /// by it; everything else is nobody's.
    async fn give_up_claims(
        &self,
        changes: &mut Changes,
        node: &Node,
        all: &[Node],
        at: Timestamp,
        now: Timestamp,
    ) -> Result<(), UpsertError> {
        let own_id = node.external_id.clone().map(Claim::Id);
        let email = node.claimed_email.clone();
        let claims: Vec<Claim> = own_id
            .into_iter()
            .chain(email.clone().map(Claim::Email))
            .collect();
        let mut wanted = Wanted::default();
        for claim in &claims {
            wanted.claim(claim);
        }
        let loaded = self.store.load(&wanted, Consistency::Strong).await?;
        let stone = Tombstone {
            node: node.id.clone(),
            at,
        };
        for claim in &claims {
            if loaded.claim(claim)?.as_ref() != Some(&node.id) {
                continue;
            }
            let goes_by_it = |other: &&Node| {
                matches!(claim, Claim::Email(_))
                    && other.id != node.id
                    && other.profile.email == email
            };
            if let Some(heir) = all.iter().find(goes_by_it) {
                let mut heir = heir.clone();
                changes.claim_move(claim, &node.id, &heir.id)?;
                heir.claimed_email.clone_from(&email);
                heir.email_since.clone_from(&node.email_since);
                changes.node_put(&heir)?;
                continue;
            }
            changes.release(claim, &node.id);
            let digest = self.tombs.digest(Mark::Claim(claim), now).await?;
            changes.tombstone_put(&digest, &stone)?;
        }
        Ok(())
    }

    /// Leaves a tombstone for each identifier that is named and leads to
    /// nobody, and for each order that is nobody's: it may still be on its way.
    /// Its money goes where that of who was forgotten is, or where nothing is
    /// yet.
    pub(super) async fn leave_stones(
        &self,
        request: &Request,
        node: Option<&NodeId>,
        now: Timestamp,
    ) -> Result<(), UpsertError> {
        let mut traces = request.traces.iter();
        let email = traces.find_map(|trace| Email::parse(trace).ok());
        let id = request.customer.clone().map(Claim::Id);
        let claims: Vec<_> = id.into_iter().chain(email.map(Claim::Email)).collect();
        let mut wanted = Wanted::default();
        for claim in &claims {
            wanted.claim(claim);
        }
        request.orders.iter().for_each(|order| {
            wanted.order(order);
        });
        let loaded = self.store.load(&wanted, Consistency::Strong).await?;
        let mut named = Vec::new();
        for claim in &claims {
            if loaded.claim(claim)?.is_none() {
                named.push(Mark::Claim(claim));
            }
        }
        for order in &request.orders {
            if loaded
                .order(order)?
                .is_none_or(|known| known.order.node.is_none())
            {
                named.push(Mark::Order(order));
            }
        }
        let mut node = node.cloned();
        let mut open = Vec::new();
        for mark in named {
            match self.tombs.find(&self.store, mark, now).await? {
                Some(stone) => node = node.or(Some(stone.node)),
                None => open.push(mark),
            }
        }
        let nowhere = || NodeId::parse(&self.random.id()).expect("random ids are node ids");
        let stone = Tombstone {
            node: node.unwrap_or_else(nowhere),
            at: request.asked_at,
        };
        for some in open.chunks(STONES) {
            let mut changes = Changes::new();
            for mark in some {
                changes.tombstone_put(&self.tombs.digest(*mark, now).await?, &stone)?;
            }
            self.store.commit(changes).await?;
        }
        Ok(())
    }

    /// Guests whose orders were named and came while the request was on its
    /// way: before a tombstone stood for them.
    pub(super) async fn late_guests(&self, request: &Request) -> Result<Vec<NodeId>, UpsertError> {
        let mut wanted = Wanted::default();
        request.orders.iter().for_each(|order| {
            wanted.order(order);
        });
        let loaded = self.store.load(&wanted, Consistency::Strong).await?;
        let mut owners = BTreeSet::new();
        for order in &request.orders {
            owners.extend(loaded.order(order)?.and_then(|known| known.order.node));
        }
        let owners = self.store.nodes_fetch(&owners, Consistency::Strong).await?;
        let is_late = |node: &&Node| {
            let is_guest = node.external_id.is_none() && node.root.is_none();
            is_guest && node.redacted.is_none() && request.nodes().all(|own| *own != node.id)
        };
        let late = owners.iter().filter(is_late);
        Ok(late.map(|node| node.id.clone()).collect())
    }

    /// Goes through what is kept with a node, until it is through or the
    /// stint is over; then the place to go on from.
    pub(super) async fn sweep(
        &self,
        node: &NodeId,
        mut from: Option<SweepPlace>,
        (request, facts): (&Request, Facts),
        stint: &mut Stint,
    ) -> Result<Option<SweepPlace>, UpsertError> {
        loop {
            let page = self.store.facts_sweep(node, from.as_ref(), PAGE).await?;
            stint.left = stint.left.saturating_sub(page.items.len().max(1));
            for swept in page.items {
                if facts == Facts::OrdersOfShop && !is_order_of_shop(&swept, request) {
                    continue;
                }
                let Some(changes) = without_person(swept, request)? else {
                    continue;
                };
                // Whoever was quicker is looked at again: so is what changed.
                self.store.commit(changes).await?;
                stint.changed = true;
            }
            from = page.next;
            if from.is_none() || stint.left == 0 {
                return Ok(from);
            }
        }
    }
}

fn is_order_of_shop(swept: &Swept, request: &Request) -> bool {
    matches!(swept, Swept::Order(record) if request.is_of_shop(&record.order.id))
}

/// The write that takes the person out of a fact, if it names them.
fn without_person(swept: Swept, request: &Request) -> Result<Option<Changes>, StoreError> {
    let mut changes = Changes::new();
    match swept {
        Swept::Order(mut record) if !record.order.redacted => {
            record.order.redact();
            changes.order_put(&record)?;
        }
        Swept::Case(mut case) if !case.subject.is_empty() => {
            case.redact();
            changes.case_put(&case)?;
        }
        Swept::Communication(mut said) if !said.redacted => {
            said.redact();
            changes.communication_put(&said)?;
        }
        Swept::FieldChange(mut change) if !change.set.is_empty() => {
            change.redact();
            changes.field_change_put(&change)?;
        }
        Swept::Privacy(mut other) if other.id != request.id && other.customer.is_some() => {
            other.forget();
            changes.privacy_put(&other)?;
        }
        _ => return Ok(None),
    }
    Ok(Some(changes))
}
