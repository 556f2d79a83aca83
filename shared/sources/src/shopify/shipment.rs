//! What happened to a shipment on its way.

use crm_domain::fact::Fact;
use crm_domain::order::{OrderChange, ShipmentEvent};
use serde::Deserialize;

use super::{Shop, id, own_id};
use crate::body;
use crate::token::{Needed, Token};
use crate::unreadable::{At, Problem, Trouble};

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Event<'a> {
    id: Token<'a>,
    admin_graphql_api_id: Token<'a>,
    fulfillment_id: Token<'a>,
    order_id: Token<'a>,
    status: Token<'a>,
    happened_at: Token<'a>,
    created_at: Token<'a>,
    updated_at: Token<'a>,
}

/// Reads `fulfillment_events/create`, and `/delete` with `withdrawn`: a
/// deletion outranks the event of the same time.
pub(super) fn read(shop: &Shop<'_>, withdrawn: bool) -> Result<Fact, Trouble> {
    let told: Event<'_> = body::parse(shop.delivery)?;
    let created_at = told.created_at.time().at("created_at")?;
    let at = told.happened_at.time().at("happened_at")?.or(created_at);
    let event = ShipmentEvent {
        stamp: shop.stamp(
            told.updated_at.time().at("updated_at")?,
            u8::from(withdrawn),
        ),
        at: at.ok_or_else(|| Trouble::here(Problem::Missing).within("happened_at"))?,
        delivered: told.status.text().as_deref() == Some("delivered"),
        withdrawn,
    };
    let order = shop.id(told.order_id, Token::default());
    Ok(Fact::Order {
        order: order.needed().at("order_id")?,
        change: OrderChange::Shipment(
            id::reference(told.fulfillment_id)
                .needed()
                .at("fulfillment_id")?,
            own_id(told.id, told.admin_graphql_api_id)?,
            event,
        ),
        buyer: None,
    })
}
