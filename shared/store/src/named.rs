//! Named segments: the list of definitions, and who is in which.

use aws_sdk_dynamodb::types::Select;
use crm_domain::identity::NodeId;
use crm_domain::named::{NamedSegments, SegmentId};
use crm_domain::population::Cutoffs;
use crm_domain::settings::Settings;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::batch;
use crate::changes::{Changes, Expected};
use crate::error::StoreError;
use crate::item::{Item, key_item, text};
use crate::keys::{self, SHARDS};
use crate::list::Page;
use crate::population::document;
use crate::read::{Consistency, Wanted};

/// Entries that are read, and deleted, at once.
const CLEARED: usize = 100;

/// A place in a list of members to go on from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberPlace {
    #[serde(rename = "s")]
    shard: u32,
    #[serde(rename = "a")]
    after: Option<NodeId>,
}

impl Changes {
    /// Replaces the list of the version before this.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn named_put(&mut self, named: &NamedSegments) -> Result<(), StoreError> {
        let key = keys::named_segments();
        let item = document("named_segments", &key, named.version, named)?;
        let before = named.version.saturating_sub(1);
        self.put(true, key, item, Expected::read_at(before));
        Ok(())
    }

    /// Puts somebody into a named segment's list, under the id their record
    /// has.
    pub fn member_put(&mut self, segment: &SegmentId, person: &NodeId) {
        let key = keys::member(segment, person);
        let mut item = key_item(&key);
        item.insert("kind".to_owned(), text("member"));
        self.put(false, key, item, Expected::Anything);
    }

    /// Takes somebody out of a named segment's list.
    pub fn member_delete(&mut self, segment: &SegmentId, person: &NodeId) {
        let key = keys::member(segment, person);
        self.delete(false, key, Expected::Anything);
    }

    /// Notes that a person decided about a node, or that nobody does any more:
    /// what was decided stands with the node.
    pub fn placed_note(&mut self, segment: &SegmentId, node: &NodeId, is_decided: bool) {
        let key = keys::placed(segment, node);
        if is_decided {
            let mut item = key_item(&key);
            item.insert("kind".to_owned(), text("placed"));
            self.put(false, key, item, Expected::Anything);
        } else {
            self.delete(false, key, Expected::Anything);
        }
    }
}

