//! Persons by the ids of their nodes, many at once.

use std::collections::HashMap;

use crm_domain::customer::Node;
use crm_domain::identity::NodeId;
use crm_domain::person::PersonRecord;

use crate::Store;
use crate::error::StoreError;
use crate::read::{Consistency, Loaded, Wanted};

impl Store {
    /// Persons by the id of any of their nodes, in the order asked for, each
    /// once, those that exist. Three rounds of reads at most, however many.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn persons_fetch(
        &self,
        ids: &[NodeId],
        how: Consistency,
    ) -> Result<Vec<PersonRecord>, StoreError> {
        let nodes = self.nodes_fetch(ids, how).await?;
        let mut wanted = Wanted::default();
        for root in nodes.iter().filter_map(|node| node.root.as_ref()) {
            wanted.person(root);
        }
        let roots = self.load(&wanted, how).await?;
        let members = self.members_fetch(&nodes, &roots, how).await?;
        let mut persons: Vec<PersonRecord> = Vec::new();
        for node in nodes {
            if persons.iter().any(|known| known.id() == node.person()) {
                continue;
            }
            persons.extend(record(node, &roots, &members)?);
        }
        Ok(persons)
    }

    /// The nodes of all joined persons among those of `nodes`.
    async fn members_fetch(
        &self,
        nodes: &[Node],
        roots: &Loaded,
        how: Consistency,
    ) -> Result<HashMap<NodeId, Node>, StoreError> {
        let mut ids = Vec::new();
        for root in nodes.iter().filter_map(|node| node.root.as_ref()) {
            if let Some(person) = roots.person(root)? {
                ids.extend(person.members.into_keys());
            }
        }
        let members = self.nodes_fetch(&ids, how).await?.into_iter();
        Ok(members.map(|node| (node.id.clone(), node)).collect())
    }
}

/// The record of a node's person; none when its root is gone between reads.
fn record(
    node: Node,
    roots: &Loaded,
    members: &HashMap<NodeId, Node>,
) -> Result<Option<PersonRecord>, StoreError> {
    let Some(root) = &node.root else {
        return Ok(Some(PersonRecord::Single(Box::new(node))));
    };
    let Some(person) = roots.person(root)? else {
        return Ok(None);
    };
    let ids = person.members.keys();
    let nodes = ids.filter_map(|id| members.get(id).cloned()).collect();
    Ok(Some(PersonRecord::Joined(Box::new(person), nodes)))
}
