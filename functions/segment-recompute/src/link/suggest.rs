//! Suggesting pairs, and taking back what no longer looks alike.

use std::collections::BTreeSet;

use crm_domain::identity::NodeId;
use crm_domain::linkage::{
    BlockKey, DEFAULT_THRESHOLD, Field, Match, Suggestion, Weights, compare,
};
use crm_store::{
    Changes, Committed, Consistency, Duplicate, DuplicateState, PersonRecord, StoreError,
};
use futures_util::future::try_join_all;
use jiff::Timestamp;

use super::ATTEMPTS;
use crate::Function;

/// How somebody is compared with others.
pub(crate) struct Search<'a> {
    pub(crate) weights: &'a Weights,
    pub(crate) found_at: Timestamp,
    /// Whether those with smaller ids are left out, because they have their
    /// turn as well.
    pub(crate) only_after: bool,
}

/// What came of a comparison.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Found {
    pub(crate) suggested: u32,
    pub(crate) withdrawn: u32,
}

impl Function {
    /// Compares the person of a node with all who share one of the keys and
    /// with those suggested before, and keeps what is worth a look.
    pub(crate) async fn suggest(
        &self,
        id: &NodeId,
        keys: &BTreeSet<BlockKey>,
        search: &Search<'_>,
    ) -> Result<Found, StoreError> {
        let mut candidates = self.sharing(keys).await?;
        candidates.retain(|other| !search.only_after || other > id);
        for _ in 0..ATTEMPTS {
            if let Some(found) = self.suggest_among(id, &candidates, search).await? {
                return Ok(found);
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS })
    }

    /// Everyone under these keys.
    async fn sharing(&self, keys: &BTreeSet<BlockKey>) -> Result<BTreeSet<NodeId>, StoreError> {
        let blocks = keys.iter().map(|key| self.store.block_fetch(key));
        let blocks = try_join_all(blocks).await?;
        Ok(blocks.into_iter().flatten().flatten().collect())
    }

    /// None when somebody changed meanwhile.
    async fn suggest_among(
        &self,
        id: &NodeId,
        candidates: &BTreeSet<NodeId>,
        search: &Search<'_>,
    ) -> Result<Option<Found>, StoreError> {
        let person = self.store.person_fetch(id, Consistency::Strong).await?;
        let Some(person) = person else {
            return Ok(Some(Found::default()));
        };
        let known = self.known_pairs(&person).await?;
        let asked = person
            .nodes()
            .iter()
            .map(|node| node.asked_again.as_deref());
        let candidates = candidates.iter().chain(asked.flatten());
        let mut ids: BTreeSet<_> = candidates.filter(|id| !person.has(id)).collect();
        for pair in &known {
            let sides = [&pair.one, &pair.other].into_iter();
            ids.extend(sides.filter(|side| !person.has(side)));
        }
        if ids.is_empty() && known.is_empty() {
            return Ok(Some(Found::default()));
        }
        // Read after the pairs: what was written from older records is seen.
        let ids: Vec<_> = ids.into_iter().chain([id]).cloned().collect();
        let mut persons = self.store.persons_fetch(&ids, Consistency::Strong).await?;
        let Some(place) = persons.iter().position(|person| person.has(id)) else {
            return Ok(None);
        };
        let person = persons.swap_remove(place);
        self.keep(&person, &persons, known, search).await
    }

    /// Every pair that a person is in, by any of its ids.
    async fn known_pairs(&self, person: &PersonRecord) -> Result<Vec<Duplicate>, StoreError> {
        let ids = person.nodes().iter().map(|node| &node.id);
        let pairs = ids.map(|id| self.store.duplicates_of(id));
        let mut pairs = try_join_all(pairs).await?.concat();
        pairs.sort_by(|one, other| (&one.one, &one.other).cmp(&(&other.one, &other.other)));
        pairs.dedup_by(|one, other| one.is_of([&other.one, &other.other]));
        Ok(pairs)
    }

    /// Writes what changed between a person and others; none when somebody
    /// was faster.
    async fn keep(
        &self,
        person: &PersonRecord,
        others: &[PersonRecord],
        known: Vec<Duplicate>,
        search: &Search<'_>,
    ) -> Result<Option<Found>, StoreError> {
        let mut found = Found::default();
        let mut alike = BTreeSet::new();
        for other in others {
            let Some(now) = likeness(person, other, search.weights) else {
                continue;
            };
            let ids = [person.id(), other.id()];
            let before = known.iter().find(|pair| pair.is_of(ids));
            alike.extend(before.map(Duplicate::id));
            let Some(pair) = news(ids, before, now, search.found_at) else {
                continue;
            };
            if self.keep_pair(&pair, [person, other]).await? == Committed::Conflict {
                return Ok(None);
            }
            found.suggested += u32::from(before.is_none());
        }
        let is_over =
            |pair: &&Duplicate| pair.state == DuplicateState::Open && !alike.contains(&pair.id());
        for pair in known.iter().filter(is_over) {
            let mut changes = Changes::new();
            changes.duplicate_delete(pair);
            if self.store.commit(changes).await? == Committed::Conflict {
                return Ok(None);
            }
            found.withdrawn += 1;
        }
        Ok(Some(found))
    }

    /// Writes a pair while both are as they were compared.
    async fn keep_pair(
        &self,
        pair: &Duplicate,
        both: [&PersonRecord; 2],
    ) -> Result<Committed, StoreError> {
        let mut changes = Changes::new();
        for node in both.into_iter().flat_map(PersonRecord::nodes) {
            changes.node_check(node);
        }
        changes.duplicate_put(pair)?;
        self.store.commit(changes).await
    }
}

/// How alike two persons are, if it is worth a look.
fn likeness(one: &PersonRecord, other: &PersonRecord, weights: &Weights) -> Option<Suggestion> {
    compare(one, other, weights).filter(|now| now.score >= DEFAULT_THRESHOLD)
}

/// The pair as it has to be written, if that is news. What a person decided
/// stands, unless the source said otherwise since.
fn news(
    ids: [&NodeId; 2],
    before: Option<&Duplicate>,
    now: Suggestion,
    found_at: Timestamp,
) -> Option<Duplicate> {
    let Some(before) = before else {
        return Some(Duplicate::found(ids, now, found_at));
    };
    let known = Suggestion {
        score: before.score,
        matched: before.matched.clone(),
    };
    let is_asked_again = |found: &Match| found.field == Field::MergedAtSource;
    if before.state != DuplicateState::Open && now.matched.iter().any(is_asked_again) {
        return Some(Duplicate {
            version: before.version,
            ..Duplicate::found(ids, now, found_at)
        });
    }
    if before.state != DuplicateState::Open || known == now {
        return None;
    }
    Some(Duplicate {
        score: now.score,
        matched: now.matched,
        ..before.clone()
    })
}