impl Store {
    /// The named segments, as fresh as asked for.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn named_read(&self, how: Consistency) -> Result<NamedSegments, StoreError> {
        let wanted = Wanted::default().person_key(keys::named_segments()).clone();
        let loaded = self.load(&wanted, how).await?;
        let named = loaded.document("named_segments", &keys::named_segments())?;
        Ok(named.unwrap_or_default())
    }

    /// Everything that somebody is judged by, in one read: the settings, the
    /// cut-offs in force and the named segments.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn laws_read(
        &self,
        how: Consistency,
    ) -> Result<(Settings, Cutoffs, NamedSegments), StoreError> {
        let mut wanted = Wanted::default();
        wanted.rules().person_key(keys::named_segments());
        let loaded = self.load(&wanted, how).await?;
        let (settings, cutoffs) = loaded.rules()?;
        let named = loaded.document("named_segments", &keys::named_segments())?;
        Ok((settings, cutoffs, named.unwrap_or_default()))
    }

    /// Ids of the persons in a named segment, a page of at most `limit`. The
    /// list is written with each person's record; who was joined with somebody
    /// else a moment ago may still be in it under an older id.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn members_list(
        &self,
        segment: &SegmentId,
        from: Option<MemberPlace>,
        limit: usize,
    ) -> Result<Page<NodeId, MemberPlace>, StoreError> {
        let mut place = from.unwrap_or_default();
        let mut items = Vec::new();
        while place.shard < SHARDS && items.len() < limit {
            let shard = keys::member_shard(segment, place.shard);
            let after = place.after.as_ref().map(NodeId::as_str);
            let room = limit - items.len();
            let (found, more) = self.under(&shard, None, after, room).await?;
            let found = found.into_iter().filter_map(|sk| NodeId::parse(&sk).ok());
            let found: Vec<NodeId> = found.collect();
            place = match found.last() {
                Some(last) if more => MemberPlace {
                    after: Some(last.clone()),
                    ..place
                },
                _ => MemberPlace {
                    shard: place.shard + 1,
                    after: None,
                },
            };
            items.extend(found);
        }
        let next = (place.shard < SHARDS).then_some(place);
        Ok(Page { items, next })
    }

    /// Nodes of which a person decided whether they are in a named segment, in
    /// order of their ids, a page of at most `limit` behind one.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn placed_list(
        &self,
        segment: &SegmentId,
        after: Option<&NodeId>,
        limit: usize,
    ) -> Result<Page<NodeId, NodeId>, StoreError> {
        self.nodes_under(&keys::placed_in(segment), after, limit)
            .await
    }

    /// Forgets of whom a person decided about a segment that was given up.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`]; what is left then is read by nobody.
    pub async fn placed_clear(&self, segment: &SegmentId) -> Result<(), StoreError> {
        loop {
            let page = self.placed_list(segment, None, CLEARED).await?;
            let keys = page.items.iter().map(|node| keys::placed(segment, node));
            let deletes = keys.map(|key| batch::delete(&key)).collect();
            self.write_batch(deletes).await?;
            if page.next.is_none() {
                return Ok(());
            }
        }
    }

    /// How many persons are in a named segment.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn members_count(&self, segment: &SegmentId) -> Result<u64, StoreError> {
        let mut count = 0;
        for shard in 0..SHARDS {
            count += self.members_in(segment, shard).await?;
        }
        Ok(count)
    }

    async fn members_in(&self, segment: &SegmentId, shard: u32) -> Result<u64, StoreError> {
        let (mut count, mut start) = (0, None);
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.facts)
                .key_condition_expression("pk = :shard")
                .expression_attribute_values(":shard", text(keys::member_shard(segment, shard)))
                .select(Select::Count)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| StoreError::from_sdk("Query", error))?;
            count += u64::try_from(answer.count).unwrap_or_default();
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(count);
            }
        }
    }

    /// Nodes by whose ids a partition of facts is sorted, a page of them.
    pub(crate) async fn nodes_under(
        &self,
        partition: &str,
        after: Option<&NodeId>,
        limit: usize,
    ) -> Result<Page<NodeId, NodeId>, StoreError> {
        let after = after.map(NodeId::as_str);
        let (found, more) = self.under(partition, None, after, limit).await?;
        let nodes = found.into_iter().filter_map(|sk| NodeId::parse(&sk).ok());
        let items: Vec<_> = nodes.collect();
        let next = items.last().filter(|_| more).cloned();
        Ok(Page { items, next })
    }

    /// Sort keys in a partition of facts that begin with something, behind a
    /// place; and whether there may be more.
    pub(crate) async fn under(
        &self,
        partition: &str,
        beginning: Option<&str>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<String>, bool), StoreError> {
        let start = after.map(|after| {
            key_item(&keys::Key {
                pk: partition.to_owned(),
                sk: after.to_owned(),
            })
        });
        let mut query = self
            .client
            .query()
            .table_name(&self.facts)
            .expression_attribute_values(":partition", text(partition));
        query = match beginning {
            Some(beginning) => query
                .key_condition_expression("pk = :partition AND begins_with(sk, :beginning)")
                .expression_attribute_values(":beginning", text(beginning)),
            None => query.key_condition_expression("pk = :partition"),
        };
        let answer = query
            .projection_expression("sk")
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", error))?;
        let more = answer.last_evaluated_key.is_some();
        let items = answer.items.unwrap_or_default().into_iter();
        let sk = |item: Item| item.get("sk")?.as_s().ok().cloned();
        Ok((items.filter_map(sk).collect(), more))
    }
}
