//! What a customer was found to be on a date, by the history of changes.

use crm_domain::care::Care;
use crm_domain::chronicle::{Change, Facts};
use crm_domain::identity::NodeId;
use crm_domain::merge::{Known, known_as};
use crm_domain::segment::{Rules, Subject};
use crm_domain::settings::Settings;
use crm_domain::totals::Totals;
use crm_store::{Consistency, PersonRecord, Store};
use jiff::Timestamp;
use jiff::civil::Date;

use super::made_by::{self, MadeBy};
use super::view::Then;
use crate::answer::Answer;
use crate::customers;
use crate::problem::{Problem, Trouble};

/// Most orders that are read to tell the facts of a date.
const MOST_ORDERS: i64 = 2_000;

/// What the last change on or before a date made of the customer, who was
/// perhaps somebody of their own then.
pub(super) async fn then(
    store: &Store,
    person: &PersonRecord,
    id: &str,
    (on, now): (Date, Timestamp),
) -> Result<Answer, Trouble> {
    let settings = store.settings_fetch().await?;
    if on > settings.date_of(now) {
        return Err(Problem::senseless("on", "must be a date not after today").into());
    }
    let end = end_of(&settings, on);
    let nodes = person.nodes().iter();
    let node = nodes.into_iter().find(|node| node.id.as_str() == id);
    let node = node.ok_or_else(|| Problem::not_found("customer"))?;
    let merges = store.merges_around(node).await?;
    let known = known_as(&node.id, &merges, end);
    let change = last_change(store, person, &known.id, on).await?;
    let change = change.ok_or_else(|| Problem::not_found("assessment: none was made by then"))?;
    let made_by = MadeBy::then(store, change.settings, change.cutoffs).await?;
    let in_force = made_by::cutoffs_on(store, on).await?;
    let then = Then {
        on,
        change: &change,
        in_force: in_force.as_ref(),
        facts: facts_on(store, person, &known, &settings, on).await?,
    };
    Ok(Answer::ok(&then.told_of(&known.id, &made_by.rules())))
}

fn end_of(settings: &Settings, on: Date) -> Timestamp {
    let next = on.tomorrow();
    next.map_or(Timestamp::MAX, |next| settings.start_of(next))
}

/// The facts of the date, as the orders known today tell them. None of
/// somebody with so many that reading them takes too long.
async fn facts_on(
    store: &Store,
    person: &PersonRecord,
    known: &Known,
    settings: &Settings,
    on: Date,
) -> Result<Option<Facts>, Trouble> {
    let orders = person.totals().view(true).sums.orders;
    if orders > MOST_ORDERS {
        return Ok(None);
    }
    let end = end_of(settings, on);
    let (mut totals, mut care) = (Totals::default(), Care::default());
    for node in store
        .nodes_fetch(&known.nodes, Consistency::Eventual)
        .await?
    {
        totals.absorb(&store.totals_before(&node.id, settings, end).await?);
        care.absorb(&node.care.before(end));
    }
    let subject = Subject {
        totals: &totals,
        care: &care,
        ranked: true,
        source: None,
    };
    Ok(Some(Facts::of(&subject, &Rules::alone(settings), on)))
}

async fn last_change(
    store: &Store,
    person: &PersonRecord,
    of: &NodeId,
    on: Date,
) -> Result<Option<Change>, Trouble> {
    let told = if person.has(of) {
        store.chronicle_fetch(person).await?
    } else {
        // Part of somebody then who is another customer now.
        match customers::person(store, of.as_str()).await? {
            Some(other) => store.chronicle_fetch(&other).await?,
            None => Vec::new(),
        }
    };
    let mut until = told.into_iter().rev();
    let last = until.find(|told| told.of == *of && told.change.on <= on);
    Ok(last.map(|told| told.change))
}
