//! Lists in pages: people of a segment, facts of a node.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use crm_domain::field::FieldChange;
use crm_domain::identity::NodeId;
use crm_domain::order::OrderSummary;
use crm_domain::segment::Segment;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::case::CaseSummary;
use crate::communication::{self, CommunicationSummary};
use crate::error::StoreError;
use crate::item::{Item, text};
use crate::keys::{self, NODE_INDEX, SEGMENT_INDEX, SHARDS};
use crate::message::Message;
use crate::returns::LooseReturnSummary;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, P> {
    /// What it holds.
    pub items: Vec<T>,
    /// Where the next one begins, if there may be one.
    pub next: Option<P>,
}

/// A place in a list of persons to go on from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentPlace {
    #[serde(rename = "s")]
    shard: u32,
    #[serde(rename = "a")]
    after: Option<NodeId>,
}

/// A place in a list of a node's facts to go on from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(Timestamp, String)", into = "(Timestamp, String)")]
pub struct FactPlace {
    at: Timestamp,
    id: String,
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
    /// What was said: by the system's messages, and what people added.
    Said,
    /// Changes of fields.
    FieldChange,
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
    /// A message that the system sends.
    Message(Message),
    /// A communication.
    Communication(CommunicationSummary),
    /// A change of fields.
    FieldChange(FieldChange),
}

impl FactKind {
    fn letter(self) -> char {
        match self {
            Self::Order => 'O',
            Self::LooseReturn => 'L',
            Self::Case => 'K',
            Self::Said => 'M',
            Self::FieldChange => 'F',
        }
    }

    /// `kind`: that of the item, where things of several share a list.
    fn read(self, kind: &str, summary: AttributeValue) -> Result<Summary, StoreError> {
        let read = match self {
            Self::Order => {
                serde_dynamo::from_attribute_value(summary).map(|s| Summary::Order(Box::new(s)))
            }
            Self::LooseReturn => {
                serde_dynamo::from_attribute_value(summary).map(Summary::LooseReturn)
            }
            Self::Case => serde_dynamo::from_attribute_value(summary).map(Summary::Case),
            Self::Said if kind == communication::KIND => {
                serde_dynamo::from_attribute_value(summary).map(Summary::Communication)
            }
            Self::Said => serde_dynamo::from_attribute_value(summary).map(Summary::Message),
            Self::FieldChange => {
                serde_dynamo::from_attribute_value(summary).map(Summary::FieldChange)
            }
        };
        read.map_err(|_| StoreError::Malformed { item: "summary" })
    }
}

/// Longer than any id a fact is kept under.
const MOST_ID_BYTES: usize = 400;

