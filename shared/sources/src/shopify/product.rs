//! What kind of product something is.

use crm_domain::fact::Fact;
use serde::Deserialize;

use super::Shop;
use crate::body;
use crate::token::{Needed, Token};
use crate::unreadable::{At, Trouble};

/// Most characters of a category's name; of a longer one the beginning.
const MOST_CHARS: usize = 100;

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Told<'a> {
    id: Token<'a>,
    admin_graphql_api_id: Token<'a>,
    updated_at: Token<'a>,
    #[serde(rename = "product_type")]
    kind: Token<'a>,
    category: Option<Category<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Category<'a> {
    name: Token<'a>,
}

/// Reads `products/create` and `products/update`. The shop's own word for the
/// kind goes before that of Shopify's list of all kinds there are.
pub(super) fn read(shop: &Shop<'_>) -> Result<Fact, Trouble> {
    let told: Told<'_> = body::parse(shop.delivery)?;
    let id = shop.id(told.id, told.admin_graphql_api_id);
    let updated_at = told.updated_at.time().at("updated_at")?;
    let listed = told
        .category
        .as_ref()
        .and_then(|category| name(category.name));
    Ok(Fact::Product {
        id: id.needed().at("id")?,
        stamp: shop.stamp(updated_at, 0),
        category: name(told.kind).or(listed),
    })
}

fn name(token: Token<'_>) -> Option<String> {
    let name = token.text()?;
    let name: String = name.trim().chars().take(MOST_CHARS).collect();
    (!name.is_empty()).then_some(name)
}
