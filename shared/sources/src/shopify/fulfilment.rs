//! What was sent.

use std::collections::BTreeMap;

use crm_domain::fact::Fact;
use crm_domain::order::{Fulfilment, FulfilmentStatus, OrderChange};
use serde::Deserialize;

use super::{Shop, own_id};
use crate::body;
use crate::token::{Needed, Token};
use crate::unreadable::{At, Problem, Trouble};

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct FulfilmentBody<'a> {
    id: Token<'a>,
    admin_graphql_api_id: Token<'a>,
    order_id: Token<'a>,
    status: Token<'a>,
    shipment_status: Token<'a>,
    created_at: Token<'a>,
    updated_at: Token<'a>,
    line_items: Vec<Sent<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Sent<'a> {
    quantity: Token<'a>,
}

/// Reads `fulfillments/create` and `fulfillments/update`.
pub(super) fn read(shop: &Shop<'_>) -> Result<Fact, Trouble> {
    let told: FulfilmentBody<'_> = body::parse(shop.delivery)?;
    let (id, fulfilment) = told.read(shop)?;
    let order = shop.id(told.order_id, Token::default());
    Ok(Fact::Order {
        order: order.needed().at("order_id")?,
        change: OrderChange::Fulfilment(id, fulfilment),
        buyer: None,
    })
}

impl FulfilmentBody<'_> {
    /// The fulfilment in our terms, with its id.
    pub(super) fn read(&self, shop: &Shop<'_>) -> Result<(String, Fulfilment), Trouble> {
        let id = own_id(self.id, self.admin_graphql_api_id)?;
        let (status, rank) = self.status().at("status")?;
        let updated_at = self.updated_at.time().at("updated_at")?;
        let delivered = self.shipment_status.text().as_deref() == Some("delivered");
        let fulfilment = Fulfilment {
            state: Some((shop.stamp(updated_at, rank), status)),
            units: self.units(),
            created_at: self.created_at.time().at("created_at")?,
            arrived_at: updated_at.filter(|_| delivered),
            events: BTreeMap::new(),
        };
        Ok((id, fulfilment))
    }

    /// Units in it; a line without a readable number adds none.
    fn units(&self) -> i64 {
        let units = self.line_items.iter().map(|line| line.quantity.whole());
        units.filter_map(|units| units.ok().flatten()).sum()
    }

    /// The state and its rank: pending 0, open 1, success 2, then what ended
    /// without success.
    fn status(&self) -> Result<(FulfilmentStatus, u8), Trouble> {
        let status = self.status.word().needed()?;
        Ok(match status.as_str() {
            "pending" => (FulfilmentStatus::Pending, 0),
            "open" => (FulfilmentStatus::Pending, 1),
            "success" => (FulfilmentStatus::Sent, 2),
            "error" | "failure" => (FulfilmentStatus::Cancelled, 3),
            "cancelled" => (FulfilmentStatus::Cancelled, 4),
            _ => return Err(Trouble::here(Problem::Unknown)),
        })
    }
}
