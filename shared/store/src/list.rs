//! Lists in pages: people of a segment, facts of a node.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use crm_domain::identity::NodeId;
use crm_domain::order::OrderSummary;
use crm_domain::segment::Segment;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::case::CaseSummary;
use crate::error::StoreError;
use crate::item::{Item, text};
use crate::keys::{self, NODE_INDEX, SEGMENT_INDEX, SHARDS};
use crate::returns::LooseReturnSummary;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What it holds.
    pub items: Vec<T>,
    /// Where the next one begins, if there is one.
    pub next: Option<Place>,
}

/// A place in a list to go on from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    shard: u32,
    after: Option<HashMap<String, String>>,
}

/// Which of a node's facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactKind {
    /// Orders.
    Order,
    /// Returns of no order.
    LooseReturn,
    /// Cases.
    Case,
}

/// A fact in a few fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Summary {
    /// An order.
    Order(Box<OrderSummary>),
    /// A return of no order.
    LooseReturn(LooseReturnSummary),
    /// A case.
    Case(CaseSummary),
}

impl FactKind {
    fn letter(self) -> char {
        match self {
            Self::Order => 'O',
            Self::LooseReturn => 'L',
            Self::Case => 'K',
        }
    }

    fn read(self, summary: AttributeValue) -> Result<Summary, StoreError> {
        let read = match self {
            Self::Order => {
                serde_dynamo::from_attribute_value(summary).map(|s| Summary::Order(Box::new(s)))
            }
            Self::LooseReturn => {
                serde_dynamo::from_attribute_value(summary).map(Summary::LooseReturn)
            }
            Self::Case => serde_dynamo::from_attribute_value(summary).map(Summary::Case),
        };
        read.map_err(|source| StoreError::Malformed {
            item: "summary",
            source,
        })
    }
}

impl Store {
    /// Ids of the persons in a segment, a page of at most `limit`.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn segment_list(
        &self,
        segment: Segment,
        from: Option<Place>,
        limit: usize,
    ) -> Result<Page<NodeId>, StoreError> {
        let mut place = from.unwrap_or(Place {
            shard: 0,
            after: None,
        });
        let mut items = Vec::new();
        while place.shard < SHARDS && items.len() < limit {
            let room = i32::try_from(limit - items.len()).unwrap_or(i32::MAX);
            let shard = text(keys::segment_shard(segment, place.shard));
            let query = self
                .client
                .query()
                .table_name(&self.people)
                .index_name(SEGMENT_INDEX)
                .key_condition_expression("seg_pk = :shard")
                .expression_attribute_values(":shard", shard)
                .limit(room)
                .set_exclusive_start_key(place.start());
            let answer = query
                .send()
                .await
                .map_err(|error| StoreError::from_sdk("Query", error))?;
            let ids = answer.items.unwrap_or_default().into_iter();
            items.extend(
                ids.filter_map(|item| NodeId::parse(item.get("seg_sk")?.as_s().ok()?).ok()),
            );
            place = place.following(answer.last_evaluated_key);
        }
        let next = (place.shard < SHARDS).then_some(place);
        Ok(Page { items, next })
    }

    /// A node's facts of one kind, the newest first, a page of at most
    /// `limit`.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn facts_list(
        &self,
        node: &NodeId,
        kind: FactKind,
        from: Option<Place>,
        limit: usize,
    ) -> Result<Page<Summary>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.facts)
            .index_name(NODE_INDEX)
            .key_condition_expression("node_pk = :node AND begins_with(node_sk, :kind)")
            .expression_attribute_values(":node", text(keys::node_pk(node)))
            .expression_attribute_values(":kind", text(format!("{}#", kind.letter())))
            .scan_index_forward(false)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .set_exclusive_start_key(from.and_then(|place| place.start()))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", error))?;
        let found = answer.items.unwrap_or_default().into_iter();
        let items = found
            .filter_map(|mut item| item.remove("summary"))
            .map(|summary| kind.read(summary))
            .collect::<Result<_, _>>()?;
        let next = answer.last_evaluated_key.map(|key| Place::after(0, key));
        Ok(Page { items, next })
    }
}

impl Place {
    fn start(&self) -> Option<Item> {
        let key = self.after.as_ref()?.iter();
        Some(
            key.map(|(name, value)| (name.clone(), text(value)))
                .collect(),
        )
    }

    fn after(shard: u32, key: Item) -> Self {
        let parts = key.into_iter();
        let after = parts.filter_map(|(name, value)| Some((name, value.as_s().ok()?.clone())));
        Self {
            shard,
            after: Some(after.collect()),
        }
    }

    fn following(&self, last: Option<Item>) -> Self {
        match last {
            Some(key) => Self::after(self.shard, key),
            None => Self {
                shard: self.shard + 1,
                after: None,
            },
        }
    }
}
