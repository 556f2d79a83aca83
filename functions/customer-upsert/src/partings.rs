//! What a person parted and a source joins again, and what an address joined
//! that the two never had at one time.

use crm_domain::identity::NodeId;
use crm_domain::merge::{self, By, Merge, Parted};
use crm_domain::person::PersonRecord;
use jiff::Timestamp;

use crate::UpsertError;
use crate::work::{Held, Work};

impl Work<'_> {
    /// Notes that the source made two one after a person had parted them:
    /// they stay two, and a person is asked again. News from before that is
    /// what the person has decided about.
    pub(crate) async fn ask_again(
        &mut self,
        gone: &NodeId,
        kept: &NodeId,
        told_at: Option<Timestamp>,
    ) -> Result<(), UpsertError> {
        let theirs = self.members(gone).await?;
        let others = self.members(kept).await?;
        let parted = merge::parted_at(&self.held_nodes(&theirs), &self.held_nodes(&others));
        let is_newer = parted.zip(told_at).is_some_and(|(parted, at)| at > parted);
        if is_newer && !theirs.contains(kept) {
            self.node(gone).await?.asked_again = Some(Box::new(kept.clone()));
        }
        Ok(())
    }

    /// When the later of two nodes was told to be as it is.
    pub(crate) fn both_told_at(&self, one: &NodeId, other: &NodeId) -> Option<Timestamp> {
        let told = |id| self.nodes.get(id)?.now.as_ref()?.told_at();
        Some(told(one)?.max(told(other)?))
    }

    /// Parts a node that gave its address up at `left` from whoever was told
    /// only later to go by it: the two never had it at one time, and only
    /// their news came in another order. Nobody said that they are two.
    pub(crate) async fn part_from_later(
        &mut self,
        id: &NodeId,
        left: Option<Timestamp>,
    ) -> Result<(), UpsertError> {
        let (Some(left), true) = (left, self.node(id).await?.root.is_some()) else {
            return Ok(());
        };
        let mut apart = Vec::new();
        for merge in self.merges_by_address(id).await? {
            if merge.told.is_none_or(|told| told <= left) {
                continue;
            }
            // Whoever goes by the address takes it over while they are one.
            self.give_up_email(id).await?;
            let ends = [&merge.kept.through, &merge.joined.through];
            apart.extend(ends.into_iter().filter(|end| *end != id).cloned());
            self.take_back(id, merge).await?;
        }
        // Those left behind are one by the address if they go by it.
        for other in apart {
            self.sync_email(&other).await?;
        }
        Ok(())
    }

    /// The merges by an address that hold a node to its person.
    async fn merges_by_address(&mut self, id: &NodeId) -> Result<Vec<Merge>, UpsertError> {
        let members = self.members(id).await?;
        let PersonRecord::Joined(person, _) = self.record(id, &members).await? else {
            return Ok(Vec::new());
        };
        let mut merges = Vec::new();
        for link in &person.links {
            if link.kept != *id && link.joined != *id {
                continue;
            }
            let merge = self.means.store.merge_of(link).await?;
            merges.extend(merge.filter(|merge| merge.by == By::Email));
        }
        Ok(merges)
    }

    async fn take_back(&mut self, id: &NodeId, merge: Merge) -> Result<(), UpsertError> {
        let members = self.members(id).await?;
        let record = self.record(id, &members).await?;
        let others = self.means.store.merges_fetch(&record).await?;
        let PersonRecord::Joined(person, nodes) = record else {
            return Err(UpsertError::Torn);
        };
        let parted = merge::part_unasked(&person, nodes, (merge, &others), self.now);
        let parted = parted.map_err(|_| UpsertError::Torn)?;
        tracing::info!(node.id = %id, "node {id} had left its address before another took it");
        self.unseat(&person.id, parted);
        Ok(())
    }

    /// Holds the two persons as they should be, and lets go of the old one.
    fn unseat(&mut self, whole: &NodeId, parted: Parted) {
        if let Some(held) = self.persons.get_mut(whole) {
            held.now = None;
        }
        for record in [parted.kept, parted.joined] {
            let nodes = match record {
                PersonRecord::Single(node) => vec![*node],
                PersonRecord::Joined(person, nodes) => {
                    let held = self.persons.entry(person.id.clone());
                    held.or_insert_with(|| Held::read(None)).now = Some(*person);
                    nodes
                }
            };
            for node in nodes {
                let held = self.nodes.entry(node.id.clone());
                held.or_insert_with(|| Held::read(None)).now = Some(node);
            }
        }
        self.merges.push(parted.merge);
    }
}
