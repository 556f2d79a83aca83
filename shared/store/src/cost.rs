//! What is known of products: what they cost the shop, from which date on, and
//! of what kind they are.

use crm_domain::identity::ExternalId;
use crm_domain::order::DatedCosts;
use crm_domain::stamp::Stamp;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::changes::{Changes, Committed, Expected};
use crate::error::StoreError;
use crate::item::to_item;
use crate::keys;
use crate::read::{Consistency, Wanted};

/// A product's costs as stored, in the reporting currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostRecord {
    /// Counts writes; 0 is not stored yet.
    #[serde(rename = "v")]
    pub version: u64,
    /// The product's id at its source.
    pub product: ExternalId,
    /// Each cost with the date from which on it is in force.
    #[serde(default)]
    pub costs: DatedCosts,
    /// What kind of product it is, as its source tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Which telling of the product that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Stamp>,
}

impl Store {
    /// A product's costs; none of version 0 when nobody told any. They may be
    /// put back after a change.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn cost_fetch(&self, product: &ExternalId) -> Result<CostRecord, StoreError> {
        let mut wanted = Wanted::default();
        let found = self
            .load(wanted.cost(product), Consistency::Strong)
            .await?
            .cost(product)?;
        Ok(found.unwrap_or_else(|| CostRecord {
            version: 0,
            product: product.clone(),
            costs: DatedCosts::new(),
            category: None,
            told: None,
        }))
    }

    /// Writes a product's costs over the version they were read at. Orders
    /// recorded before keep the cost they were recorded with.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn cost_put(&self, record: &CostRecord) -> Result<Committed, StoreError> {
        let key = keys::cost(&record.product);
        let mut next = record.clone();
        next.version += 1;
        let mut changes = Changes::new();
        let item = to_item("cost", &key, &next)?;
        changes.put(true, key, item, Expected::read_at(record.version));
        self.commit(changes).await
    }
}
