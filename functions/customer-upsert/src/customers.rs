//! Which node a delivery is about, and what it says of the customer.

use crm_domain::customer::{CustomerFact, Node};
use crm_domain::identity::{ExternalId, NodeId};
use crm_domain::merge::{self, By, Joined, Occasion};
use crm_domain::person::PersonRecord;
use crm_domain::stamp::Stamp;
use crm_domain::totals::Totals;
use crm_store::{Claim, Tombstone};
use jiff::Timestamp;

use crate::UpsertError;
use crate::tombs::Mark;
use crate::work::{Held, Wish, Work};

impl Work<'_> {
    pub(crate) async fn customer_news(&mut self, fact: &CustomerFact) -> Result<(), UpsertError> {
        self.node_of(fact, None).await?;
        Ok(())
    }

    /// The node a telling of a customer is about, made if need be, with the
    /// telling taken in; none for a guest without an identifier, and where it
    /// is about somebody who was forgotten. `placed` is when something was
    /// bought, or given back: that may begin somebody anew, or belong to who
    /// was forgotten.
    pub(crate) async fn node_of(
        &mut self,
        fact: &CustomerFact,
        placed: Option<Timestamp>,
    ) -> Result<Option<NodeId>, UpsertError> {
        let Some(claim) = Self::claim_of(fact) else {
            return Ok(None);
        };
        let Some(id) = self.holder(&claim, fact.id.as_ref(), placed).await? else {
            return Ok(None);
        };
        let node = self.node(&id).await?;
        let before = node.profile.email.clone();
        // What begins somebody anew is about them, however it is dated.
        let begins = node.version == 0 && node.told.is_none();
        let since = node.since.take_if(|_| begins);
        // A guest's order tells little of somebody the source knows better;
        // what was decided there was decided all the same.
        if fact.id.is_some() || node.external_id.is_none() {
            node.tell(fact);
        } else {
            node.decide(&fact.consents);
        }
        node.since = since.or(node.since.take());
        let is_off = before.is_some() && node.profile.email != before;
        if is_off {
            self.part_from_later(&id, fact.told.stamp.at()).await?;
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

    /// The node that holds a claim, or a new one that will; none where news
    /// comes after somebody was forgotten.
    pub(crate) async fn holder(
        &mut self,
        claim: &Claim,
        external_id: Option<&ExternalId>,
        placed: Option<Timestamp>,
    ) -> Result<Option<NodeId>, UpsertError> {
        self.hold(Wish::claim(claim)).await?;
        let holder = self.claims.get(claim).and_then(|held| held.now.clone());
        if let Some(holder) = holder {
            let node = self.node(&holder).await?;
            let under = node.email_since.as_deref();
            let under = under.filter(|_| matches!(claim, Claim::Email(_)));
            let since = node.since.as_deref().max(under).copied();
            let older = since.zip(placed).is_some_and(|(since, at)| at <= since);
            let forgotten = if older {
                self.tombstone(Mark::Claim(claim)).await?
            } else {
                None
            };
            return match forgotten {
                Some(stone) => self.buried(&stone).await.map(Some),
                None => Ok(Some(holder)),
            };
        }
        let stone = self.tombstone(Mark::Claim(claim)).await?;
        match (&stone, placed) {
            (Some(stone), Some(placed)) if placed <= stone.at => {
                return self.buried(stone).await.map(Some);
            }
            (Some(_), None) => return Ok(None),
            _ => {}
        }
        let id = self.new_node(external_id.cloned());
        self.node(&id).await?.since = stone.map(|stone| Box::new(stone.at));
        if let Claim::Email(email) = claim {
            self.node(&id).await?.claimed_email = Some(email.clone());
        }
        self.set_claim(claim, Some(id.clone()));
        Ok(Some(id))
    }

    pub(crate) async fn tombstone(&self, mark: Mark<'_>) -> Result<Option<Tombstone>, UpsertError> {
        let means = self.means;
        means.tombs.find(means.store, mark, means.clock).await
    }

    /// The node that keeps the money of who was forgotten.
    pub(crate) async fn buried(&mut self, stone: &Tombstone) -> Result<NodeId, UpsertError> {
        let node = self.node(&stone.node).await?;
        node.redacted.get_or_insert(stone.at);
        Ok(stone.node.clone())
    }

    fn set_claim(&mut self, claim: &Claim, holder: Option<NodeId>) {
        let held = self.claims.entry(claim.clone());
        held.or_insert_with(|| Held::read(None)).now = holder;
    }

    /// Lets a node hold the claim on its current address; if another node
    /// does, the two are the same person.
    pub(crate) async fn sync_email(&mut self, id: &NodeId) -> Result<(), UpsertError> {
        let node = self.node(id).await?;
        let wanted = node.profile.email.clone();
        if node.claimed_email == wanted {
            return Ok(());
        }
        self.give_up_email(id).await?;
        let Some(email) = wanted else {
            return Ok(());
        };
        let claim = Claim::Email(email.clone());
        self.hold(Wish::claim(&claim)).await?;
        match self.claims.get(&claim).and_then(|held| held.now.clone()) {
            Some(holder) if holder != *id => self.join(id, &holder, By::Email).await,
            Some(_) => {
                self.node(id).await?.claimed_email = Some(email);
                Ok(())
            }
            None => {
                // Whoever had it before may have been forgotten, and an order
                // of theirs may still be on its way.
                let stone = self.tombstone(Mark::Claim(&claim)).await?;
                self.set_claim(&claim, Some(id.clone()));
                let node = self.node(id).await?;
                node.claimed_email = Some(email);
                node.email_since = stone.map(|stone| Box::new(stone.at));
                Ok(())
            }
        }
    }

    /// Gives up the address a node went by before: to another node of the
    /// person that goes by it, else to whoever comes next.
    pub(crate) async fn give_up_email(&mut self, id: &NodeId) -> Result<(), UpsertError> {
        let node = self.node(id).await?;
        let since = node.email_since.take();
        let Some(old) = node.claimed_email.take() else {
            return Ok(());
        };
        let claim = Claim::Email(old.clone());
        self.hold(Wish::claim(&claim)).await?;
        let ours = |held: &Held<NodeId>| held.now.as_ref() == Some(id);
        if !self.claims.get(&claim).is_some_and(ours) {
            return Ok(());
        }
        let mut heir = None;
        for member in self.members(id).await? {
            let node = self.node(&member).await?;
            if member != *id && heir.is_none() && node.profile.email.as_ref() == Some(&old) {
                node.claimed_email = Some(old.clone());
                node.email_since.clone_from(&since);
                heir = Some(member);
            }
        }
        self.set_claim(&claim, heir);
        Ok(())
    }

    pub(crate) async fn customer_deleted(
        &mut self,
        id: &ExternalId,
        stamp: Stamp,
    ) -> Result<(), UpsertError> {
        let claim = Claim::Id(id.clone());
        if let Some(node) = self.holder(&claim, Some(id), None).await? {
            self.node(&node).await?.delete(stamp);
            self.part_from_later(&node, stamp.at()).await?;
            self.give_up_email(&node).await?;
        }
        Ok(())
    }

    pub(crate) async fn customers_merged(
        &mut self,
        kept: &ExternalId,
        gone: &ExternalId,
        told_at: Option<Timestamp>,
    ) -> Result<(), UpsertError> {
        let (kept_id, gone_id) = (Claim::Id(kept.clone()), Claim::Id(gone.clone()));
        let kept = self.holder(&kept_id, Some(kept), None).await?;
        // The wish to forget the one that is gone may have come first: what was
        // bought as the other counts for the survivor all the same.
        let gone = match self.holder(&gone_id, Some(gone), None).await? {
            Some(gone) => Some(gone),
            None => match self.tombstone(Mark::Claim(&gone_id)).await? {
                Some(stone) => Some(self.buried(&stone).await?),
                None => None,
            },
        };
        if let (Some(kept), Some(gone)) = (kept, gone) {
            self.node(&gone).await?.merged_away = true;
            self.join(&gone, &kept, By::Source).await?;
            self.ask_again(&gone, &kept, told_at).await?;
            // The survivor may have gone by the other's address for long: if
            // it is free by now, nothing else would tell it so.
            self.sync_email(&kept).await?;
        }
        Ok(())
    }

    /// Makes the person of `one` part of the person of `other`, unless
    /// somebody has said that they are not the same, or they are too much for
    /// one person. Facts and totals stay on their nodes.
    async fn join(&mut self, one: &NodeId, other: &NodeId, by: By) -> Result<(), UpsertError> {
        let leaving = self.members(one).await?;
        let staying = self.members(other).await?;
        if leaving.contains(other) {
            return Ok(());
        }
        let (one_side, other_side) = (self.held_nodes(&leaving), self.held_nodes(&staying));
        // An address in common is not enough beyond the limits; what the
        // source merged was a person's decision.
        let limits = &self.settings.identity;
        let within = by != By::Email || merge::exceeded(&one_side, &other_side, limits).is_empty();
        if !within || merge::are_apart(&one_side, &other_side) {
            tracing::info!(node.id = %one, "node {one} is not joined with another by itself");
            return Ok(());
        }
        let kept = self.record(other, &staying).await?;
        let joined = self.record(one, &leaving).await?;
        let occasion = Occasion {
            merge: self.random_id(),
            at: self.now,
            by,
            caller: None,
            kept: other.clone(),
            joined: one.clone(),
        };
        match merge::join(kept, joined, occasion) {
            Ok(mut made) => {
                if by == By::Email {
                    made.merge.told = self.both_told_at(one, other);
                }
                self.seat(made);
            }
            Err(reason) => tracing::warn!(node.id = %one, %reason, "node {one} is not joined"),
        }
        Ok(())
    }

    pub(crate) fn held_nodes(&self, ids: &[NodeId]) -> Vec<&Node> {
        let held = |id| self.nodes.get(id).and_then(|held| held.now.as_ref());
        ids.iter().filter_map(held).collect()
    }

    /// The person of a node whose members are these, all held.
    pub(crate) async fn record(
        &mut self,
        id: &NodeId,
        members: &[NodeId],
    ) -> Result<PersonRecord, UpsertError> {
        let node = self.node(id).await?.clone();
        let Some(root) = &node.root else {
            return Ok(PersonRecord::Single(Box::new(node)));
        };
        let person = self.persons.get(root).and_then(|held| held.now.clone());
        let person = person.ok_or(UpsertError::Torn)?;
        let nodes = self.held_nodes(members).into_iter().cloned().collect();
        Ok(PersonRecord::Joined(Box::new(person), nodes))
    }

    /// Holds the joined person as it should be, and lets go of the old one.
    fn seat(&mut self, made: Joined) {
        for node in made.nodes {
            let held = self.nodes.entry(node.id.clone());
            held.or_insert_with(|| Held::read(None)).now = Some(node);
        }
        if let Some(held) = made.gone.and_then(|gone| self.persons.get_mut(&gone.id)) {
            held.now = None;
        }
        let held = self.persons.entry(made.person.id.clone());
        held.or_insert_with(|| Held::read(None)).now = Some(made.person);
        self.merges.push(made.merge);
    }

    /// The ids of all nodes of a node's person, each held.
    pub(crate) async fn members(&mut self, id: &NodeId) -> Result<Vec<NodeId>, UpsertError> {
        let Some(root) = self.node(id).await?.root.clone() else {
            return Ok(vec![id.clone()]);
        };
        self.hold(Wish::person(&root)).await?;
        let person = self.persons.get(&root).and_then(|held| held.now.as_ref());
        let person = person.ok_or(UpsertError::Torn)?;
        let ids: Vec<_> = person.members.keys().cloned().collect();
        let wish = Wish {
            nodes: ids.clone(),
            ..Wish::default()
        };
        self.hold(wish).await?;
        // A look at a person that is just being joined or parted decides nothing.
        let fits = |id: &NodeId| {
            let node = self.nodes.get(id).and_then(|held| held.now.as_ref());
            node.is_some_and(|node| node.root.as_ref() == Some(&root))
        };
        if ids.iter().all(fits) && ids.contains(id) {
            Ok(ids)
        } else {
            Err(UpsertError::Torn)
        }
    }

    /// A guest without an identifier: a profile of its own.
    pub(crate) async fn anonymous(&mut self, fact: &CustomerFact) -> Result<NodeId, UpsertError> {
        let id = self.new_node(None);
        self.node(&id).await?.tell(fact);
        Ok(id)
    }

    /// Lets a guest of whom nothing was known, and who has nothing left, be
    /// whoever its order turned out to belong to: its id, and what people
    /// wrote under it, lead there from now on.
    pub(crate) async fn fold_in(&mut self, id: &NodeId, owner: &NodeId) -> Result<(), UpsertError> {
        let node = self.node(id).await?;
        if id != owner && node.is_anonymous() && node.totals == Totals::default() {
            self.join(id, owner, By::Guest).await?;
        }
        Ok(())
    }
}
