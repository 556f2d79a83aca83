//! What is looked into together: a hundred orders and a hundred cases at most,
//! and the time from which on they are all there are.

use std::collections::HashMap;

use crm_domain::identity::ExternalId;
use crm_domain::order::OrderSummary;
use crm_store::{CaseSummary, FactPlace, OrderRecord, StoreError};
use jiff::Timestamp;

use super::events::{self, Event};
use super::{Place, Position, Sources};
use crate::customers::facts::{self, Facts};
use crate::customers::orders::{self, WINDOW};

/// Fewest orders that are looked into at a time: looking costs a question.
const FEW: usize = 5;
/// Before the id of any fact.
const BEFORE_ALL: &str = " ";

/// The latest orders, as far as somebody has read them already.
#[derive(Default)]
pub(in crate::customers) struct Latest {
    /// A whole window of them.
    pub(in crate::customers) orders: Option<Facts<OrderSummary>>,
    /// These whole, if they were needed.
    pub(in crate::customers) records: Vec<OrderRecord>,
}

/// Orders and cases of one stretch of time.
pub(super) struct Block {
    orders: Vec<OrderSummary>,
    records: HashMap<ExternalId, OrderRecord>,
    pub(super) cases: Vec<CaseSummary>,
    /// Everything from then on stands in this block or one before; none of
    /// the last one.
    pub(super) floor: Option<Timestamp>,
    /// Where the orders and the cases of the next one begin.
    pub(super) next: Option<(FactPlace, FactPlace)>,
}

impl Block {
    pub(super) async fn read(
        sources: &Sources<'_>,
        place: &Place,
        latest: Latest,
    ) -> Result<Self, StoreError> {
        let (store, person) = (sources.store, sources.person);
        let in_hand = latest.orders.filter(|_| place.orders.is_none());
        let orders = match in_hand {
            Some(orders) => orders,
            None => facts::page(store, person, place.orders.as_ref(), WINDOW).await?,
        };
        let cases = facts::page(store, person, place.cases.as_ref(), WINDOW).await?;
        let records = latest.records.into_iter();
        let records = records.map(|record| (record.order.id.clone(), record));
        Ok(Self::of(orders, cases, records.collect()))
    }

    fn of(
        orders: Facts<OrderSummary>,
        cases: Facts<CaseSummary>,
        records: HashMap<ExternalId, OrderRecord>,
    ) -> Self {
        let ends = [&orders.next, &cases.next];
        let floor = ends.into_iter().flatten().map(FactPlace::at).max();
        let reached = |at: Timestamp| floor.is_none_or(|floor| at >= floor);
        let next = floor.map(|floor| (below(floor, orders.next), below(floor, cases.next)));
        let (mut orders, mut cases) = (orders.items, cases.items);
        orders.retain(|order| reached(order.placed_at));
        cases.retain(|case| reached(case.opened_at));
        Self {
            orders,
            records,
            cases,
            floor,
            next,
        }
    }

    /// Adds what happened to the orders, as far as a page can show it: one
    /// that begins behind an event, or at the latest, and has so many. What
    /// is told already is all behind there too.
    ///
    /// An order is looked into only while it may have something later than
    /// the page's end: what happened to it last is known without looking.
    pub(super) async fn add_orders(
        self,
        sources: &Sources<'_>,
        behind: Option<&Position>,
        limit: usize,
        told: &mut Vec<Event>,
    ) -> Result<(), StoreError> {
        let Self {
            orders, records, ..
        } = self;
        let begins = behind.map_or(Timestamp::MAX, |(at, ..)| *at);
        let is_behind = |event: &Event| behind.is_none_or(|behind| event.position() < *behind);
        let known = orders.iter().filter_map(|order| records.get(&order.id));
        told.extend(known.flat_map(events::of_order).filter(is_behind));
        let waiting = orders.into_iter();
        let mut waiting: Vec<_> = waiting
            .filter(|order| !records.contains_key(&order.id) && order.placed_at <= begins)
            .collect();
        let reach = |order: &OrderSummary| order.last_at.unwrap_or(Timestamp::MAX).min(begins);
        waiting.sort_by_key(|order| (reach(order), order.placed_at));
        while let Some(next) = waiting.last() {
            told.sort_by_cached_key(|event| std::cmp::Reverse(event.position()));
            let end = told.get(limit).and(told.get(limit.saturating_sub(1)));
            if end.is_some_and(|end| end.at > reach(next)) {
                break;
            }
            let rest = waiting.len().saturating_sub(FEW.max(limit / 2));
            let some = waiting.split_off(rest);
            let some = orders::records(sources.store, &some).await?;
            told.extend(some.iter().flat_map(events::of_order).filter(is_behind));
        }
        Ok(())
    }
}

/// Where a list goes on below an instant: where it ended, or with all that is
/// older.
fn below(floor: Timestamp, ended: Option<FactPlace>) -> FactPlace {
    let there = ended.filter(|ended| ended.at() == floor);
    there.unwrap_or_else(|| FactPlace::behind(floor, BEFORE_ALL))
}
