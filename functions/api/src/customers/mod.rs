//! Customers: found by a filter, or one whole by its id.

mod consent;
pub(crate) mod contract;
mod facts;
mod filter;
mod view;

use crm_domain::identity::NodeId;
use crm_store::{Consistency, PersonRecord, Store};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::answer::Answer;
use crate::assessment::{self, MadeBy, Whom, WorthView};
use crate::problem::{Problem, Trouble};
use crate::request::Request;
use filter::Filter;
pub(crate) use view::Customer;
use view::WholeCustomer;

/// Entries of a page, unless the caller says otherwise, and at most.
const USUAL_ENTRIES: usize = 50;
const MOST_ENTRIES: usize = 100;

/// A page of customers.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CustomerPage")]
struct List {
    items: Vec<Customer>,
    cursor: Option<String>,
}

/// `GET /v1/customers`.
pub(crate) async fn list(store: &Store, request: Request<'_>) -> Result<Answer, Trouble> {
    request.only_parameters(&["email", "external_id", "segment", "limit", "cursor"])?;
    let limit = request.number("limit", 1, MOST_ENTRIES, USUAL_ENTRIES)?;
    let filter = Filter::of(request)?;
    let (persons, cursor) = filter.persons(store, request, limit).await?;
    let settings = store.settings_fetch().await?;
    let items = persons.iter().map(|person| Customer::of(person, &settings));
    Ok(Answer::ok(&List {
        items: items.collect(),
        cursor,
    }))
}

/// `GET /v1/customers/{id}`, by the id of any of the person's nodes.
pub(crate) async fn fetch(
    store: &Store,
    request: Request<'_>,
    id: &str,
    now: Timestamp,
) -> Result<Answer, Trouble> {
    request.only_parameters(&["orders_cursor", "orders_limit", "returns_cursor"])?;
    let limit = request.number("orders_limit", 1, MOST_ENTRIES, USUAL_ENTRIES)?;
    let person = needed(store, id).await?;
    let made_by = MadeBy::today(store).await?;
    let rules = made_by.rules();
    let why = assessment::why(store, &person, &rules).await?;
    let today = rules.settings.date_of(now);
    let value = WorthView::of(&Whom::of(&person).subject(), &rules, today);
    let orders = facts::orders(store, request, &person, limit).await?;
    let loose = facts::loose_returns(store, request, &person, limit).await?;
    let merges = store.merges_fetch(&person).await?;
    let customer = Customer::of(&person, rules.settings);
    let counts_zero_value = rules.settings.count_zero_value_orders;
    let whole = WholeCustomer::new(customer, (why, value), orders, loose, counts_zero_value);
    Ok(Answer::ok(&whole.merged_by(&merges)))
}

/// The person a node's id leads to, or a problem when there is none.
pub(crate) async fn needed(store: &Store, id: &str) -> Result<PersonRecord, Trouble> {
    let person = person(store, id).await?;
    Ok(person.ok_or_else(|| Problem::not_found("customer"))?)
}

/// The person a node's id leads to.
pub(crate) async fn person(store: &Store, id: &str) -> Result<Option<PersonRecord>, Trouble> {
    let Ok(id) = NodeId::parse(id) else {
        return Ok(None);
    };
    Ok(store.person_fetch(&id, Consistency::Strong).await?)
}
