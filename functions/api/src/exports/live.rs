//! Everyone as they are: a walk over people, evaluated on the way.

use std::collections::HashMap;

use crm_domain::customer::Node;
use crm_domain::identity::NodeId;
use crm_domain::segment::{Rules, assess};
use crm_store::{Consistency, PersonPlace, PersonRecord, Scanned, Store, StoreError};
use jiff::civil::Date;

use super::row::{Table, Who};
use crate::assessment::Whom;

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
        for (place, person) in persons(store, page.items).await? {
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

/// The persons among some records with their places, those of several nodes
/// with their nodes.
async fn persons(
    store: &Store,
    records: Vec<Scanned>,
) -> Result<Vec<(PersonPlace, PersonRecord)>, StoreError> {
    let joined = records.iter().filter_map(|record| match record {
        Scanned::Person(person) => Some(person.members.keys()),
        _ => None,
    });
    let ids: Vec<NodeId> = joined.flatten().cloned().collect();
    let nodes = store.nodes_fetch(&ids, Consistency::Eventual).await?;
    let mut nodes: HashMap<_, Node> = nodes.into_iter().map(|n| (n.id.clone(), n)).collect();
    let mut persons = Vec::new();
    for record in records {
        let place = record.place();
        match record {
            Scanned::Node(node) if node.root.is_none() => {
                persons.push((place, PersonRecord::Single(node)));
            }
            Scanned::Person(person) => {
                let own = person.members.keys().filter_map(|id| nodes.remove(id));
                let own = own.collect();
                persons.push((place, PersonRecord::Joined(person, own)));
            }
            // The person it belongs to has a record of its own.
            Scanned::Node(_) => {}
            Scanned::Unreadable(_) => {
                let id = place.id();
                tracing::error!(node.id = %id, "left customer {id} out: the record cannot be read");
            }
        }
    }
    Ok(persons)
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
