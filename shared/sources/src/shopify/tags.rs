//! Labels given to a customer, or taken away.

use crm_domain::fact::Fact;
use crm_domain::tags::TagNews;
use serde::Deserialize;

use super::Shop;
use crate::body;
use crate::token::{Needed, Token};
use crate::unreadable::{At, Trouble};

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Change<'a> {
    #[serde(rename = "customerId")]
    customer: Token<'a>,
    tags: Token<'a>,
    #[serde(rename = "occurredAt")]
    occurred_at: Token<'a>,
}

/// Reads `customer.tags_added`.
pub(super) fn read_added(shop: &Shop<'_>) -> Result<Fact, Trouble> {
    read(shop, TagNews::Added)
}

/// Reads `customer.tags_removed`.
pub(super) fn read_removed(shop: &Shop<'_>) -> Result<Fact, Trouble> {
    read(shop, TagNews::Removed)
}

fn read(shop: &Shop<'_>, news: fn(Vec<String>) -> TagNews) -> Result<Fact, Trouble> {
    let told: Change<'_> = body::parse(shop.delivery)?;
    let id = shop.id(told.customer, Token::default());
    let occurred_at = told.occurred_at.time().at("occurredAt")?;
    Ok(Fact::Tags {
        id: id.needed().at("customerId")?,
        stamp: shop.stamp(occurred_at, 0),
        news: news(told.tags.words().needed().at("tags")?),
    })
}
