//! Nodes and persons, and where they stand in the indexes.

use crm_domain::customer::Node;
use crm_domain::identity::NodeId;
use crm_domain::person::{Person, PersonRecord};
use crm_domain::segment::Assessment;

use crate::changes::{Changes, Expected};
use crate::error::StoreError;
use crate::item::{Item, text, to_item};
use crate::keys;

impl Changes {
    /// Writes a node over the version it was read at.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn node_put(&mut self, node: &Node) -> Result<(), StoreError> {
        let key = keys::node(&node.id);
        let read_at = Expected::read_at(node.version);
        let mut next = node.clone();
        next.version += 1;
        self.spill(&keys::node_chronicle(&next.id), &mut next.chronicle);
        self.put(true, key, node_item(&next)?, read_at);
        Ok(())
    }

    /// Lets the commit through only while a node is as it was read.
    pub fn node_check(&mut self, node: &Node) {
        self.check(true, keys::node(&node.id), Expected::read_at(node.version));
    }

    /// Lets the commit through only while a person's root record, or its one
    /// node, is as it was read: nobody joined or parted it in between.
    pub fn person_check(&mut self, record: &PersonRecord) {
        match record {
            PersonRecord::Single(node) => self.node_check(node),
            PersonRecord::Joined(person, _) => {
                let read_at = Expected::read_at(person.version);
                self.check(true, keys::person(&person.id), read_at);
            }
        }
    }

    /// Writes a person of several nodes over the version it was read at.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn person_put(&mut self, person: &Person) -> Result<(), StoreError> {
        self.person_write(person, Expected::read_at(person.version))
    }

    /// Writes a person of several nodes where there is none. Its version may
    /// be that of a record that was deleted: it goes on from there.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn person_begin(&mut self, person: &Person) -> Result<(), StoreError> {
        self.person_write(person, Expected::Absent)
    }

    fn person_write(&mut self, person: &Person, expected: Expected) -> Result<(), StoreError> {
        let key = keys::person(&person.id);
        let mut next = person.clone();
        next.version += 1;
        self.spill(&keys::person_chronicle(&next.id), &mut next.chronicle);
        let mut item = to_item("person", &key, &next)?;
        item.extend(places(&person.id, person.assessment.as_ref()));
        self.put(true, key, item, expected);
        Ok(())
    }

    /// Deletes a person that was joined into another, or parted.
    pub fn person_delete(&mut self, person: &Person) {
        let read_at = Expected::read_at(person.version);
        self.delete(true, keys::person(&person.id), read_at);
    }
}

/// A node as its item holds it, its places in the indexes among it.
///
/// # Errors
///
/// [`StoreError::Malformed`], never in practice.
pub fn node_item(node: &Node) -> Result<Item, StoreError> {
    let mut item = to_item("node", &keys::node(&node.id), node)?;
    if node.root.is_none() {
        item.extend(places(&node.id, node.assessment.as_ref()));
    }
    Ok(item)
}

/// The index attributes of a person: its segment, and the next date on which
/// time alone changes it.
pub(crate) fn places(id: &NodeId, assessment: Option<&Assessment>) -> Item {
    let mut item = Item::new();
    let Some(assessment) = assessment else {
        return item;
    };
    let shard = keys::shard_of(id.as_str());
    let segment = keys::segment_shard(assessment.segment, shard);
    item.insert("seg_pk".to_owned(), text(segment));
    item.insert("seg_sk".to_owned(), text(id.as_str()));
    if let Some(date) = assessment.wake_on {
        item.insert("due_pk".to_owned(), text(keys::due_shard(shard)));
        item.insert("due_at".to_owned(), text(date.to_string()));
    }
    item
}
