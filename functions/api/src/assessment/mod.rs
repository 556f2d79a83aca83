//! What a customer is, what they have been, and why.

pub(crate) mod contract;
mod history;
mod made_by;
mod past;
mod then;
mod view;
mod whom;
mod worth;

use crm_domain::segment::{Finding, Rules, assess};
use crm_store::{PersonRecord, Store, StoreError};
use jiff::Timestamp;

use crate::answer::Answer;
use crate::customers;
use crate::problem::{Problem, Trouble};
use crate::request::Request;
pub(crate) use made_by::MadeBy;
pub(crate) use past::Past;
use view::Live;
pub(crate) use view::{Assessed, Changed, Why};
pub(crate) use whom::Whom;
pub(crate) use worth::WorthView;

pub(crate) use history::{before, changes, history};

/// `GET /v1/customers/{id}/assessment`: what the customer is now; with `on`,
/// what they were found to be on a date; with `as_of`, what they would have
/// been found to be then, by the orders known today.
pub(crate) async fn fetch(
    store: &Store,
    request: Request<'_>,
    id: &str,
    now: Timestamp,
) -> Result<Answer, Trouble> {
    request.only_parameters(&["on", "as_of"])?;
    let (on, as_of) = (request.date("on")?, request.date("as_of")?);
    let person = customers::needed(store, id).await?;
    match (on, as_of) {
        (None, None) => live(store, &person, now).await,
        (Some(on), None) => then::then(store, &person, id, (on, now)).await,
        (None, Some(on)) => {
            Past::of(store, on, now)
                .await?
                .assessment(store, &person)
                .await
        }
        (Some(_), Some(_)) => Err(Problem::senseless("as_of", "cannot be given with on").into()),
    }
}

/// The evaluation of this very moment.
async fn live(store: &Store, person: &PersonRecord, now: Timestamp) -> Result<Answer, Trouble> {
    let made_by = MadeBy::today(store).await?;
    let rules = made_by.rules();
    let whom = Whom::of(person, rules.settings);
    let today = rules.settings.date_of(now);
    let made = assess(&whom.subject(), &rules, today, person.assessment());
    Ok(Answer::ok(&Live::of(
        person.id(),
        &whom.subject(),
        &made,
        &rules,
    )))
}

/// Why the customer was assessed as the record has it; none before that.
pub(crate) async fn why(
    store: &Store,
    person: &PersonRecord,
    today: &Rules<'_>,
) -> Result<Option<Why>, StoreError> {
    let Some(made) = person.assessment() else {
        return Ok(None);
    };
    let whom = Whom::of(person, today.settings);
    let same = (made.settings, made.cutoffs) == (today.settings.version, today.cutoffs.version);
    if same {
        let found = Finding::of_assessment(&whom.subject(), today, made);
        return Ok(Some(Why::of(&found, today)));
    }
    let made_by = MadeBy::then(store, made.settings, made.cutoffs).await?;
    let found = Finding::of_assessment(&whom.subject(), &made_by.rules(), made);
    Ok(Some(Why::of(&found, &made_by.rules())))
}
