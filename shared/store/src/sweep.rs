//! Everything that is kept with a node, whatever it is: to be shown whole, or
//! to be gone through when somebody is forgotten.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use crm_domain::case::Case;
use crm_domain::communication::Communication;
use crm_domain::field::FieldChange;
use crm_domain::identity::NodeId;
use crm_domain::privacy::Request;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Store;
use crate::communication;
use crate::error::StoreError;
use crate::item::{Item, from_item, key_of, text};
use crate::keys::{self, Key, NODE_INDEX};
use crate::list::Page;
use crate::order::OrderRecord;
use crate::read::{Consistency, Wanted};

/// A place among a node's facts to go on from. It names facts by their own
/// ids, and no person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SweepPlace {
    /// The node.
    #[serde(rename = "n")]
    pub node: NodeId,
    #[serde(rename = "p")]
    pk: String,
    #[serde(rename = "s")]
    sk: String,
    #[serde(rename = "k")]
    node_sk: String,
}

/// A fact as a sweep finds it.
#[derive(Debug, Clone, PartialEq)]
pub enum Swept {
    /// An order.
    Order(Box<OrderRecord>),
    /// A case.
    Case(Box<Case>),
    /// What was said.
    Communication(Box<Communication>),
    /// A change of fields.
    FieldChange(Box<FieldChange>),
    /// A privacy request.
    Privacy(Box<Request>),
    /// Something that is known to hold nothing about a person but their
    /// node's id.
    Nameless,
}

/// The kinds that name nobody. A kind that is in none of the lists stops the
/// sweep: what may name a person must not be passed by for being new.
const NAMELESS: [&str; 4] = ["audit", "loose_return", "message", "run"];

/// Names of what an item has for the tables' sake.
const OURS: [&str; 10] = [
    "pk", "sk", "node_pk", "node_sk", "due_pk", "due_at", "seg_pk", "seg_sk", "summary", "v",
];

impl Store {
    /// A page of a node's facts of all kinds, as they are kept.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn facts_sweep(
        &self,
        node: &NodeId,
        from: Option<&SweepPlace>,
        limit: usize,
    ) -> Result<Page<Swept, SweepPlace>, StoreError> {
        let (items, next) = self.facts_whole(node, from, limit).await?;
        let items = items.into_iter().map(Swept::of);
        let items = items.collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }

    /// The same as documents, with the kind of each in the field `kind`.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn facts_shown(
        &self,
        node: &NodeId,
        from: Option<&SweepPlace>,
        limit: usize,
    ) -> Result<Page<Value, SweepPlace>, StoreError> {
        let (items, next) = self.facts_whole(node, from, limit).await?;
        let shown = items.into_iter().map(|mut item| {
            for name in OURS {
                item.remove(name);
            }
            from_item("fact", item)
        });
        let items = shown.collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }

    async fn facts_whole(
        &self,
        node: &NodeId,
        from: Option<&SweepPlace>,
        limit: usize,
    ) -> Result<(Vec<Item>, Option<SweepPlace>), StoreError> {
        let answer = self
            .query_done(
                self.client
                    .query()
                    .table_name(&self.facts)
                    .index_name(NODE_INDEX)
                    .key_condition_expression("node_pk = :node")
                    .expression_attribute_values(":node", text(keys::node_pk(node)))
                    .limit(i32::try_from(limit).unwrap_or(i32::MAX))
                    .set_exclusive_start_key(from.map(SweepPlace::key)),
            )
            .await?;
        let found = answer.items.unwrap_or_default();
        let keys: Vec<Key> = found.iter().filter_map(key_of).collect();
        let mut wanted = Wanted::default();
        for key in &keys {
            wanted.fact_key(key.clone());
        }
        let mut loaded = self.load(&wanted, Consistency::Strong).await?;
        // What is gone since the index was written is held no more.
        let items = keys.iter().filter_map(|key| loaded.take(key)).collect();
        let next = answer.last_evaluated_key.as_ref();
        let next = next.and_then(|key| SweepPlace::of(node, key));
        Ok((items, next))
    }
}

impl Swept {
    fn of(item: Item) -> Result<Self, StoreError> {
        let kind = item.get("kind").and_then(|kind| kind.as_s().ok()).cloned();
        Ok(match kind.as_deref() {
            Some("order") => Self::Order(Box::new(from_item("order", item)?)),
            Some("case") => Self::Case(Box::new(from_item("case", item)?)),
            Some(communication::KIND) => {
                Self::Communication(Box::new(from_item(communication::KIND, item)?))
            }
            Some("field_change") => Self::FieldChange(Box::new(from_item("field_change", item)?)),
            Some("privacy") => Self::Privacy(Box::new(from_item("privacy", item)?)),
            Some(kind) if NAMELESS.contains(&kind) => Self::Nameless,
            _ => return Err(StoreError::Malformed { item: "fact" }),
        })
    }
}

impl SweepPlace {
    fn of(node: &NodeId, key: &Item) -> Option<Self> {
        let part = |name| key.get(name)?.as_s().ok().cloned();
        Some(Self {
            node: node.clone(),
            pk: part("pk")?,
            sk: part("sk")?,
            node_sk: part("node_sk")?,
        })
    }

    fn key(&self) -> HashMap<String, AttributeValue> {
        HashMap::from([
            ("pk".to_owned(), text(&self.pk)),
            ("sk".to_owned(), text(&self.sk)),
            ("node_pk".to_owned(), text(keys::node_pk(&self.node))),
            ("node_sk".to_owned(), text(&self.node_sk)),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_kind(kind: &str) -> Result<Swept, StoreError> {
        Swept::of(HashMap::from([("kind".to_owned(), text(kind))]))
    }

    #[test]
    fn a_kind_that_nobody_has_looked_at_is_not_taken_for_nameless() {
        for kind in NAMELESS {
            assert_eq!(of_kind(kind).unwrap(), Swept::Nameless, "{kind}");
        }
        assert!(of_kind("note").is_err());
        assert!(Swept::of(HashMap::new()).is_err());
    }
}
