//! All that happened with a customer, the latest first.
//!
//! What happens to an order later (a shipment, a refund) is known with the
//! order alone, and so it is with cases. Both are looked into in blocks of a
//! hundred, the latest first. Of a customer with no more than that all is in
//! the order of time; of others each block is, with all else that happened
//! meanwhile, and what befell an older order or case stands in its own block.

mod block;
mod events;

use crm_domain::settings::Settings;
use crm_store::{FactPlace, LooseReturnSummary, PersonRecord, Store, StoreError};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::facts::{self, Listed, Said};
use crate::communications::Reader;
use crate::problem::Trouble;
use crate::request::Request;
use block::Block;
pub(super) use block::Latest;
use events::Event;

/// A page of the timeline.
#[derive(Serialize, JsonSchema)]
pub(super) struct TimelinePart {
    timeline: Vec<Value>,
    timeline_cursor: Option<String>,
}

/// Where an event stands: by time, then by what it is, then by its id.
type Position = (Timestamp, u8, String);

/// Where a page of the timeline begins.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    /// Behind which order its block begins.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    orders: Option<FactPlace>,
    /// The same among the cases.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    cases: Option<FactPlace>,
    /// From when on everything beside these stood in the blocks before.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    ceiling: Option<Timestamp>,
    /// Behind which event of the block it begins.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    behind: Option<Position>,
}

/// Where everything comes from.
#[derive(Clone, Copy)]
pub(super) struct Sources<'a> {
    pub(super) store: &'a Store,
    pub(super) person: &'a PersonRecord,
    pub(super) settings: &'a Settings,
    pub(super) reader: Reader,
    pub(super) request: Request<'a>,
}

impl Sources<'_> {
    /// A page of at most `limit` events.
    pub(super) async fn page(
        &self,
        from: Option<Place>,
        limit: usize,
        latest: Latest,
    ) -> Result<TimelinePart, Trouble> {
        let place = from.unwrap_or_default();
        let block = Block::read(self, &place, latest).await?;
        let (floor, next) = (block.floor, block.next.clone());
        let beside = self.beside_orders(&place, limit).await?;
        let beside = beside.into_iter().filter(|event| {
            let below = place.ceiling.is_none_or(|ceiling| event.at < ceiling);
            below && floor.is_none_or(|floor| event.at >= floor)
        });
        let cases = block.cases.iter().flat_map(events::of_case);
        let mut all: Vec<Event> = cases.chain(beside).collect();
        let behind = place.behind.as_ref();
        if let Some(behind) = behind {
            all.retain(|event| event.position() < *behind);
        }
        block.add_orders(self, behind, limit, &mut all).await?;
        all.sort_by_cached_key(|event| std::cmp::Reverse(event.position()));
        let more = all.len() > limit;
        all.truncate(limit);
        let next = match (all.last(), next) {
            (Some(last), _) if more => Some(Place {
                behind: Some(last.position()),
                ..place
            }),
            (_, Some((orders, cases))) => Some(Place {
                orders: Some(orders),
                cases: Some(cases),
                ceiling: floor,
                behind: None,
            }),
            _ => None,
        };
        Ok(TimelinePart {
            timeline: all.into_iter().filter_map(Event::shown).collect(),
            timeline_cursor: facts::sealed(
                self.request,
                next.as_ref(),
                "timeline_cursor",
                self.person,
            )
            .await?,
        })
    }

    /// Everything but orders and cases: what the customer's own records hold,
    /// and of what is kept apart as much as a page can have.
    async fn beside_orders(&self, place: &Place, limit: usize) -> Result<Vec<Event>, StoreError> {
        let nodes = self.person.nodes();
        let mut all = events::of_consent(nodes);
        let merges = self.store.merges_fetch(self.person).await?;
        all.extend(events::of_merges(&merges));
        let changes = self.store.chronicle_fetch(self.person).await?;
        all.extend(events::of_changes(&changes, self.settings));
        let loose = self.listed::<LooseReturnSummary>(place, events::LOOSE, limit);
        all.extend(loose.await?.iter().map(events::of_loose_return));
        let said = self.listed::<Said>(place, events::SAID, limit).await?;
        let said = said.into_iter();
        all.extend(said.map(|said| {
            let seen = self.reader.sees(&said);
            events::of_said(said).seen(seen)
        }));
        let from = start(place, events::FIELDS);
        let set = super::fields::history(self.store, self.person, from.as_ref(), limit + 1);
        all.extend(set.await?.items.into_iter().map(events::of_fields));
        Ok(all)
    }

    /// One more than a page can have: so it is known whether there are more.
    async fn listed<T: Listed>(
        &self,
        place: &Place,
        rank: u8,
        limit: usize,
    ) -> Result<Vec<T>, StoreError> {
        let from = start(place, rank);
        let page = facts::page(self.store, self.person, from.as_ref(), limit + 1);
        Ok(page.await?.items)
    }
}

/// Behind which fact of a kind a page begins: at an instant, what ranks higher
/// than the event before has been told, what ranks lower has not.
fn start(place: &Place, rank: u8) -> Option<FactPlace> {
    // An id sorts behind no id at all, and before every other text.
    let (all_told, none_told) = (" ", "\u{10FFFF}");
    let ceiling = place.ceiling.map(|at| (at, all_told.to_owned()));
    let behind = place
        .behind
        .clone()
        .map(|(at, last, id)| match rank.cmp(&last) {
            std::cmp::Ordering::Equal => (at, id),
            std::cmp::Ordering::Greater => (at, all_told.to_owned()),
            std::cmp::Ordering::Less => (at, none_told.to_owned()),
        });
    let lowest = ceiling.into_iter().chain(behind).min();
    lowest.map(|(at, id)| FactPlace::behind(at, &id))
}
