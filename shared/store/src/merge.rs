//! Merges and their ends: everything of both persons in one transaction.

use std::collections::BTreeSet;

use crm_domain::customer::Node;
use crm_domain::identity::NodeId;
use crm_domain::merge::{Joined, Merge, Parted};
use crm_domain::person::{Link, Person, PersonRecord};

use crate::Store;
use crate::changes::{Changes, Expected};
use crate::error::StoreError;
use crate::item::{Item, from_item, to_item};
use crate::keys;

impl Changes {
    /// Writes a merge over the version it was read at: with each of the two
    /// nodes it joins, so that both persons find it once they are parted.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn merge_put(&mut self, merge: &Merge) -> Result<(), StoreError> {
        let read_at = Expected::read_at(merge.version);
        let mut next = merge.clone();
        next.version += 1;
        // One of the two is news to the world; the other is its copy.
        for (kind, side) in [("merge", &merge.kept), ("merge_copy", &merge.joined)] {
            let key = keys::merge(&side.through, merge.at, &merge.id);
            let item = to_item(kind, &key, &next)?;
            self.put(false, key, item, read_at.clone());
        }
        Ok(())
    }

    /// Makes one person of two, if both are as they were read: `kept` is the
    /// person whose id stays, as it was.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn join(&mut self, kept: &PersonRecord, joined: &Joined) -> Result<(), StoreError> {
        for node in &joined.nodes {
            self.node_put(node)?;
        }
        match kept {
            PersonRecord::Single(_) => self.person_begin(&joined.person)?,
            PersonRecord::Joined(..) => self.person_put(&joined.person)?,
        }
        if let Some(gone) = &joined.gone {
            self.person_delete(gone);
        }
        self.merge_put(&joined.merge)
    }

    /// Makes two persons of one, if it is as it was read.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn part(&mut self, whole: &Person, parted: &Parted) -> Result<(), StoreError> {
        let mut goes_on = false;
        for record in [&parted.kept, &parted.joined] {
            for node in record.nodes() {
                self.node_put(node)?;
            }
            match record {
                PersonRecord::Joined(person, _) if person.id == whole.id => {
                    goes_on = true;
                    self.person_put(person)?;
                }
                PersonRecord::Joined(person, _) => self.person_begin(person)?,
                PersonRecord::Single(_) => {}
            }
        }
        if !goes_on {
            self.person_delete(whole);
        }
        self.merge_put(&parted.merge)
    }
}

impl Store {
    /// Every merge that joined one of a person's nodes to another, undone or
    /// not, oldest first. Nothing is read for who was never merged.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn merges_fetch(&self, person: &PersonRecord) -> Result<Vec<Merge>, StoreError> {
        let mut merges: Vec<Merge> = Vec::new();
        for node in person.nodes() {
            if node.root.is_none() && node.apart.is_empty() {
                continue;
            }
            for item in self.partition(&keys::merges(&node.id)).await? {
                let merge: Merge = from_item("merge", item)?;
                if merges.iter().all(|known| known.id != merge.id) {
                    merges.push(merge);
                }
            }
        }
        merges.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
        Ok(merges)
    }

    /// Every merge that has to do with whom a node was ever part of: its
    /// own, and those of all whom it was ever merged with. Nothing is read for
    /// who was never merged.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn merges_around(&self, node: &Node) -> Result<Vec<Merge>, StoreError> {
        let mut merges: Vec<Merge> = Vec::new();
        if node.root.is_none() && node.apart.is_empty() {
            return Ok(merges);
        }
        let mut seen = BTreeSet::from([node.id.clone()]);
        let mut ahead = vec![node.id.clone()];
        while let Some(next) = ahead.pop() {
            for item in self.partition(&keys::merges(&next)).await? {
                let merge: Merge = from_item("merge", item)?;
                let sides = merge.kept.nodes.iter().chain(&merge.joined.nodes);
                ahead.extend(sides.filter(|node| seen.insert((*node).clone())).cloned());
                if merges.iter().all(|known| known.id != merge.id) {
                    merges.push(merge);
                }
            }
        }
        merges.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
        Ok(merges)
    }

    /// The merge behind a link of a person.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn merge_of(&self, link: &Link) -> Result<Option<Merge>, StoreError> {
        let key = keys::merge(&link.kept, link.at, &link.merge);
        let item = self.fact_item(&key).await?;
        item.map(|item| from_item("merge", item)).transpose()
    }

    /// A merge by a node that it joined and its id.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn merge_fetch(&self, node: &NodeId, id: &str) -> Result<Option<Merge>, StoreError> {
        let items: Vec<Item> = self.partition(&keys::merges(node)).await?;
        let merges = items.into_iter().map(|item| from_item("merge", item));
        let merges: Vec<Merge> = merges.collect::<Result<_, _>>()?;
        Ok(merges.into_iter().find(|merge| merge.id == id))
    }
}
