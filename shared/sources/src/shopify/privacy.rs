//! What a person asks of the store through their shop, or the shop as it goes.
//!
//! Reference: <https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance>

use crm_domain::fact::Fact;
use crm_domain::privacy::{Asked, PrivacyNews};
use serde::Deserialize;

use super::{Shop, id};
use crate::body;
use crate::token::{Needed, Token};
use crate::unreadable::{At, Trouble};

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Payload<'a> {
    customer: Option<Customer<'a>>,
    data_request: Option<Ticket<'a>>,
    orders_to_redact: Vec<Token<'a>>,
    orders_requested: Vec<Token<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Customer<'a> {
    id: Token<'a>,
    email: Token<'a>,
    phone: Token<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Ticket<'a> {
    id: Token<'a>,
}

/// Reads `customers/data_request`, `customers/redact` and `shop/redact`.
///
/// The shop is the one that signed: what the body says of it is not asked.
pub(super) fn read(shop: &Shop<'_>) -> Result<Fact, Trouble> {
    let told: Payload<'_> = body::parse(shop.delivery)?;
    let delivery = shop.delivery;
    let asked = match delivery.topic.as_str() {
        "shop/redact" => Asked::ShopErasure {
            source: delivery.source.clone(),
            shop: delivery.shop.clone(),
        },
        topic => {
            let customer = Ok(told.customer.as_ref()).needed().at("customer")?;
            let id = shop.id(customer.id, Token::default());
            let id = id.needed().at("customer.id")?;
            match topic {
                "customers/redact" => Asked::Erasure(id),
                _ => Asked::Data(id),
            }
        }
    };
    let ticket = told.data_request.map(|ticket| id::reference(ticket.id));
    let ticket = ticket.transpose().at("data_request.id")?.flatten();
    let named = told.orders_to_redact.iter().chain(&told.orders_requested);
    // An id that cannot be read leads to nobody; the rest is asked all the same.
    let orders = named.filter_map(|order| shop.id(*order, Token::default()).ok()?);
    let orders = orders.collect();
    let traces = told.customer.iter();
    let traces = traces.flat_map(|customer| [customer.email.text(), customer.phone.text()]);
    Ok(Fact::Privacy(Box::new(PrivacyNews {
        asked,
        at: delivery.triggered_at.unwrap_or(delivery.received_at),
        traces: traces.flatten().collect(),
        orders,
        token: ticket.unwrap_or_else(|| format!("{:016x}", shop.digest)),
    })))
}
