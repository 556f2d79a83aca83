//! Cases, and the clock each is found by.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use crm_domain::case::{Case, CaseStatus, Priority};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::changes::{Changes, Expected};
use crate::error::StoreError;
use crate::item::{attribute, from_item, key_item, text, to_item};
use crate::keys;

/// A case in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseSummary {
    /// Its id.
    pub id: String,
    /// How pressing it is.
    pub priority: Priority,
    /// Where it stands.
    pub status: CaseStatus,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When the first response is due.
    pub due_at: Timestamp,
    /// When that time was missed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breached_at: Option<Timestamp>,
    /// Where it was moved to and when, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<(Timestamp, CaseStatus)>,
}

impl Changes {
    /// Writes a case over the version it was read at, and sets the clock it
    /// is found by.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn case_put(&mut self, case: &Case) -> Result<(), StoreError> {
        let key = keys::case(&case.id);
        let read_at = Expected::read_at(case.version);
        let mut next = case.clone();
        next.version += 1;
        let mut item = to_item("case", &key, &next)?;
        let summary = CaseSummary {
            id: case.id.clone(),
            priority: case.priority,
            status: case.status,
            opened_at: case.opened_at,
            due_at: case.first_response.due_at,
            breached_at: case.first_response.breached_at,
            moves: case.moves.clone(),
        };
        let place = keys::among_facts('K', case.opened_at, &case.id);
        item.insert("summary".to_owned(), attribute("case", summary)?);
        item.insert("node_pk".to_owned(), text(keys::node_pk(&case.node)));
        item.insert("node_sk".to_owned(), text(place));
        if let Some(at) = case.first_response.next_at() {
            let shard = keys::due_shard(keys::shard_of(&case.id));
            item.insert("due_pk".to_owned(), text(shard));
            item.insert("due_at".to_owned(), text(keys::instant(at)));
        }
        self.put(false, key, item, read_at);
        Ok(())
    }
}

impl Store {
    /// Takes a case that cannot be handled out of the due index, to where a
    /// person finds it; any later write of the case brings it back.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn case_quarantine(&self, id: &str) -> Result<(), StoreError> {
        let outcome = self
            .client
            .update_item()
            .table_name(&self.facts)
            .set_key(Some(key_item(&keys::case(id))))
            .update_expression("SET due_pk = :quarantine")
            .condition_expression("attribute_exists(due_pk)")
            .expression_attribute_values(":quarantine", text(keys::QUARANTINE))
            .send()
            .await;
        match outcome {
            // It is due no longer.
            Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(()),
            Err(error) => Err(StoreError::from_sdk("UpdateItem", error)),
            Ok(_) => Ok(()),
        }
    }

    /// A case, with every write acknowledged before.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn case_fetch(&self, id: &str) -> Result<Option<Case>, StoreError> {
        let answer = self
            .get_done(
                self.client
                    .get_item()
                    .table_name(&self.facts)
                    .set_key(Some(key_item(&keys::case(id))))
                    .consistent_read(true),
            )
            .await?;
        answer.item.map(|item| from_item("case", item)).transpose()
    }
}
