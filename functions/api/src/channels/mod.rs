//! What customers of each channel come to, and what winning them cost.

pub(crate) mod contract;
mod cost;
mod view;

use crm_domain::population::Snapshot;
use crm_store::Store;
use jiff::Timestamp;

use crate::answer::Answer;
use crate::month::Month;
use crate::problem::{Problem, Trouble};
use crate::request::Request;
use cost::Costs;
use view::Overview;

/// Months shown one by one, unless the caller says otherwise, and at most.
const USUAL_MONTHS: i32 = 12;
const MOST_MONTHS: i32 = 60;

/// `GET /v1/channels`: by the latest pass over everyone.
pub(crate) async fn list(
    store: &Store,
    request: Request<'_>,
    now: Timestamp,
) -> Result<Answer, Trouble> {
    request.only_parameters(&["months"])?;
    let months = request.number("months", 1, MOST_MONTHS, USUAL_MONTHS)?;
    let figures = store.population_fetch(None).await?;
    let figures = figures.ok_or_else(|| Problem::not_found("figures: no pass was made yet"))?;
    let settings = store.settings_fetch().await?;
    let spent = store.spend_list("0000-00", "9999-99").await?;
    let acquired = store.acquired_fetch(&figures).await?;
    let costs = Costs::of(&acquired, &spent);
    let since = Month::of(settings.date_of(now)).earlier(months - 1);
    let currency = settings.reporting_currency;
    Ok(Answer::ok(&Overview::of(
        &figures,
        &costs,
        &since.to_string(),
        currency,
    )))
}

/// `GET /v1/population`: the figures of the latest pass, or of the latest up
/// to a date.
pub(crate) async fn population(store: &Store, request: Request<'_>) -> Result<Answer, Trouble> {
    request.only_parameters(&["on"])?;
    let figures = store.population_fetch(request.date("on")?).await?;
    let figures = figures.ok_or_else(|| Problem::not_found("figures: no pass was made by then"))?;
    let acquired = store.acquired_fetch(&figures).await?;
    let figures = Snapshot {
        acquired,
        ..figures
    };
    Ok(Answer::ok(&figures))
}
