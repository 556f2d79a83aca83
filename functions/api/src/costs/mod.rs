//! What products cost the store: told, and read.

pub(crate) mod contract;
mod table;

use crm_domain::identity::ExternalId;
use crm_domain::money::{Amount, Currency};
use crm_domain::settings::Settings;
use crm_store::{Committed, Consistency, CostRecord, Store, StoreError};
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use crate::answer::Answer;
use crate::etag;
use crate::problem::{Problem, Trouble};
use crate::request::Request;
use table::{NewCost, PRODUCT};

/// How often a write is tried over others.
const ATTEMPTS: u32 = 5;
/// Most costs of a product, each from another date on.
const MOST_DATES: usize = 200;

/// A product's costs.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ProductCosts")]
struct Product {
    product: ExternalId,
    /// The earliest first.
    costs: Vec<Dated>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ProductCost")]
struct Dated {
    from: Date,
    unit_cost: Amount,
}

/// What was told, as it is now.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CostsTold")]
struct Told {
    items: Vec<Product>,
    /// Of all costs: the reporting currency; null until it is known.
    currency: Option<Currency>,
}

/// `GET /v1/costs/{product}`.
pub(crate) async fn fetch(
    store: &Store,
    request: Request<'_>,
    product: &str,
) -> Result<Answer, Trouble> {
    request.only_parameters(&[])?;
    let id = ExternalId::parse(product).map_err(|_| Problem::field("product", PRODUCT))?;
    let record = store.cost_fetch(&id).await?;
    if record.costs.is_empty() {
        return Err(Problem::not_found("cost").into());
    }
    let tag = etag::of_version(record.version);
    if etag::has(request, &tag)? {
        return Ok(Answer::not_modified(tag));
    }
    Ok(Answer::ok(&Product::of(record)).with("etag", tag))
}

/// `PUT /v1/costs`: what products cost from a date on. From then on the
/// costs are used: orders recorded later keep theirs.
pub(crate) async fn replace(
    store: &Store,
    request: Request<'_>,
    now: Timestamp,
) -> Result<Answer, Trouble> {
    request.only_parameters(&[])?;
    let settings = store.settings_fetch().await?;
    let costs = table::read(request.body()?, settings.date_of(now))?;
    let mut items = Vec::new();
    for (product, new) in costs {
        items.push(Product::of(put(store, &product, &new).await?));
    }
    let settings = switch_on(store, request.caller(), now).await?;
    Ok(Answer::ok(&Told {
        items,
        currency: settings.reporting_currency,
    }))
}

/// Adds a product's costs to those known of it.
async fn put(store: &Store, product: &ExternalId, new: &[NewCost]) -> Result<CostRecord, Trouble> {
    for _ in 0..ATTEMPTS {
        let mut record = store.cost_fetch(product).await?;
        let before = record.costs.clone();
        record
            .costs
            .extend(new.iter().map(|cost| (cost.from, cost.unit_cost)));
        if record.costs.len() > MOST_DATES {
            let limit = "must leave a product with at most 200 dates";
            return Err(Problem::senseless("costs", limit).into());
        }
        if record.costs == before || store.cost_put(&record).await? == Committed::Done {
            return Ok(record);
        }
    }
    Err(StoreError::Contended { attempts: ATTEMPTS }.into())
}

/// Lets orders be looked up in the table, which a change of the settings
/// tells of like any other.
async fn switch_on(store: &Store, by: &str, now: Timestamp) -> Result<Settings, StoreError> {
    for _ in 0..ATTEMPTS {
        let old = store.settings_read(Consistency::Strong).await?;
        if old.cost_table {
            return Ok(old);
        }
        let new = Settings {
            cost_table: true,
            ..old.clone()
        };
        if store.settings_replace(&old, &new, by, now).await? == Committed::Done {
            return Ok(new);
        }
    }
    Err(StoreError::Contended { attempts: ATTEMPTS })
}

impl Product {
    fn of(record: CostRecord) -> Self {
        let costs = record.costs.into_iter();
        Self {
            product: record.product,
            costs: costs
                .map(|(from, unit_cost)| Dated { from, unit_cost })
                .collect(),
        }
    }
}
