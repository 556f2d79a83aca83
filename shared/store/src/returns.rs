//! Returns that do not say which order they belong to, and those of none.

use crm_domain::identity::{ExternalId, NodeId};
use crm_domain::money::Amount;
use crm_domain::returns::{LooseReturn, Return};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::changes::{Changes, Expected};
use crate::error::StoreError;
use crate::item::{attribute, text, to_item};
use crate::keys;

/// Finds a return's order; keeps what came before the order was known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnPointer {
    /// Counts writes; 0 is not stored yet.
    #[serde(rename = "v")]
    pub version: u64,
    /// The source's id of the return.
    pub id: ExternalId,
    /// Its order, once told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<ExternalId>,
    /// News that waits for the order.
    #[serde(default)]
    pub waiting: Return,
}

/// A return of no order, and what is counted for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LooseReturnRecord {
    /// Counts writes; 0 is not stored yet.
    #[serde(rename = "v")]
    pub version: u64,
    /// The source's id of the return.
    pub id: ExternalId,
    /// Whose it is.
    pub node: NodeId,
    /// The return.
    pub news: LooseReturn,
    /// What is counted for it now, in the reporting currency, and units.
    pub counted: (Amount, i64),
    /// Time carried by the latest event that changed it.
    pub touched_at: Timestamp,
}

/// A loose return in a list of facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LooseReturnSummary {
    /// The source's id of the return.
    pub id: ExternalId,
    /// When it was booked.
    pub at: Timestamp,
    /// Merchandise given back, in the reporting currency.
    pub refunded: Amount,
    /// Units that came back.
    pub units: i64,
}

impl Changes {
    /// Writes a return's pointer over the version it was read at.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn return_pointer_put(&mut self, pointer: &ReturnPointer) -> Result<(), StoreError> {
        let key = keys::returned(&pointer.id);
        let read_at = Expected::read_at(pointer.version);
        let mut next = pointer.clone();
        next.version += 1;
        let item = to_item("return", &key, &next)?;
        self.put(false, key, item, read_at);
        Ok(())
    }

    /// Writes a loose return over the version it was read at.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn loose_return_put(&mut self, record: &LooseReturnRecord) -> Result<(), StoreError> {
        let key = keys::loose_return(&record.id);
        let read_at = Expected::read_at(record.version);
        let mut next = record.clone();
        next.version += 1;
        let mut item = to_item("loose_return", &key, &next)?;
        let summary = LooseReturnSummary {
            id: record.id.clone(),
            at: record.news.at,
            refunded: record.counted.0,
            units: record.counted.1,
        };
        let place = keys::among_facts('L', record.news.at, record.id.as_str());
        item.insert("summary".to_owned(), attribute("loose_return", summary)?);
        item.insert("node_pk".to_owned(), text(keys::node_pk(&record.node)));
        item.insert("node_sk".to_owned(), text(place));
        self.put(false, key, item, read_at);
        Ok(())
    }
}
