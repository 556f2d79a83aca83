//! What has come due: one sparse index serves every clock.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::Store;
use crate::error::StoreError;
use crate::item::text;
use crate::keys::{self, DUE_INDEX, SHARDS};

impl Store {
    /// Ids of cases whose clock shows `until` or earlier, earliest first in
    /// each shard, at most `limit` a shard.
    ///
    /// The index may be a moment behind: what it misses now it shows at the
    /// next tick, and what it shows too often is checked by the caller.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn cases_due(&self, until: Timestamp, limit: i32) -> Result<Vec<String>, StoreError> {
        let keys = self.due(&self.facts, &until.to_string(), limit).await?;
        let case = |pk: String| pk.strip_prefix("K#").map(str::to_owned);
        Ok(keys.into_iter().filter_map(case).collect())
    }

    /// Ids of persons to be looked at on `until` or earlier, at most `limit`
    /// a shard.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn persons_due(&self, until: Date, limit: i32) -> Result<Vec<String>, StoreError> {
        let keys = self.due(&self.people, &until.to_string(), limit).await?;
        let node = |pk: String| pk.strip_prefix("N#").map(str::to_owned);
        Ok(keys.into_iter().filter_map(node).collect())
    }

    async fn due(&self, table: &str, until: &str, limit: i32) -> Result<Vec<String>, StoreError> {
        let mut found = Vec::new();
        for shard in 0..SHARDS {
            let answer = self
                .client
                .query()
                .table_name(table)
                .index_name(DUE_INDEX)
                .key_condition_expression("due_pk = :shard AND due_at <= :until")
                .expression_attribute_values(":shard", text(keys::due_shard(shard)))
                .expression_attribute_values(":until", text(until))
                .limit(limit)
                .send()
                .await
                .map_err(|error| StoreError::from_sdk("Query", error))?;
            let keys = answer.items.unwrap_or_default().into_iter();
            found.extend(keys.filter_map(|item| item.get("pk")?.as_s().ok().cloned()));
        }
        Ok(found)
    }
}
