//! Orders, each one item keyed by its source's id.

use crm_domain::condition::order_number;
use crm_domain::order::Order;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::changes::{Changes, Expected};
use crate::error::StoreError;
use crate::item::{attribute, text, to_item};
use crate::keys;

/// An order as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRecord {
    /// Counts writes; 0 is not stored yet.
    #[serde(rename = "v")]
    pub version: u64,
    /// The order.
    pub order: Order,
    /// Time carried by the latest event that changed it.
    pub touched_at: Timestamp,
    /// Whether it was news when it first counted, and may start a workflow.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fresh: bool,
    /// Whether its customer's first order was no news any more when this one
    /// counted: nobody to be welcomed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub returning: bool,
}

impl Changes {
    /// Writes an order over the version it was read at.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn order_put(&mut self, record: &OrderRecord) -> Result<(), StoreError> {
        let order = &record.order;
        let key = keys::order(&order.id);
        let read_at = Expected::read_at(record.version);
        let mut next = record.clone();
        next.version += 1;
        let summary = order.summary();
        let placed_at = summary.as_ref().map_or(record.touched_at, |s| s.placed_at);
        let mut item = to_item("order", &key, &next)?;
        if let Some(summary) = summary {
            item.insert("summary".to_owned(), attribute("order", summary)?);
        }
        if let Some(node) = &order.node {
            let place = keys::among_facts('O', placed_at, order.id.as_str());
            item.insert("node_pk".to_owned(), text(keys::node_pk(node)));
            item.insert("node_sk".to_owned(), text(place));
        }
        // Whoever was forgotten is found by no number.
        let name = order.body.as_ref().map(|(_, body)| body.name.as_str());
        let name = name.filter(|_| !order.redacted);
        if let Some(number) = name.and_then(order_number) {
            item.insert("due_pk".to_owned(), text(keys::order_number(&number)));
            item.insert("due_at".to_owned(), text(order.id.as_str()));
        }
        self.put(false, key, item, read_at);
        Ok(())
    }
}
