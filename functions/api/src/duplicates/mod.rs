//! Pairs of customers who may be one person: shown side by side, and decided.
//!
//! A decision and what follows from it are one transaction, on the pair and
//! on everything of both persons: of two who decide at once, one is told that
//! the other was faster.

pub(crate) mod contract;
mod decide;
mod view;

use crm_domain::identity::NodeId;
use crm_store::{
    Consistency, Duplicate, DuplicateOrder, DuplicatePlace, DuplicateState, PersonRecord, Store,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::answer::Answer;
use crate::problem::{Problem, Trouble};
use crate::request::Request;
pub(crate) use decide::Deciding;
use view::DuplicateView;

/// Pairs of a page, unless the caller says otherwise, and at most.
const USUAL_ENTRIES: usize = 20;
const MOST_ENTRIES: usize = 50;

/// A page of pairs.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DuplicatePage")]
struct List {
    items: Vec<DuplicateView>,
    cursor: Option<String>,
}

/// `GET /v1/duplicates`.
pub(crate) async fn list(store: &Store, request: Request<'_>) -> Result<Answer, Trouble> {
    request.only_parameters(&["state", "sort", "limit", "cursor"])?;
    let limit = request.number("limit", 1, MOST_ENTRIES, USUAL_ENTRIES)?;
    let state = state(request)?;
    let order = order(request)?;
    let list = format!("duplicates:{}:{order:?}", state.name());
    let from: Option<DuplicatePlace> = request.cursor("cursor", &list).await?;
    let page = store
        .duplicates_list(state, order, from.as_ref(), limit)
        .await?;
    Ok(Answer::ok(&List {
        items: shown(store, &page.items).await?,
        cursor: request.next(&list, page.next.as_ref()).await?,
    }))
}

fn state(request: Request<'_>) -> Result<DuplicateState, Problem> {
    let Some(name) = request.parameter("state") else {
        return Ok(DuplicateState::Open);
    };
    let limit = "must be open, accepted or rejected";
    DuplicateState::named(&name).ok_or_else(|| Problem::field("state", limit))
}

fn order(request: Request<'_>) -> Result<DuplicateOrder, Problem> {
    match request.parameter("sort").as_deref() {
        None | Some("score") => Ok(DuplicateOrder::Score),
        Some("date") => Ok(DuplicateOrder::Date),
        Some(_) => Err(Problem::field("sort", "must be score or date")),
    }
}

/// Pairs with both customers as they are now.
async fn shown(store: &Store, pairs: &[Duplicate]) -> Result<Vec<DuplicateView>, Trouble> {
    let ids = pairs.iter().flat_map(|pair| [&pair.one, &pair.other]);
    let ids: Vec<NodeId> = ids.cloned().collect();
    let persons = store.persons_fetch(&ids, Consistency::Strong).await?;
    let settings = store.settings_fetch().await?;
    let find = |id| persons.iter().find(|person| person.has(id));
    let pairs = pairs.iter().map(|pair| {
        let mut both: Vec<&PersonRecord> = Vec::new();
        for person in [&pair.one, &pair.other].into_iter().filter_map(find) {
            if both.iter().all(|known| known.id() != person.id()) {
                both.push(person);
            }
        }
        DuplicateView::of(pair, &both, &settings)
    });
    Ok(pairs.collect())
}
