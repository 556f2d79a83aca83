//! Who may be one person with whom, and who is found by what: an index by what
//! records have in common, and by names and telephones.
//!
//! An entry is a key and a node, and nothing else. Which entries a node has
//! stands in a record of its own, written before the entries change and after,
//! so that none is left behind by whoever dies in between.

use std::collections::{BTreeMap, BTreeSet};

use crm_domain::identity::NodeId;
use crm_domain::linkage::{BlockKey, LARGEST_BLOCK, Rarity, Weights};
use crm_domain::search::FindKey;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::batch;
use crate::changes::{Changes, Committed, Expected};
use crate::error::StoreError;
use crate::find;
use crate::item::{from_item, key_item, text, to_item};
use crate::keys;

/// The keys under which a node is found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Indexed {
    /// Counts writes; 0 is not stored yet.
    #[serde(rename = "v")]
    pub version: u64,
    /// Every key under which there may be an entry.
    #[serde(default)]
    pub keys: BTreeSet<BlockKey>,
    /// Every entry there may be for those who look for somebody.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub finds: BTreeSet<FindKey>,
    /// Whether there is one under each of them.
    #[serde(default)]
    pub settled: bool,
}

/// How many customers there are, and which names and towns are common.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct WeightsItem {
    customers: u32,
    /// As JSON: in the table's own form it would be twice as long.
    rarity: String,
}

impl Store {
    /// The keys under which a node is found.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn indexed_fetch(&self, node: &NodeId) -> Result<Indexed, StoreError> {
        let item = self.fact_item(&keys::blocks(node)).await?;
        let known = item.map(|item| from_item("blocks", item)).transpose()?;
        Ok(known.unwrap_or_default())
    }

    /// Writes under which keys a node is found, over the version it was read
    /// at.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn indexed_put(
        &self,
        node: &NodeId,
        indexed: &Indexed,
    ) -> Result<Committed, StoreError> {
        let key = keys::blocks(node);
        let next = Indexed {
            version: indexed.version + 1,
            ..indexed.clone()
        };
        let item = to_item("blocks", &key, &next)?;
        let mut changes = Changes::new();
        changes.put(false, key, item, Expected::read_at(indexed.version));
        self.commit(changes).await
    }

    /// Makes a node be found as `wanted` says, where it is known to be found
    /// as `known` says, or perhaps not at all if that is not `sure`.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`]; some of it may have been done.
    pub async fn index_change(
        &self,
        node: &NodeId,
        known: &Indexed,
        wanted: &Indexed,
        sure: bool,
    ) -> Result<(), StoreError> {
        let entries = |indexed: &Indexed| {
            let blocks = indexed.keys.iter();
            let blocks = blocks.map(|block| (keys::in_block(block, node), "block"));
            let finds = indexed.finds.iter();
            let finds = finds.map(|key| (find::entry(key, node), "found"));
            blocks.chain(finds).collect::<BTreeMap<_, _>>()
        };
        let (known, wanted) = (entries(known), entries(wanted));
        let missing = wanted
            .iter()
            .filter(|(key, _)| !(sure && known.contains_key(*key)));
        let puts = missing.map(|(key, kind)| {
            let mut item = key_item(key);
            item.insert("kind".to_owned(), text(*kind));
            batch::put(item)
        });
        let gone = known.keys().filter(|key| !wanted.contains_key(*key));
        let writes = puts.chain(gone.map(batch::delete)).collect();
        self.write_batch(writes).await
    }

    /// Who is found under a key; nothing where there are more than
    /// [`LARGEST_BLOCK`], of whom the key says too little. Sees every entry
    /// written before: of two who arrive at once, one finds the other.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn block_fetch(&self, block: &BlockKey) -> Result<Option<Vec<NodeId>>, StoreError> {
        let most = i32::try_from(LARGEST_BLOCK + 1).unwrap_or(i32::MAX);
        let answer = self
            .query_done(
                self.client
                    .query()
                    .table_name(&self.facts)
                    .consistent_read(true)
                    .key_condition_expression("pk = :block")
                    .expression_attribute_values(":block", text(keys::block(block)))
                    .projection_expression("sk")
                    .limit(most),
            )
            .await?;
        let found = answer.items.unwrap_or_default();
        if found.len() > LARGEST_BLOCK {
            return Ok(None);
        }
        let node = |item: crate::item::Item| NodeId::parse(item.get("sk")?.as_s().ok()?).ok();
        Ok(Some(found.into_iter().filter_map(node).collect()))
    }

    /// What weighs how much, as the last look at everyone found it.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn weights_fetch(&self) -> Result<Weights, StoreError> {
        let Some(item) = self.fact_item(&keys::weights()).await? else {
            return Ok(Weights::default());
        };
        let known: WeightsItem = from_item("weights", item)?;
        let rarity: Rarity = serde_json::from_str(&known.rarity)
            .map_err(|_| StoreError::Malformed { item: "weights" })?;
        Ok(Weights::for_base_of(known.customers).with(rarity))
    }
}

impl Changes {
    /// Keeps how many customers there are and what is common among them.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn weights_put(&mut self, customers: u32, rarity: &Rarity) -> Result<(), StoreError> {
        let key = keys::weights();
        let malformed = |_| StoreError::Malformed { item: "weights" };
        let item = WeightsItem {
            customers,
            rarity: serde_json::to_string(rarity).map_err(malformed)?,
        };
        let item = to_item("weights", &key, &item)?;
        self.put(false, key, item, Expected::Anything);
        Ok(())
    }
}
