//! What the store's people set of a customer's fields, change by change.

use crm_domain::field::FieldChange;

use crate::changes::{Changes, Expected};
use crate::error::StoreError;
use crate::item::{attribute, text, to_item};
use crate::keys;

impl Changes {
    /// Writes a change of a customer's fields over the version it was read
    /// at; what the fields are now stands on the node.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn field_change_put(&mut self, change: &FieldChange) -> Result<(), StoreError> {
        let key = keys::field_change(&change.id);
        let read_at = Expected::read_at(change.version);
        let mut next = change.clone();
        next.version += 1;
        let mut item = to_item("field_change", &key, &next)?;
        let place = keys::among_facts('F', next.at, &next.id);
        item.insert("summary".to_owned(), attribute("field_change", &next)?);
        item.insert("node_pk".to_owned(), text(keys::node_pk(&next.node)));
        item.insert("node_sk".to_owned(), text(place));
        self.put(false, key, item, read_at);
        Ok(())
    }
}
