//! Requests about privacy, and what is left of who was forgotten.

use std::collections::BTreeSet;

use crm_domain::identity::NodeId;
use crm_domain::privacy::Request;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::changes::{Changes, Expected};
use crate::error::StoreError;
use crate::item::{attribute, from_item, text, to_item};
use crate::keys;
use crate::list::Page;
use crate::read::{Loaded, Wanted};
use crate::scan::PersonPlace;
use crate::sweep::SweepPlace;

/// The only version of the messages so far.
const VERSION: u8 = 1;

/// That who went by an identifier was forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// The node that keeps their money.
    pub node: NodeId,
    /// As of when.
    pub at: Timestamp,
}

/// One step of carrying a request out. Names nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivacyMessage {
    /// Version of the message's shape.
    pub v: u8,
    /// The request.
    pub request: String,
    /// Of a whole shop: behind whom the step begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind: Option<PersonPlace>,
    /// Where among somebody's facts it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<SweepPlace>,
    /// Whether this walk has changed anything so far.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub changed: bool,
    /// After all else: whom letters may name that were still on their way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_look: Option<LastLook>,
}

/// By what a letter is known to be about somebody who is forgotten. Names
/// nobody: what is looked for stands under keyed digests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastLook {
    /// The system that asked.
    pub source: String,
    /// The shop there.
    pub shop: String,
    /// Digests of what is a person's alone; none where all of the shop is
    /// looked for.
    pub digests: BTreeSet<String>,
}

impl PrivacyMessage {
    /// The first step of a request.
    #[must_use]
    pub fn start(request: &str) -> Self {
        Self {
            v: VERSION,
            request: request.to_owned(),
            behind: None,
            from: None,
            changed: false,
            last_look: None,
        }
    }

    /// The body that goes into the queue.
    ///
    /// # Panics
    ///
    /// Never: it is plain data.
    #[must_use]
    pub fn body(&self) -> String {
        serde_json::to_string(self).expect("a message is plain data")
    }
}

impl Wanted {
    /// A tombstone by its digest.
    pub fn tombstone(&mut self, digest: &str) -> &mut Self {
        self.person_key(keys::tombstone(digest))
    }
}

impl Loaded {
    /// The tombstone, if there is one.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`].
    pub fn tombstone(&self, digest: &str) -> Result<Option<Tombstone>, StoreError> {
        self.get("tombstone", &keys::tombstone(digest))
    }
}

impl Changes {
    /// Notes that who went by an identifier was forgotten; the latest time
    /// that happened is kept.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn tombstone_put(&mut self, digest: &str, stone: &Tombstone) -> Result<(), StoreError> {
        let key = keys::tombstone(digest);
        let item = to_item("tombstone", &key, stone)?;
        self.put(true, key, item, Expected::Anything);
        Ok(())
    }

    /// Writes a request over the version it was read at.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn privacy_put(&mut self, request: &Request) -> Result<(), StoreError> {
        let key = keys::privacy(&request.id);
        let mut next = request.clone();
        next.version += 1;
        let mut item = to_item("privacy", &key, &next)?;
        if let Some(node) = &request.node {
            let place = keys::among_facts('V', request.received_at, &request.id);
            item.insert("summary".to_owned(), attribute("privacy", &next)?);
            item.insert("node_pk".to_owned(), text(keys::node_pk(node)));
            item.insert("node_sk".to_owned(), text(place));
        }
        self.put(false, key, item, Expected::read_at(request.version));
        Ok(())
    }

    /// Takes a shop off the list of those connected.
    pub fn shop_delete(&mut self, source: &str, shop: &str) {
        self.delete(true, keys::shop(source, shop), Expected::Anything);
    }
}

impl Store {
    /// A request, with every write acknowledged before.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn privacy_fetch(&self, id: &str) -> Result<Option<Request>, StoreError> {
        let item = self.fact_item(&keys::privacy(id)).await?;
        item.map(|item| from_item("privacy", item)).transpose()
    }

    /// All requests in the order of their ids, a page of at most `limit`
    /// behind an id.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn privacy_list(
        &self,
        behind: Option<&str>,
        limit: usize,
    ) -> Result<Page<Request, String>, StoreError> {
        let answer = self
            .query_done(
                self.client
                    .query()
                    .table_name(&self.facts)
                    .key_condition_expression("pk = :pk AND sk > :behind")
                    .expression_attribute_values(":pk", text(keys::privacy_pk()))
                    // Every id sorts behind no id at all.
                    .expression_attribute_values(":behind", text(behind.unwrap_or("!")))
                    .limit(i32::try_from(limit).unwrap_or(i32::MAX)),
            )
            .await?;
        let more = answer.last_evaluated_key.is_some();
        let items = answer.items.unwrap_or_default().into_iter();
        let items = items.map(|item| from_item("privacy", item));
        let items: Vec<Request> = items.collect::<Result<_, _>>()?;
        let next = items.last().filter(|_| more).map(|last| last.id.clone());
        Ok(Page { items, next })
    }
}
