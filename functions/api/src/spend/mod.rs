//! What the store spent on winning customers: told, and read.

pub(crate) mod contract;

use crm_domain::money::{Amount, Currency};
use crm_store::{Committed, Spend, Store, StoreError};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::answer::Answer;
use crate::etag;
use crate::fields::Fields;
use crate::month::{MONTH, Month};
use crate::problem::{Problem, Trouble};
use crate::request::Request;

/// How often a write is tried over others.
const ATTEMPTS: u32 = 5;
/// Most months of a list, and those of one that does not say.
const MOST_MONTHS: i32 = 60;
const USUAL_MONTHS: i32 = 12;
const MOST_CHANNEL_CHARACTERS: usize = 40;
const CHANNEL: &str = "must have from 1 to 40 characters, none of them a control character";
const AMOUNT: &str =
    r#"must be an amount of 0 or more in the reporting currency, as text: "99.50""#;

/// What was spent in a month on a channel.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Spend")]
struct SpendView {
    month: String,
    channel: String,
    amount: Amount,
    by: String,
    at: Timestamp,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SpendList")]
struct List {
    items: Vec<SpendView>,
    /// Of all amounts: the reporting currency; null until it is known.
    currency: Option<Currency>,
}

/// `PUT /v1/spend/{channel}/{month}`: what was told before is replaced.
pub(crate) async fn replace(
    store: &Store,
    request: Request<'_>,
    (channel, month): (&str, &str),
    now: Timestamp,
) -> Result<Answer, Trouble> {
    request.only_parameters(&[])?;
    let channel = channel.trim();
    let fits = (1..=MOST_CHANNEL_CHARACTERS).contains(&channel.chars().count());
    if !fits || channel.chars().any(char::is_control) {
        return Err(Problem::field("channel", CHANNEL).into());
    }
    let month = Month::parse(month).ok_or_else(|| Problem::field("month", MONTH))?;
    let today = store.settings_fetch().await?.date_of(now);
    if month > Month::of(today) {
        return Err(Problem::senseless("month", "must not be after this month").into());
    }
    let mut fields = Fields::new(request.body()?);
    let amount = fields.amount("amount", AMOUNT)?;
    fields.finish()?;
    let new = Spend {
        version: 0,
        month: month.to_string(),
        channel: channel.to_owned(),
        amount,
        by: request.caller().to_owned(),
        at: now,
    };
    let told = put(store, request, new).await?;
    let tag = etag::of_version(told.version);
    Ok(Answer::ok(&SpendView::of(told)).with("etag", tag))
}

/// Writes over what is there; the same amount once more changes nothing.
async fn put(store: &Store, request: Request<'_>, new: Spend) -> Result<Spend, Trouble> {
    for _ in 0..ATTEMPTS {
        let known = store.spend_fetch(&new.month, &new.channel).await?;
        let version = match known {
            Some(known) if known.amount == new.amount => return Ok(known),
            Some(known) => known.version,
            None => 0,
        };
        etag::guard(request, &etag::of_version(version))?;
        let next = Spend {
            version,
            ..new.clone()
        };
        if store.spend_put(&next).await? == Committed::Done {
            let version = version + 1;
            return Ok(Spend { version, ..next });
        }
    }
    Err(StoreError::Contended { attempts: ATTEMPTS }.into())
}

/// `GET /v1/spend`: from one month to another, both included; the last twelve
/// unless the caller says otherwise.
pub(crate) async fn list(
    store: &Store,
    request: Request<'_>,
    now: Timestamp,
) -> Result<Answer, Trouble> {
    request.only_parameters(&["from", "to"])?;
    let settings = store.settings_fetch().await?;
    let month = |name: &str| -> Result<Option<Month>, Problem> {
        let Some(text) = request.parameter(name) else {
            return Ok(None);
        };
        let month = Month::parse(&text);
        month.map(Some).ok_or_else(|| Problem::field(name, MONTH))
    };
    let to = month("to")?.unwrap_or_else(|| Month::of(settings.date_of(now)));
    let from = month("from")?.unwrap_or_else(|| to.earlier(USUAL_MONTHS - 1));
    if from > to || from < to.earlier(MOST_MONTHS - 1) {
        let limit = "must be a month from 59 months before to until to, as 2026-05";
        return Err(Problem::senseless("from", limit).into());
    }
    let found = store.spend_list(&from.to_string(), &to.to_string()).await?;
    Ok(Answer::ok(&List {
        items: found.into_iter().map(SpendView::of).collect(),
        currency: settings.reporting_currency,
    }))
}

impl SpendView {
    fn of(spend: Spend) -> Self {
        Self {
            month: spend.month,
            channel: spend.channel,
            amount: spend.amount,
            by: spend.by,
            at: spend.at,
        }
    }
}
