//! Everyone as of a past date: what a look into the past left behind.
//!
//! A row holds what an evaluation needs; the evaluation itself is made when
//! the row is read. Rows end by themselves, together with their run.

use std::collections::BTreeMap;

use crm_domain::care::Care;
use crm_domain::identity::NodeId;
use crm_domain::segment::Subject;
use crm_domain::totals::Totals;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::batch;
use crate::changes::{Changes, Expected};
use crate::error::StoreError;
use crate::item::{from_item, key_of, second, text, to_item};
use crate::keys::{self, SHARDS};
use crate::list::Page;

/// One person as of a run's date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsOfRow {
    /// The person, by today's joins.
    #[serde(rename = "sk")]
    pub person: NodeId,
    /// Its nodes: what they are called at their sources is looked up when it
    /// is shown, so that whoever is forgotten is forgotten here too.
    #[serde(default)]
    pub nodes: Vec<NodeId>,
    /// What its orders came to.
    #[serde(default)]
    pub totals: Totals,
    /// Its cases and bills.
    #[serde(default, skip_serializing_if = "Care::is_empty")]
    pub care: Care,
    /// Whether it is ranked by value.
    #[serde(default)]
    pub ranked: bool,
}

/// A place in the list of a run's rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AsOfPlace {
    #[serde(rename = "s")]
    shard: u32,
    #[serde(rename = "a")]
    after: Option<NodeId>,
}

#[derive(Serialize, Deserialize)]
struct Pointer {
    run: String,
    expires_at: u64,
}

impl AsOfRow {
    /// Whom an evaluation on the run's date is about.
    #[must_use]
    pub fn subject(&self) -> Subject<'_> {
        Subject {
            totals: &self.totals,
            care: &self.care,
            ranked: self.ranked,
            source: None,
        }
    }
}

impl Changes {
    /// Lets a date be answered from a run that has looked at it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn asof_point(&mut self, on: Date, run: &str, expires_at: u64) -> Result<(), StoreError> {
        let pointer = Pointer {
            run: run.to_owned(),
            expires_at,
        };
        let key = keys::asof_run(on);
        let item = to_item("asof", &key, &pointer)?;
        self.put(false, key, item, Expected::Anything);
        Ok(())
    }
}

impl Store {
    /// Keeps rows of a run until their time is over; the same rows again
    /// change nothing. Where somebody became part of another meanwhile, the
    /// row of their own goes.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`]; some rows may have been written.
    pub async fn asof_put(
        &self,
        run: &str,
        rows: &[AsOfRow],
        expires_at: u64,
    ) -> Result<(), StoreError> {
        // No two writes of one key: the later one stands.
        let mut writes = BTreeMap::new();
        for row in rows {
            let key = keys::asof_row(run, &row.person);
            let mut item = to_item("asof_row", &key, row)?;
            item.insert("expires_at".to_owned(), crate::item::number(expires_at));
            writes.insert(key, batch::put(item));
            for part in row.nodes.iter().filter(|node| **node != row.person) {
                let key = keys::asof_row(run, part);
                let gone = batch::delete(&key);
                writes.insert(key, gone);
            }
        }
        self.write_batch(writes.into_values().collect()).await
    }

    /// The run that answers for a date, while its rows last.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn asof_run(&self, on: Date, now: Timestamp) -> Result<Option<String>, StoreError> {
        let item = self.fact_item(&keys::asof_run(on)).await?;
        let pointer = item.map(|item| from_item::<Pointer>("asof", item));
        let pointer = pointer.transpose()?;
        let lasting = pointer.filter(|pointer| pointer.expires_at > second(now));
        Ok(lasting.map(|pointer| pointer.run))
    }

    /// A person's row of a run.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn asof_row(
        &self,
        run: &str,
        person: &NodeId,
    ) -> Result<Option<AsOfRow>, StoreError> {
        let item = self.fact_item(&keys::asof_row(run, person)).await?;
        item.map(|item| from_item("asof_row", item)).transpose()
    }

    /// A page of a run's rows, of at most `limit`; it may be empty and yet
    /// have a next one.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn asof_rows(
        &self,
        run: &str,
        from: Option<AsOfPlace>,
        limit: i32,
    ) -> Result<Page<AsOfRow, AsOfPlace>, StoreError> {
        let place = from.unwrap_or_default();
        // Every id sorts behind no id at all.
        let after = place.after.as_ref().map_or("!", NodeId::as_str);
        let answer = self
            .query_done(
                self.client
                    .query()
                    .table_name(&self.facts)
                    .key_condition_expression("pk = :shard AND sk > :after")
                    .expression_attribute_values(":shard", text(keys::asof_shard(run, place.shard)))
                    .expression_attribute_values(":after", text(after))
                    .limit(limit),
            )
            .await?;
        let last = answer.last_evaluated_key.as_ref().and_then(key_of);
        let next = match last.and_then(|key| NodeId::parse(&key.sk).ok()) {
            Some(last) => AsOfPlace {
                shard: place.shard,
                after: Some(last),
            },
            None => AsOfPlace {
                shard: place.shard + 1,
                after: None,
            },
        };
        let rows = answer.items.unwrap_or_default().into_iter();
        let rows = rows.map(|item| from_item("asof_row", item));
        Ok(Page {
            items: rows.collect::<Result<_, _>>()?,
            next: (next.shard < SHARDS).then_some(next),
        })
    }
}
