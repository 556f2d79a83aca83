//! What was said between the store and a customer.
//!
//! Kept beside the messages that the system sends, under keys of the same
//! form, so that one list has both in the order of time.

use crm_domain::communication::{Communication, CommunicationKind, Direction};
use crm_domain::identity::ExternalId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::changes::{Changes, Expected};
use crate::error::StoreError;
use crate::item::{Item, attribute, from_item, text, to_item};
use crate::keys;
use crate::read::{Consistency, Wanted};

/// The kind of its items.
pub(crate) const KIND: &str = "communication";

/// A communication in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommunicationSummary {
    /// Its id.
    pub id: String,
    /// Its version.
    #[serde(rename = "v")]
    pub version: u64,
    /// Its kind.
    pub is: CommunicationKind,
    /// Who spoke to whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// The beginning of what it says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub excerpt: String,
    /// When it took place.
    pub at: Timestamp,
    /// The order it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<ExternalId>,
    /// The case it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// Who added it.
    pub by: String,
    /// When its wording was put right last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected_at: Option<Timestamp>,
    /// Whether the person was forgotten.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
}

impl CommunicationSummary {
    fn of(whole: &Communication) -> Self {
        Self {
            id: whole.id.clone(),
            version: whole.version,
            is: whole.is,
            direction: whole.direction,
            subject: whole.wording.subject.clone(),
            excerpt: whole.excerpt(),
            at: whole.at,
            order: whole.order.clone(),
            case: whole.case.clone(),
            by: whole.by.clone(),
            corrected_at: whole.corrections.last().map(|last| last.at),
            redacted: whole.redacted,
        }
    }
}

impl Changes {
    /// Writes a communication over the version it was read at.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn communication_put(&mut self, communication: &Communication) -> Result<(), StoreError> {
        let key = keys::message(&communication.id);
        let read_at = Expected::read_at(communication.version);
        let mut next = communication.clone();
        next.version += 1;
        let mut item = to_item(KIND, &key, &next)?;
        let summary = CommunicationSummary::of(&next);
        let place = keys::among_facts('M', next.at, &next.id);
        item.insert("summary".to_owned(), attribute(KIND, summary)?);
        item.insert("node_pk".to_owned(), text(keys::node_pk(&next.node)));
        item.insert("node_sk".to_owned(), text(place));
        self.put(false, key, item, read_at);
        Ok(())
    }
}

impl Store {
    /// A communication, with every write acknowledged before.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn communication_fetch(&self, id: &str) -> Result<Option<Communication>, StoreError> {
        let item = self.fact_item(&keys::message(id)).await?;
        let item = item.filter(is_communication);
        item.map(|item| from_item(KIND, item)).transpose()
    }

    /// Communications by their ids, in the order asked for, those that exist.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn communications_fetch(
        &self,
        ids: &[&str],
    ) -> Result<Vec<Communication>, StoreError> {
        let mut wanted = Wanted::default();
        for id in ids {
            wanted.fact_key(keys::message(id));
        }
        let mut loaded = self.load(&wanted, Consistency::Eventual).await?;
        let items = ids.iter().filter_map(|id| loaded.take(&keys::message(id)));
        let items = items.filter(is_communication);
        items.map(|item| from_item(KIND, item)).collect()
    }
}

/// A message of the system's has a key of the same form.
fn is_communication(item: &Item) -> bool {
    let kind = item.get("kind").and_then(|kind| kind.as_s().ok());
    kind.is_some_and(|kind| kind == KIND)
}
