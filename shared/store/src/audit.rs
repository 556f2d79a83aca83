//! Who looked at what, and who changed what.
//!
//! An entry is kept under its day, and found by the customer it is about
//! through the index of facts. It ends by itself.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use crm_domain::identity::NodeId;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::error::StoreError;
use crate::item::{Item, attribute, from_item, second, text, to_item};
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
    /// The second since 1970 at which it ends. The table clears away what has
    /// ended when it comes to it; nobody is shown it meanwhile.
    #[serde(default)]
    pub expires_at: u64,
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
    /// What has ended by now is left out.
    pub now: Timestamp,
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

    /// The page begins behind a place that a query takes in. Entries from
    /// before their end was told with them have none.
    fn is_in(&self, entry: &AuditEntry) -> bool {
        let lasts = entry.expires_at == 0 || entry.expires_at > second(self.now);
        lasts && self.behind != Some((entry.at, &entry.id))
    }
}

impl Store {
    /// Notes what somebody does.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn audit_note(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        let place = keys::audit_place(entry.at, &entry.id);
        let key = Key {
            pk: keys::audit_day(date(entry.at)),
            sk: place.clone(),
        };
        let mut item = to_item("audit", &key, entry)?;
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
        let query = || {
            self.client
                .query()
                .table_name(&self.facts)
                .key_condition_expression("pk = :day AND sk BETWEEN :first AND :last")
                .expression_attribute_values(":day", text(keys::audit_day(on)))
                .expression_attribute_values(":first", text(&first))
                .expression_attribute_values(":last", text(&last))
        };
        self.audit_pages(span, query, |item| Some(from_item("audit", item)))
            .await
    }

    /// Entries about a customer of one node, the newest first: those of its
    /// instants that `counts` says yes to.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn audit_of_node(
        &self,
        node: &NodeId,
        span: &AuditSpan<'_>,
        counts: impl Fn(Timestamp) -> bool,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let (first, last) = span.bounds();
        let query = || {
            self.client
                .query()
                .table_name(&self.facts)
                .index_name(NODE_INDEX)
                .key_condition_expression("node_pk = :node AND node_sk BETWEEN :first AND :last")
                .expression_attribute_values(":node", text(keys::node_pk(node)))
                .expression_attribute_values(":first", text(format!("U#{first}")))
                .expression_attribute_values(":last", text(format!("U#{last}")))
        };
        let read = |item| summary(item).filter(|read| read.as_ref().map_or(true, |e| counts(e.at)));
        self.audit_pages(span, query, read).await
    }

    /// Asks, the newest first, until there are as many entries as wanted:
    /// some of those found may have ended, or not count.
    async fn audit_pages(
        &self,
        span: &AuditSpan<'_>,
        query: impl Fn() -> QueryFluentBuilder,
        read: impl Fn(Item) -> Option<Result<AuditEntry, StoreError>>,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let mut entries = Vec::new();
        let mut from = None;
        loop {
            let page = query()
                .scan_index_forward(false)
                .limit(room(span))
                .set_exclusive_start_key(from);
            let answer = self.query_done(page).await?;
            for item in answer.items.unwrap_or_default() {
                let Some(entry) = read(item) else { continue };
                let entry = entry?;
                if span.is_in(&entry) {
                    entries.push(entry);
                }
            }
            from = answer.last_evaluated_key;
            if from.is_none() || entries.len() >= span.limit {
                entries.truncate(span.limit);
                return Ok(entries);
            }
        }
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

/// The date of an instant, by UTC: what days of entries are cut by.
fn date(at: Timestamp) -> Date {
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
}
