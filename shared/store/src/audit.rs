//! Who looked at what, and who changed what.
//!
//! An entry is kept under its day, and found by the customer it is about
//! through the index of facts. It ends by itself.

use crm_domain::identity::NodeId;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::error::StoreError;
use crate::item::{Item, attribute, from_item, number, text, to_item};
use crate::keys::{self, Key, NODE_INDEX};

/// One thing somebody did. Holds ids alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its random id.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// Who: the subject of the token.
    pub by: String,
    /// What, such as `GET /v1/customers/{id}`.
    pub action: String,
    /// The customer it is about, by the id that was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<NodeId>,
    /// What else it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
}

/// Which entries: from one instant to before another, the newest first.
#[derive(Debug, Clone, Copy)]
pub struct AuditSpan<'a> {
    /// The first instant.
    pub from: Timestamp,
    /// The end, which is not part of it.
    pub to: Timestamp,
    /// The entry behind which to begin.
    pub behind: Option<(Timestamp, &'a str)>,
    /// At most so many.
    pub limit: usize,
}

impl AuditSpan<'_> {
    /// Sort keys from the first to the last, both part of it.
    fn bounds(&self) -> (String, String) {
        let end = match self.behind {
            Some((at, id)) => keys::audit_place(at, id),
            None => keys::instant(self.to),
        };
        (keys::instant(self.from), end)
    }

    /// The page begins behind a place that a query takes in.
    fn is_in(&self, entry: &AuditEntry) -> bool {
        self.behind != Some((entry.at, &entry.id))
    }
}

impl Store {
    /// Notes what somebody does, until `expires_at`.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn audit_note(&self, entry: &AuditEntry, expires_at: u64) -> Result<(), StoreError> {
        let place = keys::audit_place(entry.at, &entry.id);
        let key = Key {
            pk: keys::audit_day(date(entry.at)),
            sk: place.clone(),
        };
        let mut item = to_item("audit", &key, entry)?;
        item.insert("expires_at".to_owned(), number(expires_at));
        if let Some(person) = &entry.person {
            item.insert("summary".to_owned(), attribute("audit", entry)?);
            item.insert("node_pk".to_owned(), text(keys::node_pk(person)));
            item.insert("node_sk".to_owned(), text(format!("U#{place}")));
        }
        self.client
            .put_item()
            .table_name(&self.facts)
            .set_item(Some(item))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("PutItem", error))?;
        Ok(())
    }

    /// Entries of one day, the newest first.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn audit_of_day(
        &self,
        on: Date,
        span: &AuditSpan<'_>,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let (first, last) = span.bounds();
        let answer = self
            .query_done(
                self.client
                    .query()
                    .table_name(&self.facts)
                    .key_condition_expression("pk = :day AND sk BETWEEN :first AND :last")
                    .expression_attribute_values(":day", text(keys::audit_day(on)))
                    .expression_attribute_values(":first", text(first))
                    .expression_attribute_values(":last", text(last))
                    .scan_index_forward(false)
                    .limit(room(span)),
            )
            .await?;
        let items = answer.items.unwrap_or_default().into_iter();
        entries(items.map(|item| from_item("audit", item)), span)
    }

    /// Entries about a customer of one node, the newest first.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn audit_of_node(
        &self,
        node: &NodeId,
        span: &AuditSpan<'_>,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let (first, last) = span.bounds();
        let answer = self
            .query_done(
                self.client
                    .query()
                    .table_name(&self.facts)
                    .index_name(NODE_INDEX)
                    .key_condition_expression(
                        "node_pk = :node AND node_sk BETWEEN :first AND :last",
                    )
                    .expression_attribute_values(":node", text(keys::node_pk(node)))
                    .expression_attribute_values(":first", text(format!("U#{first}")))
                    .expression_attribute_values(":last", text(format!("U#{last}")))
                    .scan_index_forward(false)
                    .limit(room(span)),
            )
            .await?;
        let items = answer.items.unwrap_or_default().into_iter();
        entries(items.filter_map(summary), span)
    }
}

/// One more than asked for: the place behind which to begin is found too.
fn room(span: &AuditSpan<'_>) -> i32 {
    i32::try_from(span.limit + 1).unwrap_or(i32::MAX)
}

fn summary(mut item: Item) -> Option<Result<AuditEntry, StoreError>> {
    let summary = item.remove("summary")?;
    let read = serde_dynamo::from_attribute_value(summary);
    Some(read.map_err(|_| StoreError::Malformed { item: "audit" }))
}

fn entries(
    found: impl Iterator<Item = Result<AuditEntry, StoreError>>,
    span: &AuditSpan<'_>,
) -> Result<Vec<AuditEntry>, StoreError> {
    let found: Vec<AuditEntry> = found.collect::<Result<_, _>>()?;
    let own = found.into_iter().filter(|entry| span.is_in(entry));
    Ok(own.take(span.limit).collect())
}

/// The date of an instant, by UTC: what days of entries are cut by.
fn date(at: Timestamp) -> Date {
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
}
