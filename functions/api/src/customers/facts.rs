//! Facts of a person over all its nodes, the newest first.

use crm_domain::order::OrderSummary;
use crm_store::{FactKind, FactPlace, LooseReturnSummary, PersonRecord, Store, Summary};
use jiff::Timestamp;

use crate::problem::Trouble;
use crate::request::Request;

/// A page of facts.
pub(super) struct Facts<T> {
    pub(super) items: Vec<T>,
    pub(super) cursor: Option<String>,
}

/// A kind of fact as callers page through it.
struct Kind {
    kind: FactKind,
    /// The parameter that holds the cursor, which is the list's name too.
    parameter: &'static str,
}

/// Orders, the newest first.
pub(super) async fn orders(
    store: &Store,
    request: Request<'_>,
    person: &PersonRecord,
    limit: usize,
) -> Result<Facts<OrderSummary>, Trouble> {
    let kind = Kind {
        kind: FactKind::Order,
        parameter: "orders_cursor",
    };
    let order = |summary| match summary {
        Summary::Order(order) => Some(*order),
        _ => None,
    };
    let place = |order: &OrderSummary| (order.placed_at, order.id.to_string());
    page(store, request, person, &kind, limit, order, place).await
}

/// Returns without an order, the newest first.
pub(super) async fn loose_returns(
    store: &Store,
    request: Request<'_>,
    person: &PersonRecord,
    limit: usize,
) -> Result<Facts<LooseReturnSummary>, Trouble> {
    let kind = Kind {
        kind: FactKind::LooseReturn,
        parameter: "returns_cursor",
    };
    let loose = |summary| match summary {
        Summary::LooseReturn(loose) => Some(loose),
        _ => None,
    };
    let place = |loose: &LooseReturnSummary| (loose.at, loose.id.to_string());
    page(store, request, person, &kind, limit, loose, place).await
}

/// Merges a page of each node into one of the person, so that a page is the
/// same however many nodes there are.
async fn page<T>(
    store: &Store,
    request: Request<'_>,
    person: &PersonRecord,
    kind: &Kind,
    limit: usize,
    wanted: impl Fn(Summary) -> Option<T>,
    place: impl Fn(&T) -> (Timestamp, String),
) -> Result<Facts<T>, Trouble> {
    let list = format!("{}:{}", kind.parameter, person.id());
    let from: Option<FactPlace> = request.cursor(kind.parameter, &list).await?;
    let mut items = Vec::new();
    let mut more = false;
    for node in person.nodes() {
        let page = store.facts_list(&node.id, kind.kind, from.as_ref(), limit);
        let page = page.await?;
        more |= page.next.is_some();
        items.extend(page.items.into_iter().filter_map(&wanted));
    }
    items.sort_by_cached_key(|item| std::cmp::Reverse(place(item)));
    more |= items.len() > limit;
    items.truncate(limit);
    let end = items.last().filter(|_| more).map(place);
    let next = end.map(|(at, id)| FactPlace::behind(at, &id));
    let cursor = request.next(&list, next.as_ref()).await?;
    Ok(Facts { items, cursor })
}
