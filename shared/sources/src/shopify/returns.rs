//! Return documents: reason, state and units, never money.

use crm_domain::fact::Fact;
use crm_domain::identity::ExternalId;
use crm_domain::order::OrderChange;
use crm_domain::returns::{ReturnChange, ReturnLines, ReturnStatus};
use serde::Deserialize;

use super::{Shop, id};
use crate::body;
use crate::token::{Needed, Token};
use crate::unreadable::{At, Problem, Trouble};

/// Every topic but `returns/update`. Which order it is stands in one of two
/// places, by topic and API version, or nowhere.
#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct ReturnBody<'a> {
    id: Token<'a>,
    admin_graphql_api_id: Token<'a>,
    status: Token<'a>,
    order: Option<Reference<'a>>,
    order_id: Token<'a>,
    return_line_items: Option<Vec<ReturnLine<'a>>>,
    exchange_line_items: Option<Vec<ExchangeLine<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Reference<'a> {
    id: Token<'a>,
    admin_graphql_api_id: Token<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct ReturnLine<'a> {
    quantity: Token<'a>,
    return_reason: Token<'a>,
    fulfillment_line_item: Option<SentLine<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct SentLine<'a> {
    line_item: Option<Reference<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct ExchangeLine<'a> {
    quantity: Token<'a>,
    line_item: Option<ExchangedGoods<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct ExchangedGoods<'a> {
    quantity: Token<'a>,
}

/// `returns/update`, which tells only what was taken off.
#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Update<'a> {
    id: Token<'a>,
    admin_graphql_api_id: Token<'a>,
    order: Option<Reference<'a>>,
    order_id: Token<'a>,
    return_line_items: Option<LineChanges<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct LineChanges<'a> {
    removals: Option<Vec<Removal<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Removal<'a> {
    delta: Token<'a>,
}

/// Reads every topic but `returns/update`.
pub(super) fn read(shop: &Shop<'_>) -> Result<Fact, Trouble> {
    let told: ReturnBody<'_> = body::parse(shop.delivery)?;
    let status = status(told.status).at("status")?;
    let change = ReturnChange {
        stamp: shop.stamp(None, status.map_or(0, rank)),
        status,
        lines: lines(&told)?,
        units_removed: 0,
    };
    let id = shop.id(told.id, told.admin_graphql_api_id);
    let order = order(shop, told.order.as_ref(), told.order_id)?;
    Ok(fact(id.needed().at("id")?, order, change))
}

/// Reads `returns/update`.
pub(super) fn read_update(shop: &Shop<'_>) -> Result<Fact, Trouble> {
    let told: Update<'_> = body::parse(shop.delivery)?;
    let changes = told.return_line_items.unwrap_or_default();
    let mut units_removed = 0;
    for (n, removal) in changes.removals.iter().flatten().enumerate() {
        let delta = removal.delta.whole().needed().at("delta");
        let delta = delta.at_index("return_line_items.removals", n)?;
        units_removed += delta.abs();
    }
    let change = ReturnChange {
        stamp: shop.stamp(None, 0),
        status: None,
        lines: None,
        units_removed,
    };
    let id = shop.id(told.id, told.admin_graphql_api_id);
    let order = order(shop, told.order.as_ref(), told.order_id)?;
    Ok(fact(id.needed().at("id")?, order, change))
}

fn fact(id: ExternalId, order: Option<ExternalId>, change: ReturnChange) -> Fact {
    match order {
        Some(order) => Fact::Order {
            order,
            change: OrderChange::Return(id.id().to_owned(), change),
            buyer: None,
        },
        None => Fact::Return { id, change },
    }
}

fn order(
    shop: &Shop<'_>,
    order: Option<&Reference<'_>>,
    order_id: Token<'_>,
) -> Result<Option<ExternalId>, Trouble> {
    if let Some(order) = order
        && let Some(id) = shop
            .id(order.id, order.admin_graphql_api_id)
            .at("order.id")?
    {
        return Ok(Some(id));
    }
    shop.id(order_id, Token::default()).at("order_id")
}

fn status(token: Token<'_>) -> Result<Option<ReturnStatus>, Trouble> {
    let Some(word) = token.word()? else {
        return Ok(None);
    };
    Ok(Some(match word.to_lowercase().as_str() {
        "requested" => ReturnStatus::Requested,
        "open" => ReturnStatus::Open,
        "closed" => ReturnStatus::Closed,
        "declined" => ReturnStatus::Declined,
        "canceled" | "cancelled" => ReturnStatus::Cancelled,
        _ => return Err(Trouble::here(Problem::Unknown)),
    }))
}

/// How late in its life a return is: requested, declined or open, closed,
/// cancelled. A reopening comes later than the closing, by its trigger time.
fn rank(status: ReturnStatus) -> u8 {
    match status {
        ReturnStatus::Requested => 0,
        ReturnStatus::Declined => 1,
        ReturnStatus::Open => 2,
        ReturnStatus::Closed => 3,
        ReturnStatus::Cancelled => 4,
    }
}

/// The lines, where they are told. Topics about the state alone have none, and
/// samples name a number of lines over an empty list: that is not "no units".
fn lines(told: &ReturnBody<'_>) -> Result<Option<ReturnLines>, Trouble> {
    let listed = told.return_line_items.as_deref().unwrap_or_default();
    if listed.is_empty() {
        return Ok(None);
    }
    let mut lines = ReturnLines {
        reason: listed.iter().find_map(|line| line.return_reason.text()),
        ..ReturnLines::default()
    };
    for (n, line) in listed.iter().enumerate() {
        let units = line.quantity.whole().needed().at("quantity");
        let units = units.at_index("return_line_items", n)?;
        lines.units += units;
        if let Some(id) = line.line_id() {
            *lines.by_line.entry(id).or_default() += units;
        }
    }
    for (n, line) in told.exchange_line_items.iter().flatten().enumerate() {
        lines.units_exchanged += line.units().at_index("exchange_line_items", n)?;
    }
    Ok(Some(lines))
}

impl ReturnLine<'_> {
    /// The order's line that comes back. One that cannot be read names none,
    /// and the return is as good without it.
    fn line_id(&self) -> Option<String> {
        let line = self.fulfillment_line_item.as_ref()?.line_item.as_ref()?;
        id::exact(line.id, line.admin_graphql_api_id).unwrap_or_default()
    }
}

impl ExchangeLine<'_> {
    /// Units going out: told of the line or of the goods; a line that tells
    /// neither is one unit.
    fn units(&self) -> Result<i64, Trouble> {
        if let Some(units) = self.quantity.whole().at("quantity")? {
            return Ok(units);
        }
        let goods = self.line_item.as_ref().map(|goods| goods.quantity.whole());
        let units = goods.transpose().at("line_item.quantity")?;
        Ok(units.flatten().unwrap_or(1))
    }
}
