//! A customer's orders and returns, and what stands in them.

use crm_domain::identity::ExternalId;
use crm_domain::money::{Amount, Currency};
use crm_domain::order::{Channel, FinancialStatus, OrderStatus, OrderSummary};
use crm_domain::returns::{Resolution, ReturnStatus};
use crm_domain::settings::Settings;
use crm_store::{
    Consistency, FactKind, FactPlace, LooseReturnSummary, OrderRecord, PersonRecord, Store,
    StoreError, Summary, Wanted,
};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::facts::{self, Facts};

/// So many of the latest orders are looked into at once.
pub(super) const WINDOW: usize = 100;

/// An order in the list of them.
#[derive(Serialize, JsonSchema)]
pub(super) struct Order {
    id: ExternalId,
    name: String,
    placed_at: Timestamp,
    status: OrderStatus,
    financial_status: FinancialStatus,
    channel: Channel,
    counted: bool,
    currency: Currency,
    gross: Amount,
    refunded: Amount,
    units: i64,
    units_returned: i64,
}

/// A return of an order, or of none. Where a shop keeps no return documents,
/// each refund of returned goods is one, by the refund's id.
#[derive(Serialize, JsonSchema)]
pub(super) struct Return {
    id: String,
    order_id: Option<ExternalId>,
    /// Null of a return without a document.
    status: Option<ReturnStatus>,
    units: i64,
    reason: Option<String>,
    /// How it was settled; null while it is not.
    resolution: Option<Resolution>,
    /// Of a return without a document; the money of others is in their orders.
    returned_at: Option<Timestamp>,
    /// The same, in the order's currency.
    refunded: Option<Amount>,
}

/// How far a list of returns has come: among the orders, and among the returns
/// of none. Where one of the two has ended there is no place.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReturnsPlace {
    #[serde(rename = "o")]
    orders: Option<FactPlace>,
    #[serde(rename = "l")]
    loose: Option<FactPlace>,
}

/// A page of returns: those of a page of orders, and then those of none.
pub(super) struct Returns {
    pub(super) items: Vec<Return>,
    pub(super) next: Option<ReturnsPlace>,
}

impl Order {
    pub(super) fn of(summary: OrderSummary, settings: &Settings) -> Self {
        Self {
            counted: counts(&summary, settings),
            id: summary.id,
            name: summary.name,
            placed_at: summary.placed_at,
            status: summary.status,
            financial_status: summary.financial_status,
            channel: summary.channel,
            currency: summary.currency,
            gross: summary.gross,
            refunded: summary.refunded,
            units: summary.units,
            units_returned: summary.units_returned,
        }
    }
}

/// Whether an order is in the totals as the settings read them.
fn counts(summary: &OrderSummary, settings: &Settings) -> bool {
    summary.counted && (settings.count_zero_value_orders || !summary.gross.is_zero())
}

impl Return {
    fn of_order(order: &OrderSummary) -> Vec<Self> {
        let returns = order.returns.iter().map(|summary| Self {
            id: summary.id.clone(),
            order_id: Some(order.id.clone()),
            status: summary.status,
            units: summary.units,
            reason: summary.reason.clone(),
            resolution: summary.resolution,
            returned_at: summary.at,
            refunded: summary.refunded,
        });
        returns.collect()
    }

    fn loose(summary: LooseReturnSummary) -> Self {
        Self {
            id: summary.id.into(),
            order_id: None,
            status: None,
            units: summary.units,
            reason: None,
            resolution: None,
            returned_at: Some(summary.at),
            refunded: Some(summary.refunded),
        }
    }
}

/// A page of returns. `first` is the first page of orders, where somebody has
/// read it already.
pub(super) async fn returns(
    store: &Store,
    person: &PersonRecord,
    from: Option<ReturnsPlace>,
    first: Option<&Facts<OrderSummary>>,
    limit: usize,
) -> Result<Returns, StoreError> {
    let begins = from.is_none();
    let from = from.unwrap_or(ReturnsPlace {
        orders: None,
        loose: None,
    });
    let mut items = Vec::new();
    let mut orders_next = None;
    if begins || from.orders.is_some() {
        let read;
        let orders = if let Some(first) = first.filter(|_| begins) {
            first
        } else {
            read = facts::page(store, person, from.orders.as_ref(), limit).await?;
            &read
        };
        items.extend(orders.items.iter().flat_map(Return::of_order));
        orders_next.clone_from(&orders.next);
    }
    let mut loose_next = None;
    if begins || from.loose.is_some() {
        let loose = facts::page(store, person, from.loose.as_ref(), limit).await?;
        items.extend(loose.items.into_iter().map(Return::loose));
        loose_next = loose.next;
    }
    let more = orders_next.is_some() || loose_next.is_some();
    let next = more.then_some(ReturnsPlace {
        orders: orders_next,
        loose: loose_next,
    });
    Ok(Returns { items, next })
}

/// The latest orders whole, in the order of their summaries.
pub(super) async fn records(
    store: &Store,
    orders: &[OrderSummary],
) -> Result<Vec<OrderRecord>, StoreError> {
    let mut wanted = Wanted::default();
    for order in orders {
        wanted.order(&order.id);
    }
    let loaded = store.load(&wanted, Consistency::Eventual).await?;
    let records = orders.iter().map(|order| loaded.order(&order.id));
    records.filter_map(Result::transpose).collect()
}

/// Where the first counted order was sold. It is found among the orders in
/// hand, if these are all, else by its time.
pub(super) async fn first_channel(
    store: &Store,
    person: &PersonRecord,
    first_order_at: Option<Timestamp>,
    in_hand: Option<&Facts<OrderSummary>>,
    settings: &Settings,
) -> Result<Option<Channel>, StoreError> {
    let Some(first) = first_order_at else {
        return Ok(None);
    };
    // Totals know the time of an order to the second.
    let is_first = |order: &OrderSummary| {
        counts(order, settings) && order.placed_at.as_second() == first.as_second()
    };
    let read;
    let orders = if let Some(all) = in_hand.filter(|facts| facts.next.is_none()) {
        &all.items
    } else {
        read = placed_at(store, person, first).await?;
        &read
    };
    let mut firsts: Vec<_> = orders.iter().filter(|order| is_first(order)).collect();
    firsts.sort_by_key(|order| (order.placed_at, &order.id));
    Ok(firsts.first().map(|order| order.channel))
}

async fn placed_at(
    store: &Store,
    person: &PersonRecord,
    second: Timestamp,
) -> Result<Vec<OrderSummary>, StoreError> {
    let end = second + SignedDuration::from_secs(1);
    let mut orders = Vec::new();
    for node in person.nodes() {
        let found = store.facts_between(&node.id, FactKind::Order, (second, end));
        orders.extend(
            found
                .await?
                .into_iter()
                .filter_map(|summary| match summary {
                    Summary::Order(order) => Some(*order),
                    _ => None,
                }),
        );
    }
    Ok(orders)
}
