//! What a customer was found to be on a date, by the history of changes.

use crm_domain::chronicle::Change;
use crm_domain::customer::Node;
use crm_domain::identity::NodeId;
use crm_domain::merge::known_as;
use crm_domain::settings::Settings;
use crm_store::{PersonRecord, Store};
use jiff::Timestamp;
use jiff::civil::Date;

use super::made_by::{self, MadeBy};
use super::view::Then;
use crate::answer::Answer;
use crate::customers;
use crate::problem::{Problem, Trouble};

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
        return Err(Problem::field("on", "must be a date not after today").into());
    }
    let nodes = person.nodes().iter();
    let node = nodes.into_iter().find(|node| node.id.as_str() == id);
    let of = match node {
        Some(node) => known_then(store, node, &settings, on).await?,
        None => person.id().clone(),
    };
    let change = last_change(store, person, &of, on).await?;
    let change = change.ok_or_else(|| Problem::not_found("assessment: none was made by then"))?;
    let made_by = MadeBy::then(store, change.settings, change.cutoffs).await?;
    let in_force = made_by::cutoffs_on(store, on).await?;
    let then = Then::of(&of, on, &change, &made_by.rules(), in_force.as_ref());
    Ok(Answer::ok(&then))
}

/// By which id whoever this is was known when the date ended.
async fn known_then(
    store: &Store,
    node: &Node,
    settings: &Settings,
    on: Date,
) -> Result<NodeId, Trouble> {
    let merges = store.merges_around(node).await?;
    let next = on.tomorrow();
    let end = next.map_or(Timestamp::MAX, |next| settings.start_of(next));
    Ok(known_as(&node.id, &merges, end))
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
