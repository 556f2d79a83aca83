//! Customers as a table for a spreadsheet, page by page: everyone's assessment,
//! or any list.
//!
//! A function may answer six megabytes at most, so the table comes in pages:
//! the header line on the first, and a link to the next while there is more.

pub(crate) mod contract;
mod csv;
mod customers;
mod live;
mod past;
mod row;

use crm_store::{AsOfPlace, PersonPlace, Store};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::assessment::{MadeBy, Past};
use crate::problem::Trouble;
use crate::request::Request;
pub(crate) use customers::{customers, search};
use row::Table;

/// A page ends behind the first lines that fill it.
const PAGE_BYTES: usize = 4_000_000;
/// And behind so many people, for the sake of time.
const PAGE_ROWS: usize = 10_000;

/// Where the next page begins.
#[derive(Debug, Serialize, Deserialize)]
enum Place {
    /// Behind somebody.
    Live(PersonPlace),
    /// In the rows of a run, which outlives a newer one.
    Past(String, AsOfPlace),
}

/// `GET /v1/exports/assessments.csv`: everyone as they are; with `as_of`, as
/// they were on a date that was looked at.
pub(crate) async fn assessments(
    store: &Store,
    request: Request<'_>,
    now: Timestamp,
) -> Result<Answer, Trouble> {
    request.only_parameters(&["as_of", "limit", "cursor"])?;
    let limit = request.number("limit", 1, PAGE_ROWS, PAGE_ROWS)?;
    let as_of = request.date("as_of")?;
    let list = match as_of {
        Some(on) => format!("assessments:{on}"),
        None => "assessments".to_owned(),
    };
    let from: Option<Place> = request.cursor("cursor", &list).await?;
    let mut table = Table::new(limit, from.is_none());
    let (on, next) = match as_of {
        None => live(store, &mut table, from, now).await?,
        Some(on) => past(store, &mut table, from, on, now).await?,
    };
    let name = format!("attachment; filename=\"assessments-{on}.csv\"");
    let answer = Answer::csv(table.text()).with("content-disposition", name);
    let Some(next) = request.next(&list, next.as_ref()).await? else {
        return Ok(answer);
    };
    let mut query = format!("limit={limit}&cursor={next}");
    if let Some(on) = as_of {
        query = format!("as_of={on}&{query}");
    }
    let link = format!("<{}?{query}>; rel=\"next\"", request.written_path());
    Ok(answer.with("link", link))
}

/// What a page was made for, and where the next one begins.
type Ended = (Date, Option<Place>);

async fn live(
    store: &Store,
    table: &mut Table,
    from: Option<Place>,
    now: Timestamp,
) -> Result<Ended, Trouble> {
    let from = match from {
        Some(Place::Live(place)) => Some(place),
        _ => None,
    };
    let made_by = MadeBy::today(store).await?;
    let rules = made_by.rules();
    let on = rules.settings.date_of(now);
    let next = live::fill(store, table, &rules, on, from).await?;
    Ok((on, next.map(Place::Live)))
}

async fn past(
    store: &Store,
    table: &mut Table,
    from: Option<Place>,
    on: Date,
    now: Timestamp,
) -> Result<Ended, Trouble> {
    let (past, from) = match from {
        Some(Place::Past(run, place)) => (Past::of_run(store, &run, on, now).await?, Some(place)),
        _ => (Past::of(store, on, now).await?, None),
    };
    let next = past::fill(store, table, &past, from).await?;
    Ok((on, next.map(|next| Place::Past(past.run.clone(), next))))
}
