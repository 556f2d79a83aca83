//! Customers: found by what is asked for, or one whole by its id.

mod cases;
mod consent;
pub(crate) mod contract;
mod decided;
pub(crate) mod facts;
mod fields;
pub(crate) mod find;
mod orders;
mod own;
mod preferred;
mod sections;
mod segments;
mod timeline;
mod view;
mod whole;

use crm_domain::identity::NodeId;
use crm_store::{Consistency, PersonRecord, Store};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::answer::Answer;
use crate::fields::Fields;
use crate::problem::{Problem, Trouble};
use crate::request::Request;
pub(crate) use decided::Deciding;
pub(crate) use fields::Setting;
use find::{By, Place, Search};
pub(crate) use own::{ORDER_OF_CUSTOMER, order_of};
pub(crate) use view::{Customer, newest_first};
pub(crate) use whole::fetch;

/// Entries of a page, unless the caller says otherwise, and at most.
const USUAL_ENTRIES: usize = 50;
const MOST_ENTRIES: usize = 100;

/// A page of customers.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CustomerPage")]
pub(crate) struct List {
    items: Vec<Customer>,
    cursor: Option<String>,
}

/// `GET /v1/customers`: everyone whom all parameters let through.
pub(crate) async fn list(
    store: &Store,
    request: Request<'_>,
    now: Timestamp,
) -> Result<Answer, Trouble> {
    let more = ["limit", "cursor"];
    let known: Vec<_> = find::PARAMETERS.into_iter().chain(more).collect();
    request.only_parameters(&known)?;
    let limit = request.number("limit", 1, MOST_ENTRIES, USUAL_ENTRIES)?;
    let Some(search) = Search::asked(request)? else {
        let limit = "must be given, or another parameter to find customers by";
        return Err(Problem::senseless("email", limit).into());
    };
    let cursor = request.parameter("cursor");
    let page = page(store, &search, request, cursor, limit, now).await?;
    Ok(Answer::ok(&page))
}

/// `POST /v1/customers/search`: everyone who meets a condition.
pub(crate) async fn search(
    store: &Store,
    request: Request<'_>,
    now: Timestamp,
) -> Result<Answer, Trouble> {
    request.only_parameters(&[])?;
    let mut fields = Fields::new(request.body()?);
    let search = Search::given(&mut fields)?;
    let limit = fields.number("limit", 1, MOST_ENTRIES, USUAL_ENTRIES)?;
    let cursor = fields.optional_text("cursor", "must be a cursor that this list gave")?;
    fields.finish()?;
    search.check()?;
    let page = page(store, &search, request, cursor, limit, now).await?;
    Ok(Answer::ok(&page))
}

/// A page of those whom a search finds.
pub(crate) async fn page(
    store: &Store,
    search: &Search,
    request: Request<'_>,
    cursor: Option<String>,
    limit: usize,
    now: Timestamp,
) -> Result<List, Trouble> {
    if search.is_one_page() && cursor.is_some() {
        let limit = "belongs to a longer list: this one has a single page";
        return Err(Problem::senseless("cursor", limit).into());
    }
    search.check_named(store).await?;
    let list = search.list("customers");
    let from = match cursor {
        Some(cursor) => Some(request.opened::<Place>("cursor", &list, &cursor).await?),
        None => None,
    };
    let settings = store.settings_fetch().await?;
    let by = By {
        store,
        settings: &settings,
        today: settings.date_of(now),
        limit,
        looks: find::MOST_LOOKS,
        how: Consistency::Strong,
    };
    let (persons, next) = search.page(&by, from).await?;
    let items = persons.iter().map(|person| Customer::of(person, &settings));
    Ok(List {
        items: items.collect(),
        cursor: request.next(&list, next.as_ref()).await?,
    })
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
