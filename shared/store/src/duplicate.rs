//! Pairs of customers who may be one person, and what was decided about them.
//!
//! A pair is kept with the smaller of the two ids, and a pointer to it with
//! the other, so that either finds it. Two indexes list the pairs of a state:
//! by score, and by when they were found.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use crm_domain::identity::NodeId;
use crm_domain::linkage::{Match, Suggestion};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::changes::{Changes, Expected};
use crate::error::StoreError;
use crate::item::{Item, from_item, key_item, text, to_item};
use crate::keys::{self, DUE_INDEX, NODE_INDEX, SHARDS};
use crate::list::Page;
use crate::read::{Consistency, Wanted};

/// What was decided about a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateState {
    /// Nothing yet.
    Open,
    /// They are one person.
    Accepted,
    /// They are two.
    Rejected,
}

/// Who decided about a pair, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// The subject of the token.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The merge that it made, if it made one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge: Option<String>,
}

/// Two persons who may be one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Duplicate {
    /// Counts writes; 0 is not stored yet.
    #[serde(rename = "v")]
    pub version: u64,
    /// The person with the smaller id, as of when they were found.
    pub one: NodeId,
    /// The other.
    pub other: NodeId,
    /// What was decided.
    pub state: DuplicateState,
    /// How likely it is, from 0 to 1.
    pub score: f64,
    /// What speaks for it.
    pub matched: Vec<Match>,
    /// When they were found.
    pub found_at: Timestamp,
    /// Who decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
}

/// In which order pairs are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DuplicateOrder {
    /// The most likely first.
    Score,
    /// The latest found first.
    Date,
}

/// A place in a list of pairs to go on from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuplicatePlace(String);

impl DuplicateState {
    /// Its name in keys and in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Open, Self::Accepted, Self::Rejected];
        all.into_iter().find(|state| state.name() == name)
    }
}

impl Duplicate {
    /// Two persons found to be alike, in whichever order.
    #[must_use]
    pub fn found(pair: [&NodeId; 2], suggestion: Suggestion, found_at: Timestamp) -> Self {
        let [one, other] = pair;
        Self {
            version: 0,
            one: one.min(other).clone(),
            other: one.max(other).clone(),
            state: DuplicateState::Open,
            score: suggestion.score,
            matched: suggestion.matched,
            found_at,
            decided: None,
        }
    }

    /// The id of a pair: those of the two, the smaller first.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}-{}", self.one, self.other)
    }

    /// Whether these two are the pair, in whichever order.
    #[must_use]
    pub fn is_of(&self, pair: [&NodeId; 2]) -> bool {
        let [one, other] = pair;
        (&self.one, &self.other) == (one.min(other), one.max(other))
    }

    /// The other of the two.
    #[must_use]
    pub fn partner(&self, of: &NodeId) -> &NodeId {
        if self.one == *of {
            &self.other
        } else {
            &self.one
        }
    }

    /// The two of an id.
    #[must_use]
    pub fn pair(id: &str) -> Option<[NodeId; 2]> {
        let (one, other) = id.split_once('-')?;
        let pair = [NodeId::parse(one).ok()?, NodeId::parse(other).ok()?];
        (pair[0] < pair[1]).then_some(pair)
    }

    /// Where it stands in the lists.
    fn places(&self) -> Item {
        let id = self.id();
        let shard = keys::duplicate_shard(self.state.name(), keys::shard_of(&id));
        Item::from([
            ("node_pk".to_owned(), text(&shard)),
            (
                "node_sk".to_owned(),
                text(format!("{:.17}#{id}", self.score)),
            ),
            ("due_pk".to_owned(), text(&shard)),
            (
                "due_at".to_owned(),
                text(format!("{}#{id}", keys::instant(self.found_at))),
            ),
        ])
    }
}

impl Changes {
    /// Writes a pair over the version it was read at.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn duplicate_put(&mut self, pair: &Duplicate) -> Result<(), StoreError> {
        let key = keys::duplicate(&pair.one, &pair.other);
        let mut next = pair.clone();
        next.version += 1;
        let mut item = to_item("duplicate", &key, &next)?;
        item.extend(pair.places());
        self.put(false, key, item, Expected::read_at(pair.version));
        if pair.version == 0 {
            let key = keys::duplicate(&pair.other, &pair.one);
            let mut pointer = key_item(&key);
            pointer.insert("kind".to_owned(), text("duplicate_pointer"));
            self.put(false, key, pointer, Expected::Anything);
        }
        Ok(())
    }

    /// Forgets a pair, if it is as it was read.
    pub fn duplicate_delete(&mut self, pair: &Duplicate) {
        let read_at = Expected::read_at(pair.version);
        let key = keys::duplicate(&pair.one, &pair.other);
        self.delete(false, key, read_at);
        let pointer = keys::duplicate(&pair.other, &pair.one);
        self.delete(false, pointer, Expected::Anything);
    }
}