impl Store {
    /// Ids of the persons in a segment, a page of at most `limit`. The index
    /// may be a moment behind the persons themselves.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn segment_list(
        &self,
        segment: Segment,
        from: Option<SegmentPlace>,
        limit: usize,
    ) -> Result<Page<NodeId, SegmentPlace>, StoreError> {
        let mut place = from.unwrap_or_default();
        let mut items = Vec::new();
        while place.shard < SHARDS && items.len() < limit {
            let room = limit - items.len();
            let (found, more) = self.segment_part(segment, &place, room).await?;
            place = match found.last() {
                Some(last) if more => SegmentPlace {
                    after: Some(last.clone()),
                    ..place
                },
                _ => SegmentPlace {
                    shard: place.shard + 1,
                    after: None,
                },
            };
            items.extend(found);
        }
        let next = (place.shard < SHARDS).then_some(place);
        Ok(Page { items, next })
    }

    /// Ids in one shard, and whether there may be more.
    async fn segment_part(
        &self,
        segment: Segment,
        place: &SegmentPlace,
        limit: usize,
    ) -> Result<(Vec<NodeId>, bool), StoreError> {
        let shard = keys::segment_shard(segment, place.shard);
        // Every id sorts behind no id at all.
        let after = place.after.as_ref().map_or("!", NodeId::as_str);
        let answer = self
            .query_done(
                self.client
                    .query()
                    .table_name(&self.people)
                    .index_name(SEGMENT_INDEX)
                    .key_condition_expression("seg_pk = :shard AND seg_sk > :after")
                    .expression_attribute_values(":shard", text(shard))
                    .expression_attribute_values(":after", text(after))
                    .limit(i32::try_from(limit).unwrap_or(i32::MAX)),
            )
            .await?;
        let more = answer.last_evaluated_key.is_some();
        let ids = answer.items.unwrap_or_default().into_iter();
        let ids = ids.filter_map(|item| NodeId::parse(item.get("seg_sk")?.as_s().ok()?).ok());
        Ok((ids.collect(), more))
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
        from: Option<&FactPlace>,
        limit: usize,
    ) -> Result<Page<Summary, FactPlace>, StoreError> {
        let answer = self
            .query_done(
                self.client
                    .query()
                    .table_name(&self.facts)
                    .index_name(NODE_INDEX)
                    .key_condition_expression("node_pk = :node AND begins_with(node_sk, :kind)")
                    .expression_attribute_values(":node", text(keys::node_pk(node)))
                    .expression_attribute_values(":kind", text(format!("{}#", kind.letter())))
                    .scan_index_forward(false)
                    .limit(i32::try_from(limit).unwrap_or(i32::MAX))
                    .set_exclusive_start_key(from.map(|place| place.key(node, kind))),
            )
            .await?;
        let found = answer.items.unwrap_or_default().into_iter();
        let items = found.filter_map(|item| summary(kind, item));
        let items = items.collect::<Result<_, _>>()?;
        let next = answer.last_evaluated_key.as_ref().and_then(FactPlace::of);
        Ok(Page { items, next })
    }

    /// A node's facts of one kind from one instant to before another, the
    /// newest first: as many as one answer of the index holds.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn facts_between(
        &self,
        node: &NodeId,
        kind: FactKind,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<Summary>, StoreError> {
        let place = |at| format!("{}#{}", kind.letter(), keys::instant(at));
        let query = self
            .client
            .query()
            .table_name(&self.facts)
            .index_name(NODE_INDEX)
            .key_condition_expression("node_pk = :node AND node_sk BETWEEN :from AND :to")
            .expression_attribute_values(":node", text(keys::node_pk(node)))
            .expression_attribute_values(":from", text(place(from)))
            .expression_attribute_values(":to", text(place(to)))
            .scan_index_forward(false);
        let answer = self.query_done(query).await?;
        let found = answer.items.unwrap_or_default().into_iter();
        found.filter_map(|item| summary(kind, item)).collect()
    }
}

/// The summary in an entry of the index; none of a fact that has none.
fn summary(kind: FactKind, mut item: Item) -> Option<Result<Summary, StoreError>> {
    let summary = item.remove("summary")?;
    let named = item.get("kind").and_then(|kind| kind.as_s().ok());
    let named = named.map(String::as_str).unwrap_or_default();
    Some(kind.read(named, summary))
}

/// Too long to be the id of any fact.
#[derive(Debug, thiserror::Error)]
#[error("no fact has an id of more than {MOST_ID_BYTES} bytes or none")]
pub struct ImpossiblePlace;

impl TryFrom<(Timestamp, String)> for FactPlace {
    type Error = ImpossiblePlace;

    fn try_from((at, id): (Timestamp, String)) -> Result<Self, ImpossiblePlace> {
        if !(1..=MOST_ID_BYTES).contains(&id.len()) {
            return Err(ImpossiblePlace);
        }
        Ok(Self { at, id })
    }
}

impl From<FactPlace> for (Timestamp, String) {
    fn from(place: FactPlace) -> Self {
        (place.at, place.id)
    }
}

impl FactPlace {
    /// The place right behind a fact.
    #[must_use]
    pub fn behind(at: Timestamp, id: &str) -> Self {
        let id = id.to_owned();
        Self { at, id }
    }

    /// The time of the fact behind which it is.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }

    fn of(key: &Item) -> Option<Self> {
        let mut parts = key.get("node_sk")?.as_s().ok()?.splitn(3, '#').skip(1);
        Some(Self {
            at: parts.next()?.parse().ok()?,
            id: parts.next()?.to_owned(),
        })
    }

    fn key(&self, node: &NodeId, kind: FactKind) -> Item {
        let letter = kind.letter();
        let place = keys::among_facts(letter, self.at, &self.id);
        HashMap::from([
            ("pk".to_owned(), text(format!("{letter}#{}", self.id))),
            ("sk".to_owned(), text(letter)),
            ("node_pk".to_owned(), text(keys::node_pk(node))),
            ("node_sk".to_owned(), text(place)),
        ])
    }
}
