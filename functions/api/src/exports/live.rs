//! Everyone as they are: a walk over people, evaluated on the way.

use crm_domain::segment::{Rules, assess};
use crm_store::{PersonPlace, PersonRecord, Store, StoreError};
use jiff::civil::Date;

use super::row::{Table, Who};
use crate::assessment::Whom;
use crate::persons;

/// Items of the table of people read at once.
const ITEMS: i32 = 500;

/// Fills a page from behind a place on; the place behind which the next one
/// begins.
pub(super) async fn fill(
    store: &Store,
    table: &mut Table,
    rules: &Rules<'_>,
    on: Date,
    from: Option<PersonPlace>,
) -> Result<Option<PersonPlace>, StoreError> {
    let mut behind = from.clone();
    let mut from = from.map(Into::into);
    loop {
        let page = store.people_scan(0, 1, from, ITEMS).await?;
        for (place, person) in persons::of_records(store, page.items).await? {
            if table.room() == 0 {
                return Ok(behind);
            }
            add(table, rules, on, &person);
            behind = Some(place);
        }
        match page.next {
            None => return Ok(None),
            next => from = next,
        }
    }
}

fn add(table: &mut Table, rules: &Rules<'_>, on: Date, person: &PersonRecord) {
    let whom = Whom::of(person, rules.settings);
    let subject = whom.subject();
    let assessment = assess(&subject, rules, on, person.assessment());
    let nodes = person.nodes().iter();
    let who = Who {
        id: person.id(),
        external_ids: nodes.filter_map(|node| node.external_id.as_ref()).collect(),
        subject,
        assessment: &assessment,
    };
    table.add(&who, rules);
}
