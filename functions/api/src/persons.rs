//! Persons among the records that a walk comes upon.

use std::collections::HashMap;

use crm_domain::customer::Node;
use crm_domain::identity::NodeId;
use crm_store::{Consistency, PersonPlace, PersonRecord, Scanned, Store, StoreError};

/// The persons among some records with their places, those of several nodes
/// with their nodes.
pub(crate) async fn of_records(
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
