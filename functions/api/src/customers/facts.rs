//! Facts of a person over all its nodes, the newest first.

use crm_domain::field::FieldChange;
use crm_domain::identity::NodeId;
use crm_domain::order::OrderSummary;
use crm_store::{
    CaseSummary, CommunicationSummary, FactKind, FactPlace, LooseReturnSummary, Message,
    PersonRecord, Store, StoreError, Summary,
};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::problem::Trouble;
use crate::request::Request;

/// A page of facts.
#[derive(Clone)]
pub(crate) struct Facts<T> {
    pub(crate) items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub(crate) next: Option<FactPlace>,
}

/// What was said: a message of the system's, or what somebody added.
pub(crate) enum Said {
    Message(Message),
    Communication(CommunicationSummary),
}

/// A kind of fact as it comes out of the index.
pub(crate) trait Listed: Sized {
    const KIND: FactKind;

    /// None for a fact of another kind.
    fn of(summary: Summary) -> Option<Self>;

    /// Its place among its node's.
    fn place(&self) -> (Timestamp, &str);
}

impl Listed for OrderSummary {
    const KIND: FactKind = FactKind::Order;

    fn of(summary: Summary) -> Option<Self> {
        match summary {
            Summary::Order(order) => Some(*order),
            _ => None,
        }
    }

    fn place(&self) -> (Timestamp, &str) {
        (self.placed_at, self.id.as_str())
    }
}

impl Listed for LooseReturnSummary {
    const KIND: FactKind = FactKind::LooseReturn;

    fn of(summary: Summary) -> Option<Self> {
        match summary {
            Summary::LooseReturn(loose) => Some(loose),
            _ => None,
        }
    }

    fn place(&self) -> (Timestamp, &str) {
        (self.at, self.id.as_str())
    }
}

impl Listed for CaseSummary {
    const KIND: FactKind = FactKind::Case;

    fn of(summary: Summary) -> Option<Self> {
        match summary {
            Summary::Case(case) => Some(case),
            _ => None,
        }
    }

    fn place(&self) -> (Timestamp, &str) {
        (self.opened_at, &self.id)
    }
}

impl Listed for Said {
    const KIND: FactKind = FactKind::Said;

    fn of(summary: Summary) -> Option<Self> {
        match summary {
            Summary::Message(message) => Some(Self::Message(message)),
            Summary::Communication(said) => Some(Self::Communication(said)),
            _ => None,
        }
    }

    fn place(&self) -> (Timestamp, &str) {
        match self {
            Self::Message(message) => (message.created_at, &message.id),
            Self::Communication(said) => (said.at, &said.id),
        }
    }
}

impl Listed for FieldChange {
    const KIND: FactKind = FactKind::FieldChange;

    fn of(summary: Summary) -> Option<Self> {
        match summary {
            Summary::FieldChange(change) => Some(change),
            _ => None,
        }
    }

    fn place(&self) -> (Timestamp, &str) {
        (self.at, &self.id)
    }
}

/// A page of a person's facts of one kind, so merged that it is the same
/// however many nodes there are.
pub(crate) async fn page<T: Listed>(
    store: &Store,
    person: &PersonRecord,
    from: Option<&FactPlace>,
    limit: usize,
) -> Result<Facts<T>, StoreError> {
    let mut items: Vec<T> = Vec::new();
    let mut more = false;
    for node in person.nodes() {
        let page = store.facts_list(&node.id, T::KIND, from, limit).await?;
        more |= page.next.is_some();
        items.extend(page.items.into_iter().filter_map(T::of));
    }
    let place = |item: &T| {
        let (at, id) = item.place();
        (at, id.to_owned())
    };
    items.sort_by_cached_key(|item| std::cmp::Reverse(place(item)));
    more |= items.len() > limit;
    items.truncate(limit);
    let end = items.last().filter(|_| more).map(place);
    let next = end.map(|(at, id)| FactPlace::behind(at, &id));
    Ok(Facts { items, next })
}

/// The name under which a person's list seals its cursors.
fn list(parameter: &str, person: &NodeId) -> String {
    format!("{parameter}:{person}")
}

/// The place in a cursor of a person's list, if the request has one.
pub(crate) async fn opened<P: DeserializeOwned>(
    request: Request<'_>,
    parameter: &str,
    person: &PersonRecord,
) -> Result<Option<P>, Trouble> {
    request
        .cursor(parameter, &list(parameter, person.id()))
        .await
}

/// The cursor of the next page of a person's list.
pub(crate) async fn sealed<P: Serialize>(
    request: Request<'_>,
    next: Option<&P>,
    parameter: &str,
    person: &PersonRecord,
) -> Result<Option<String>, Trouble> {
    request.next(&list(parameter, person.id()), next).await
}
