//! A customer's cases, as their document lists them.

use crm_domain::case::{CaseStatus, Priority};
use crm_store::{CaseSummary, FactPlace, PersonRecord, Store};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::facts;
use crate::problem::Trouble;
use crate::request::Request;

/// A page of cases, the one opened last first.
#[derive(Serialize, JsonSchema)]
pub(super) struct CasesPart {
    cases: Vec<CaseView>,
    cases_cursor: Option<String>,
    open_cases: i64,
}

#[derive(Serialize, JsonSchema)]
struct CaseView {
    id: String,
    priority: Priority,
    status: CaseStatus,
    opened_at: Timestamp,
    /// When the first response is due.
    first_response_due_at: Timestamp,
    breached_at: Option<Timestamp>,
}

impl CasesPart {
    pub(super) async fn of(
        store: &Store,
        request: Request<'_>,
        person: &PersonRecord,
        from: Option<&FactPlace>,
        limit: usize,
    ) -> Result<Self, Trouble> {
        let page = facts::page::<CaseSummary>(store, person, from, limit).await?;
        let open = person.nodes().iter().map(|node| node.care.open_cases());
        Ok(Self {
            cases_cursor: facts::sealed(request, page.next.as_ref(), "cases_cursor", person)
                .await?,
            cases: page.items.into_iter().map(CaseView::of).collect(),
            open_cases: open.sum(),
        })
    }
}

impl CaseView {
    fn of(summary: CaseSummary) -> Self {
        Self {
            id: summary.id,
            priority: summary.priority,
            status: summary.status,
            opened_at: summary.opened_at,
            first_response_due_at: summary.due_at,
            breached_at: summary.breached_at,
        }
    }
}
