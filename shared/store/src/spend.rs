//! What a store spent on winning customers, by month and channel.

use crm_domain::money::Amount;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::changes::{Changes, Committed, Expected};
use crate::error::StoreError;
use crate::item::{from_item, text, to_item};
use crate::keys;

/// What was spent in a month on a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spend {
    /// Counts writes; 0 is not stored yet.
    #[serde(rename = "v")]
    pub version: u64,
    /// The month, as `2026-03`.
    pub month: String,
    /// The channel, by the name that its customers are counted under.
    pub channel: String,
    /// How much, in the reporting currency.
    pub amount: Amount,
    /// Who said so last.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// What was spent in a month on a channel, if anybody told.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn spend_fetch(
        &self,
        month: &str,
        channel: &str,
    ) -> Result<Option<Spend>, StoreError> {
        let item = self.fact_item(&keys::spend(month, channel)).await?;
        item.map(|item| from_item("spend", item)).transpose()
    }

    /// Writes what was spent over the version it was read at.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn spend_put(&self, spend: &Spend) -> Result<Committed, StoreError> {
        let key = keys::spend(&spend.month, &spend.channel);
        let mut next = spend.clone();
        next.version += 1;
        let item = to_item("spend", &key, &next)?;
        let mut changes = Changes::new();
        changes.put(false, key, item, Expected::read_at(spend.version));
        self.commit(changes).await
    }

    /// All that was spent from one month to another, both included, by month
    /// and then by channel.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn spend_list(&self, from: &str, to: &str) -> Result<Vec<Spend>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.facts)
            .key_condition_expression("pk = :all AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":all", text(keys::SPEND))
            .expression_attribute_values(":from", text(keys::spend(from, "").sk))
            // Behind every channel of the month.
            .expression_attribute_values(":to", text(keys::spend(to, "\u{10FFFF}").sk))
            .consistent_read(true);
        let items = self.query_all(query).await?.into_iter();
        items.map(|item| from_item("spend", item)).collect()
    }
}
