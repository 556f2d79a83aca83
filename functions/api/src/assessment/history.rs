//! The list of what a customer has been.

use crm_domain::chronicle::Change;
use crm_store::{PersonRecord, Store, StoreError, ToldChange};
use schemars::JsonSchema;
use serde::Serialize;

use super::view::Changed;
use crate::answer::Answer;
use crate::customers;
use crate::problem::Trouble;
use crate::request::Request;

/// Changes of a page, unless the caller says otherwise, and at most.
pub(super) const USUAL_ENTRIES: usize = 50;
pub(super) const MOST_ENTRIES: usize = 100;

/// A page of changes, newest first.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AssessmentChangePage")]
pub(super) struct History {
    items: Vec<Changed>,
    cursor: Option<String>,
}

/// `GET /v1/customers/{id}/history`: every change of group, stage, VIP and
/// health, the newest first.
pub(crate) async fn history(
    store: &Store,
    request: Request<'_>,
    id: &str,
) -> Result<Answer, Trouble> {
    request.only_parameters(&["limit", "cursor"])?;
    let limit = request.number("limit", 1, MOST_ENTRIES, USUAL_ENTRIES)?;
    let person = customers::needed(store, id).await?;
    let list = format!("history:{}", person.id());
    let from: Option<usize> = request.cursor("cursor", &list).await?;
    let changes = store.chronicle_fetch(&person).await?;
    // Counted from the oldest: what is new meanwhile moves nothing.
    let end = from.unwrap_or(changes.len()).min(changes.len());
    let beginning = end.saturating_sub(limit);
    let items = (beginning..end).rev();
    let items = items.map(|at| Changed::of(&changes[at], before(&changes, at)));
    let next = (beginning > 0).then_some(beginning);
    Ok(Answer::ok(&History {
        items: items.collect(),
        cursor: request.next(&list, next.as_ref()).await?,
    }))
}

/// Every change of a person, the oldest first.
pub(crate) async fn changes(
    store: &Store,
    person: &PersonRecord,
) -> Result<Vec<Changed>, StoreError> {
    let changes = store.chronicle_fetch(person).await?;
    let shown = changes.iter().enumerate();
    Ok(shown
        .map(|(at, told)| Changed::of(told, before(&changes, at)))
        .collect())
}

/// What the same one was before a change: whoever they were merged with
/// later was another.
pub(crate) fn before(changes: &[ToldChange], at: usize) -> Option<&Change> {
    let (earlier, from) = changes.split_at(at);
    let of = &from.first()?.of;
    let same = earlier.iter().rev().find(|told| told.of == *of);
    same.map(|told| &told.change)
}
