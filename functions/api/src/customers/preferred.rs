//! What a customer likes, from the latest orders.

use std::collections::BTreeMap;

use crm_domain::identity::ExternalId;
use crm_domain::preference::{Basket, Preferred};
use crm_domain::settings::Settings;
use crm_store::{Consistency, OrderRecord, Store, StoreError, Wanted};
use schemars::JsonSchema;
use serde::Serialize;

/// Products whose category is looked up at most, those of most units first.
const MOST_PRODUCTS: usize = 100;

/// The three of most units, those that came back taken off.
#[derive(Serialize, JsonSchema)]
pub(super) struct PreferredView {
    products: Vec<Product>,
    categories: Vec<Category>,
    /// Orders that were looked into.
    orders_seen: usize,
    /// Whether these are all the customer's.
    complete: bool,
}

#[derive(Serialize, JsonSchema)]
struct Product {
    id: Option<ExternalId>,
    name: String,
    units: i64,
}

#[derive(Serialize, JsonSchema)]
struct Category {
    name: String,
    units: i64,
}

impl PreferredView {
    pub(super) async fn of(
        store: &Store,
        records: &[OrderRecord],
        complete: bool,
        settings: &Settings,
    ) -> Result<Self, StoreError> {
        let mut basket = Basket::default();
        for record in records {
            basket.add(&record.order, settings.count_zero_value_orders);
        }
        let categories = if settings.product_categories {
            categories(store, &basket).await?
        } else {
            BTreeMap::new()
        };
        let category = |product: &ExternalId| categories.get(product).map(String::as_str);
        Ok(Self {
            products: basket.top_products().into_iter().map(Product::of).collect(),
            categories: basket
                .top_categories(category)
                .into_iter()
                .map(Category::of)
                .collect(),
            orders_seen: records.len(),
            complete,
        })
    }
}

async fn categories(
    store: &Store,
    basket: &Basket,
) -> Result<BTreeMap<ExternalId, String>, StoreError> {
    let products: Vec<_> = basket.products().take(MOST_PRODUCTS).collect();
    let mut wanted = Wanted::default();
    for product in &products {
        wanted.cost(product);
    }
    let loaded = store.load(&wanted, Consistency::Eventual).await?;
    let mut known = BTreeMap::new();
    for product in products {
        let record = loaded.cost(product)?;
        if let Some(category) = record.and_then(|record| record.category) {
            known.insert(product.clone(), category);
        }
    }
    Ok(known)
}

impl Product {
    fn of(preferred: Preferred) -> Self {
        Self {
            id: preferred.product,
            name: preferred.name,
            units: preferred.units,
        }
    }
}

impl Category {
    fn of(preferred: Preferred) -> Self {
        Self {
            name: preferred.name,
            units: preferred.units,
        }
    }
}
