//! Finding customers by name, telephone and order number.
//!
//! Words of names and last digits of telephones have entries of their own,
//! written with those by which duplicates are found ([`crate::Indexed`]): of
//! a person, an entry holds that and a node's id. An order number is a place
//! in the index that holds what comes due, which is empty for orders otherwise.

use crm_domain::identity::{ExternalId, NodeId};
use crm_domain::search::FindKey;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::error::StoreError;
use crate::item::text;
use crate::keys::{self, DUE_INDEX, Key};
use crate::list::Page;
use crate::read::{Consistency, Wanted};

/// Most orders of one number that are looked at: a few shops may use it.
const MOST_ORDERS: i32 = 100;

/// A word of somebody's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedPlace {
    /// The word.
    #[serde(rename = "w")]
    pub word: String,
    /// Whose it is.
    #[serde(rename = "n")]
    pub node: NodeId,
}

pub(crate) fn entry(key: &FindKey, node: &NodeId) -> Key {
    match key {
        FindKey::Word(word) => keys::found_by_word(word, node),
        FindKey::Phone(ending) => keys::found_by_phone(ending, node),
    }
}

impl Store {
    /// Nodes with a word in their name that begins so, by word and id, a page
    /// of at most `limit`. The beginning has two letters or more: words are
    /// kept together by these.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn named_like(
        &self,
        beginning: &str,
        from: Option<&NamedPlace>,
        limit: usize,
    ) -> Result<Page<NamedPlace, NamedPlace>, StoreError> {
        let partition = keys::words(beginning);
        let after = from.map(|place| keys::found_by_word(&place.word, &place.node).sk);
        let (found, more) = self
            .under(&partition, Some(beginning), after.as_deref(), limit)
            .await?;
        let place = |sk: String| {
            let (word, node) = sk.split_once('#')?;
            Some(NamedPlace {
                word: word.to_owned(),
                node: NodeId::parse(node).ok()?,
            })
        };
        let items: Vec<_> = found.into_iter().filter_map(place).collect();
        let next = items.last().filter(|_| more).cloned();
        Ok(Page { items, next })
    }

    /// Nodes with a telephone that ends so, by id, a page of at most `limit`.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn reached_at(
        &self,
        ending: &str,
        from: Option<&NodeId>,
        limit: usize,
    ) -> Result<Page<NodeId, NodeId>, StoreError> {
        self.nodes_under(&keys::phones(ending), from, limit).await
    }

    /// The nodes that orders of a number belong to, each once. The index may
    /// be a moment behind the orders.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn buyers_of(&self, number: &str) -> Result<Vec<NodeId>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.facts)
            .index_name(DUE_INDEX)
            .key_condition_expression("due_pk = :number")
            .expression_attribute_values(":number", text(keys::order_number(number)))
            .limit(MOST_ORDERS)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", error))?;
        let found = answer.items.unwrap_or_default();
        let ids = found.iter().filter_map(|item| item.get("pk")?.as_s().ok());
        let ids = ids.filter_map(|pk| ExternalId::parse(pk.strip_prefix("O#")?).ok());
        let ids: Vec<ExternalId> = ids.collect();
        let mut wanted = Wanted::default();
        for id in &ids {
            wanted.order(id);
        }
        let loaded = self.load(&wanted, Consistency::Eventual).await?;
        let mut nodes = Vec::new();
        for id in &ids {
            let order = loaded.order(id)?.map(|record| record.order);
            let node = order.filter(|order| !order.redacted);
            nodes.extend(node.and_then(|order| order.node));
        }
        nodes.sort_unstable();
        nodes.dedup();
        Ok(nodes)
    }
}
