//! Customers: found by a filter, or one whole by its id.

mod cases;
mod consent;
pub(crate) mod contract;
mod decided;
pub(crate) mod facts;
mod fields;
mod filter;
mod orders;
mod own;
mod preferred;
mod sections;
mod timeline;
mod view;
mod whole;

use crm_domain::identity::NodeId;
use crm_store::{Consistency, PersonRecord, Store};
use schemars::JsonSchema;
use serde::Serialize;

use crate::answer::Answer;
use crate::problem::{Problem, Trouble};
use crate::request::Request;
pub(crate) use decided::Deciding;
pub(crate) use fields::Setting;
use filter::Filter;
pub(crate) use own::{ORDER_OF_CUSTOMER, order_of};
pub(crate) use view::Customer;
pub(crate) use whole::fetch;

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
