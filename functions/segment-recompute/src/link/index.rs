//! Under which keys a node is found.

use std::collections::BTreeSet;

use crm_domain::customer::Node;
use crm_domain::identity::NodeId;
use crm_domain::linkage::{BlockKey, Record, blocks};
use crm_domain::search::find_keys;
use crm_store::{Committed, Consistency, Indexed, StoreError};

use super::ATTEMPTS;
use crate::Function;

impl Function {
    /// Lets a node be found under the keys it has now and no others; gives
    /// these. `seen` is the node as a scan saw it: when that is how it is
    /// found already, nothing else is read.
    pub(crate) async fn index(
        &self,
        id: &NodeId,
        seen: Option<&Node>,
    ) -> Result<BTreeSet<BlockKey>, StoreError> {
        let seen = seen.map(found_by);
        for attempt in 0..ATTEMPTS {
            // Read before the node: whoever indexes a newer node meanwhile
            // makes the write below fail.
            let known = self.store.indexed_fetch(id).await?;
            let is_sure = attempt == 0 && known.settled;
            if let Some(seen) = &seen
                && is_sure
                && says_the_same(seen, &known)
            {
                return Ok(seen.keys.clone());
            }
            let nodes = self.store.nodes_fetch([id], Consistency::Strong).await?;
            let wanted = nodes.first().map(found_by).unwrap_or_default();
            let is_new = known.version == 0 && says_the_same(&wanted, &known);
            if is_new || (is_sure && says_the_same(&wanted, &known)) {
                return Ok(wanted.keys);
            }
            if self.reindex(id, known, &wanted, is_sure).await? == Committed::Done {
                return Ok(wanted.keys);
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS })
    }

    /// Changes the entries of a node. While they change, its record names the
    /// old and the new ones. `is_sure` says that the old ones are all there.
    async fn reindex(
        &self,
        id: &NodeId,
        known: Indexed,
        wanted: &Indexed,
        is_sure: bool,
    ) -> Result<Committed, StoreError> {
        let changing = Indexed {
            version: known.version,
            keys: known.keys.union(&wanted.keys).cloned().collect(),
            finds: known.finds.union(&wanted.finds).cloned().collect(),
            settled: false,
        };
        if self.store.indexed_put(id, &changing).await? == Committed::Conflict {
            return Ok(Committed::Conflict);
        }
        self.store.index_change(id, &known, wanted, is_sure).await?;
        let settled = Indexed {
            version: known.version + 1,
            settled: true,
            ..wanted.clone()
        };
        self.store.indexed_put(id, &settled).await
    }
}

/// Under what a node is to be found.
fn found_by(node: &Node) -> Indexed {
    Indexed {
        keys: keys_of(node),
        finds: find_keys(node),
        ..Indexed::default()
    }
}

fn says_the_same(one: &Indexed, other: &Indexed) -> bool {
    one.keys == other.keys && one.finds == other.finds
}

/// The keys of a node.
pub(crate) fn keys_of(node: &Node) -> BTreeSet<BlockKey> {
    let record = Record::of_node(node);
    let keys = record.as_ref().map(blocks).unwrap_or_default();
    keys.into_iter().collect()
}
