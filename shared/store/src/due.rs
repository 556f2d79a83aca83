//! What has come due: one sparse index serves every clock.

use crm_domain::identity::NodeId;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::Store;
use crate::error::StoreError;
use crate::item::{Item, text};
use crate::keys::{self, DUE_INDEX, SHARDS};
use crate::list::Page;

/// A place in a due index to go on from.
#[derive(Debug, Clone, Default)]
pub struct DuePlace {
    shard: u32,
    after: Option<Item>,
}

impl Store {
    /// Ids of cases whose clock shows `until` or earlier, a page of at most
    /// `limit`, earliest first in each shard; a page may be empty and yet
    /// have a next one.
    ///
    /// The index may be a moment behind: what it misses now it shows at the
    /// next tick, and what it shows too often is checked by the caller.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn cases_due(
        &self,
        until: Timestamp,
        from: DuePlace,
        limit: i32,
    ) -> Result<Page<String, DuePlace>, StoreError> {
        let until = keys::instant(until);
        let page = self.due(&self.facts, &until, from, limit).await?;
        let case = |pk: String| pk.strip_prefix("K#").map(str::to_owned);
        Ok(Page {
            items: page.items.into_iter().filter_map(case).collect(),
            next: page.next,
        })
    }

    /// Ids of persons to be looked at on `until` or earlier, a page of at most
    /// `limit`; a page may be empty and yet have a next one.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn persons_due(
        &self,
        until: Date,
        from: DuePlace,
        limit: i32,
    ) -> Result<Page<NodeId, DuePlace>, StoreError> {
        let until = until.to_string();
        let page = self.due(&self.people, &until, from, limit).await?;
        let node = |pk: String| NodeId::parse(pk.strip_prefix("N#")?).ok();
        Ok(Page {
            items: page.items.into_iter().filter_map(node).collect(),
            next: page.next,
        })
    }

    /// A page of one shard.
    async fn due(
        &self,
        table: &str,
        until: &str,
        from: DuePlace,
        limit: i32,
    ) -> Result<Page<String, DuePlace>, StoreError> {
        let answer = self
            .query_done(
                self.client
                    .query()
                    .table_name(table)
                    .index_name(DUE_INDEX)
                    .key_condition_expression("due_pk = :shard AND due_at <= :until")
                    .expression_attribute_values(":shard", text(keys::due_shard(from.shard)))
                    .expression_attribute_values(":until", text(until))
                    .limit(limit)
                    .set_exclusive_start_key(from.after),
            )
            .await?;
        let found = answer.items.unwrap_or_default().into_iter();
        let items = found.filter_map(|item| item.get("pk")?.as_s().ok().cloned());
        let next = match answer.last_evaluated_key {
            Some(key) => DuePlace {
                shard: from.shard,
                after: Some(key),
            },
            None => DuePlace {
                shard: from.shard + 1,
                after: None,
            },
        };
        Ok(Page {
            items: items.collect(),
            next: (next.shard < SHARDS).then_some(next),
        })
    }
}