impl Store {
    /// The pair of that id.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn duplicate_fetch(&self, id: &str) -> Result<Option<Duplicate>, StoreError> {
        let Some([one, other]) = Duplicate::pair(id) else {
            return Ok(None);
        };
        let item = self.fact_item(&keys::duplicate(&one, &other)).await?;
        item.map(|item| from_item("duplicate", item)).transpose()
    }

    /// Every pair that was kept with this id, whatever was decided.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn duplicates_of(&self, person: &NodeId) -> Result<Vec<Duplicate>, StoreError> {
        let items = self.partition(&keys::duplicates(person)).await?;
        let ids = items.iter().filter_map(|item| {
            let other = NodeId::parse(item.get("sk")?.as_s().ok()?).ok()?;
            Some([person.min(&other).clone(), person.max(&other).clone()])
        });
        self.duplicates_fetch(ids).await
    }

    /// Pairs, in the order asked for, those that exist.
    async fn duplicates_fetch(
        &self,
        pairs: impl Iterator<Item = [NodeId; 2]>,
    ) -> Result<Vec<Duplicate>, StoreError> {
        let pairs: Vec<_> = pairs.collect();
        let mut wanted = Wanted::default();
        for [one, other] in &pairs {
            wanted.duplicate(one, other);
        }
        let loaded = self.load(&wanted, Consistency::Strong).await?;
        let found = pairs.iter().map(|[one, other]| {
            let key = keys::duplicate(one, other);
            loaded.get("duplicate", &key)
        });
        found.filter_map(Result::transpose).collect()
    }

    /// Pairs in a state, a page of at most `limit`. The index may be a moment
    /// behind; what is no more in that state is left out, so that a page may
    /// be short and yet have a next one.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn duplicates_list(
        &self,
        state: DuplicateState,
        order: DuplicateOrder,
        from: Option<&DuplicatePlace>,
        limit: usize,
    ) -> Result<Page<Duplicate, DuplicatePlace>, StoreError> {
        let mut places = BTreeSet::new();
        for shard in 0..SHARDS {
            let shard = keys::duplicate_shard(state.name(), shard);
            places.extend(self.duplicate_places(&shard, order, from, limit).await?);
        }
        let more = places.len() > limit;
        let page: Vec<_> = places.into_iter().rev().take(limit).collect();
        let next = page.last().filter(|_| more).cloned().map(DuplicatePlace);
        let pairs = page
            .iter()
            .filter_map(|place| Duplicate::pair(place.split_once('#')?.1));
        let mut items = self.duplicates_fetch(pairs).await?;
        items.retain(|pair| pair.state == state);
        Ok(Page { items, next })
    }

    /// Sort keys of one shard, one more than a page has.
    async fn duplicate_places(
        &self,
        shard: &str,
        order: DuplicateOrder,
        from: Option<&DuplicatePlace>,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        let (index, pk, sk) = match order {
            DuplicateOrder::Score => (NODE_INDEX, "node_pk", "node_sk"),
            DuplicateOrder::Date => (DUE_INDEX, "due_pk", "due_at"),
        };
        // Every score and every date sorts before a tilde.
        let before = from.map_or("~", |place| place.0.as_str());
        let answer = self
            .query_done(
                self.client
                    .query()
                    .table_name(&self.facts)
                    .index_name(index)
                    .key_condition_expression(format!("{pk} = :shard AND {sk} < :before"))
                    .expression_attribute_values(":shard", text(shard))
                    .expression_attribute_values(":before", text(before))
                    .scan_index_forward(false)
                    .limit(i32::try_from(limit + 1).unwrap_or(i32::MAX)),
            )
            .await?;
        let found = answer.items.unwrap_or_default().into_iter();
        let place = |mut item: Item| match item.remove(sk) {
            Some(AttributeValue::S(place)) => Some(place),
            _ => None,
        };
        Ok(found.filter_map(place).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: &str) -> NodeId {
        NodeId::parse(id).unwrap()
    }

    #[test]
    fn a_pair_is_the_same_whoever_comes_first() {
        let (ada, bo) = (node("aaaaaaaa"), node("bbbbbbbb"));
        let found = |pair| {
            let suggestion = Suggestion {
                score: 0.5,
                matched: Vec::new(),
            };
            Duplicate::found(pair, suggestion, Timestamp::UNIX_EPOCH)
        };
        assert_eq!(found([&ada, &bo]), found([&bo, &ada]));
        let pair = found([&bo, &ada]);
        assert_eq!(pair.id(), "aaaaaaaa-bbbbbbbb");
        assert_eq!((pair.partner(&ada), pair.partner(&bo)), (&bo, &ada));
        assert_eq!(Duplicate::pair(&pair.id()), Some([ada, bo]));
    }

    #[test]
    fn an_id_that_names_no_pair_is_none() {
        for id in [
            "",
            "aaaaaaaa",
            "bbbbbbbb-aaaaaaaa",
            "aaaaaaaa-aaaaaaaa",
            "a-b",
        ] {
            assert_eq!(Duplicate::pair(id), None, "{id}");
        }
    }
}
