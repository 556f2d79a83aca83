//! Outbound messages: claimed, sent, confirmed (DOMAIN section 9).

use crm_domain::identity::{ExternalId, NodeId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::changes::{Changes, Expected};
use crate::error::StoreError;
use crate::item::{attribute, from_item, key_item, text, to_item};
use crate::keys;

/// A message to a person. It holds no address: that is read when it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its random id.
    pub id: String,
    /// Counts writes; 0 is not stored yet.
    #[serde(rename = "v")]
    pub version: u64,
    /// The workflow that sends it, which decides its text.
    pub workflow: String,
    /// The node whose person it goes to.
    pub node: NodeId,
    /// The order it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<ExternalId>,
    /// When it was decided.
    pub created_at: Timestamp,
    /// How far it got.
    pub state: MessageState,
}

/// How far a message got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum MessageState {
    /// Waiting to be sent.
    Pending,
    /// Being sent: whoever finds it so later cannot know whether it was.
    Claimed {
        /// Since when.
        at: Timestamp,
        /// By which attempt, so that it knows its own claim again.
        #[serde(default)]
        attempt: String,
    },
    /// Sent.
    Sent {
        /// When.
        at: Timestamp,
        /// The mail service's id of it.
        receipt: String,
    },
    /// Definitely not sent, and why.
    Refused {
        /// When.
        at: Timestamp,
        /// What the mail service said, without an address.
        reason: String,
    },
    /// Perhaps sent. A person decides; it is never sent again by itself.
    InDoubt {
        /// Since when.
        at: Timestamp,
    },
}

impl Changes {
    /// Writes a message over the version it was read at.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn message_put(&mut self, message: &Message) -> Result<(), StoreError> {
        let key = keys::message(&message.id);
        let read_at = Expected::read_at(message.version);
        let mut next = message.clone();
        next.version += 1;
        let mut item = to_item("message", &key, &next)?;
        let place = keys::among_facts('M', message.created_at, &message.id);
        item.insert("summary".to_owned(), attribute("message", &next)?);
        item.insert("node_pk".to_owned(), text(keys::node_pk(&message.node)));
        item.insert("node_sk".to_owned(), text(place));
        self.put(false, key, item, read_at);
        Ok(())
    }
}

impl Store {
    /// A message, with every write acknowledged before.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn message_fetch(&self, id: &str) -> Result<Option<Message>, StoreError> {
        let answer = self
            .get_done(
                self.client
                    .get_item()
                    .table_name(&self.facts)
                    .set_key(Some(key_item(&keys::message(id))))
                    .consistent_read(true),
            )
            .await?;
        answer
            .item
            .map(|item| from_item("message", item))
            .transpose()
    }
}
