//! Everyone as a run found them on a past date.

use std::collections::HashMap;

use crm_domain::customer::Node;
use crm_domain::identity::NodeId;
use crm_domain::segment::assess;
use crm_store::{AsOfPlace, AsOfRow, Consistency, Store, StoreError};

use super::row::{Table, Who};
use crate::assessment::Past;

/// Rows read at once.
const ROWS: i32 = 500;

/// Fills a page from a place on; the place where the next one begins.
pub(super) async fn fill(
    store: &Store,
    table: &mut Table,
    past: &Past,
    mut from: Option<AsOfPlace>,
) -> Result<Option<AsOfPlace>, StoreError> {
    loop {
        let room = i32::try_from(table.room()).unwrap_or(ROWS).min(ROWS);
        if room == 0 {
            return Ok(from);
        }
        let page = store.asof_rows(&past.run, from, room).await?;
        let nodes = page.items.iter().flat_map(|row| &row.nodes);
        let nodes = store.nodes_fetch(nodes, Consistency::Eventual).await?;
        let known = nodes.iter().map(|node| (&node.id, node)).collect();
        for row in &page.items {
            if !is_told_elsewhere(store, past, row, &known).await? {
                add(table, past, row, &known);
            }
        }
        from = page.next;
        if from.is_none() {
            return Ok(None);
        }
    }
}

/// Whether another row tells of the same people: they became part of another
/// while the run was under way.
async fn is_told_elsewhere(
    store: &Store,
    past: &Past,
    row: &AsOfRow,
    known: &HashMap<&NodeId, &Node>,
) -> Result<bool, StoreError> {
    let roots = row
        .nodes
        .iter()
        .filter_map(|id| known.get(id)?.root.as_ref());
    let Some(root) = roots.into_iter().find(|root| **root != row.person) else {
        return Ok(false);
    };
    let other = store.asof_row(&past.run, root).await?;
    Ok(other.is_some_and(|other| row.nodes.iter().all(|node| other.nodes.contains(node))))
}

fn add(table: &mut Table, past: &Past, row: &AsOfRow, known: &HashMap<&NodeId, &Node>) {
    let rules = past.made_by.rules();
    let assessment = assess(&row.subject(), &rules, past.on, None);
    let nodes = row.nodes.iter().filter_map(|id| known.get(id));
    let who = Who {
        id: &row.person,
        external_ids: nodes.filter_map(|node| node.external_id.as_ref()).collect(),
        subject: row.subject(),
        assessment: &assessment,
    };
    table.add(&who, &rules);
}
