//! Which node a delivery is about, and what it says of the customer.

use crm_domain::customer::{CustomerFact, Node};
use crm_domain::identity::{ExternalId, NodeId};
use crm_domain::person::{self, Person};
use crm_domain::stamp::Stamp;
use crm_domain::totals::Totals;
use crm_store::{Claim, StoreError};

use crate::UpsertError;
use crate::work::{Held, Wish, Work};

/// Whether a join needs a person's leave beyond certain limits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Join {
    /// By an address in common: only within the limits.
    ByItself,
    /// The source merged the two: that was a person's decision.
    Told,
}

impl Work<'_> {
    pub(crate) async fn customer_news(&mut self, fact: &CustomerFact) -> Result<(), UpsertError> {
        self.node_of(fact).await?;
        Ok(())
    }

    /// The node a telling of a customer is about, made if need be, with the
    /// telling taken in; none for a guest without an identifier.
    pub(crate) async fn node_of(
        &mut self,
        fact: &CustomerFact,
    ) -> Result<Option<NodeId>, StoreError> {
        let Some(claim) = Self::claim_of(fact) else {
            return Ok(None);
        };
        let id = self.holder(&claim, fact.id.as_ref()).await?;
        let node = self.node(&id).await?;
        // A guest's order tells little of somebody the source knows better.
        if fact.id.is_some() || node.external_id.is_none() {
            node.tell(fact);
        }
        self.sync_email(&id).await?;
        Ok(Some(id))
    }

    /// The identifier by which a telling finds its node.
    pub(crate) fn claim_of(fact: &CustomerFact) -> Option<Claim> {
        match (&fact.id, &fact.profile.email) {
            (Some(id), _) => Some(Claim::Id(id.clone())),
            (None, Some(email)) => Some(Claim::Email(email.clone())),
            (None, None) => None,
        }
    }

    /// The node that holds a claim, or a new one that will.
    async fn holder(
        &mut self,
        claim: &Claim,
        external_id: Option<&ExternalId>,
    ) -> Result<NodeId, StoreError> {
        self.hold(Wish::claim(claim)).await?;
        if let Some(holder) = self.claims.get(claim).and_then(|held| held.now.clone()) {
            return Ok(holder);
        }
        let id = self.new_node(external_id.cloned());
        if let Claim::Email(email) = claim {
            self.node(&id).await?.claimed_email = Some(email.clone());
        }
        self.set_claim(claim, Some(id.clone()));
        Ok(id)
    }

    fn set_claim(&mut self, claim: &Claim, holder: Option<NodeId>) {
        let held = self.claims.entry(claim.clone());
        held.or_insert_with(|| Held::read(None)).now = holder;
    }

    /// Lets a node hold the claim on its current address; if another node
    /// does, the two are the same person.
    async fn sync_email(&mut self, id: &NodeId) -> Result<(), StoreError> {
        let node = self.node(id).await?;
        let wanted = node.profile.email.clone();
        if node.claimed_email == wanted {
            return Ok(());
        }
        let Some(email) = wanted else {
            return self.give_up_email(id).await;
        };
        let claim = Claim::Email(email.clone());
        self.hold(Wish::claim(&claim)).await?;
        match self.claims.get(&claim).and_then(|held| held.now.clone()) {
            Some(holder) if holder != *id => self.join(id, &holder, Join::ByItself).await,
            Some(_) => {
                self.node(id).await?.claimed_email = Some(email);
                Ok(())
            }
            None => {
                self.give_up_email(id).await?;
                self.set_claim(&claim, Some(id.clone()));
                self.node(id).await?.claimed_email = Some(email);
                Ok(())
            }
        }
    }

    /// Frees the address a node went by before. A joined person keeps it:
    /// another of its nodes may still go by it.
    async fn give_up_email(&mut self, id: &NodeId) -> Result<(), StoreError> {
        let node = self.node(id).await?;
        if node.root.is_some() {
            return Ok(());
        }
        let Some(old) = node.claimed_email.take() else {
            return Ok(());
        };
        let claim = Claim::Email(old);
        self.hold(Wish::claim(&claim)).await?;
        let ours = |held: &Held<NodeId>| held.now.as_ref() == Some(id);
        if self.claims.get(&claim).is_some_and(ours) {
            self.set_claim(&claim, None);
        }
        Ok(())
    }

    pub(crate) async fn customer_deleted(
        &mut self,
        id: &ExternalId,
        stamp: Stamp,
    ) -> Result<(), UpsertError> {
        let node = self.holder(&Claim::Id(id.clone()), Some(id)).await?;
        self.node(&node).await?.delete(stamp);
        self.give_up_email(&node).await?;
        Ok(())
    }

    pub(crate) async fn customers_merged(
        &mut self,
        kept: &ExternalId,
        gone: &ExternalId,
    ) -> Result<(), UpsertError> {
        let kept = self.holder(&Claim::Id(kept.clone()), Some(kept)).await?;
        let gone = self.holder(&Claim::Id(gone.clone()), Some(gone)).await?;
        self.join(&gone, &kept, Join::Told).await?;
        Ok(())
    }

    /// Makes the person of `one` part of the person of `other`. Facts and
    /// totals stay on their nodes.
    async fn join(&mut self, one: &NodeId, other: &NodeId, how: Join) -> Result<(), StoreError> {
        let leaving = self.members(one).await?;
        let staying = self.members(other).await?;
        if leaving.contains(other) {
            return Ok(());
        }
        let held = |id| self.nodes.get(id).and_then(|held| held.now.as_ref());
        let all = leaving.iter().chain(&staying).filter_map(held);
        if how == Join::ByItself && !person::may_join(all) {
            tracing::info!(node.id = %one, "node {one} shares an address beyond the limits of a person");
            return Ok(());
        }
        let root = self.node(other).await?.person().clone();
        let gone = self.node(one).await?.person().clone();
        self.hold(Wish::person(&root)).await?;
        self.hold(Wish::person(&gone)).await?;
        self.seat(&root, &gone, leaving.iter().chain(&staying));
        Ok(())
    }

    /// Writes the joined person at `root` and takes the old places away.
    fn seat<'n>(&mut self, root: &NodeId, gone: &NodeId, ids: impl Iterator<Item = &'n NodeId>) {
        let begun = self
            .nodes
            .get(root)
            .and_then(|held| held.now.as_ref())
            .map(Person::of);
        let mut members: Vec<Node> = Vec::new();
        for id in ids {
            let Some(node) = self.nodes.get_mut(id).and_then(|held| held.now.as_mut()) else {
                continue;
            };
            node.root = Some(root.clone());
            node.assessment = None;
            node.touch(self.now);
            members.push(node.clone());
        }
        if let Some(held) = self.persons.get_mut(gone) {
            held.now = None;
        }
        let held = self
            .persons
            .entry(root.clone())
            .or_insert_with(|| Held::read(None));
        held.now = held.now.take().or(begun);
        held.now.iter_mut().for_each(|person| person.sum(&members));
    }

    /// The ids of all nodes of a node's person, each held.
    async fn members(&mut self, id: &NodeId) -> Result<Vec<NodeId>, StoreError> {
        let Some(root) = self.node(id).await?.root.clone() else {
            return Ok(vec![id.clone()]);
        };
        self.hold(Wish::person(&root)).await?;
        let person = self.persons.get(&root).and_then(|held| held.now.as_ref());
        let ids: Vec<_> = match person {
            Some(person) => person.members.keys().cloned().collect(),
            None => vec![id.clone()],
        };
        let wish = Wish {
            nodes: ids.clone(),
            ..Wish::default()
        };
        self.hold(wish).await?;
        Ok(ids)
    }

    /// A guest without an identifier: a profile of its own.
    pub(crate) async fn anonymous(&mut self, fact: &CustomerFact) -> Result<NodeId, StoreError> {
        let id = self.new_node(None);
        self.node(&id).await?.tell(fact);
        Ok(id)
    }

    /// Takes a node away that nothing leads to any more.
    pub(crate) fn drop_if_empty(&mut self, id: &NodeId) {
        let Some(held) = self.nodes.get_mut(id) else {
            return;
        };
        let empty = |node: &Node| node.is_anonymous() && node.totals == Totals::default();
        if held.now.as_ref().is_some_and(empty) {
            held.now = None;
        }
    }
}
