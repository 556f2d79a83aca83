//! Under which keys a node is found.

use std::collections::BTreeSet;

use crm_domain::customer::Node;
use crm_domain::identity::NodeId;
use crm_domain::linkage::{BlockKey, Record, blocks};
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
        for attempt in 0..ATTEMPTS {
            // Read before the node: whoever indexes a newer node meanwhile
            // makes the write below fail.
            let known = self.store.indexed_fetch(id).await?;
            let is_sure = attempt == 0 && known.settled;
            if let Some(seen) = seen.map(keys_of)
                && is_sure
                && seen == known.keys
            {
                return Ok(seen);
            }
            let nodes = self.store.nodes_fetch([id], Consistency::Strong).await?;
            let wanted = nodes.first().map(keys_of).unwrap_or_default();
            let is_new = known.version == 0 && wanted.is_empty();
            if is_new || (is_sure && wanted == known.keys) {
                return Ok(wanted);
            }
            if self.reindex(id, known, &wanted, is_sure).await? == Committed::Done {
                return Ok(wanted);
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
        wanted: &BTreeSet<BlockKey>,
        is_sure: bool,
    ) -> Result<Committed, StoreError> {
        let changing = Indexed {
            version: known.version,
            keys: known.keys.union(wanted).cloned().collect(),
            settled: false,
        };
        if self.store.indexed_put(id, &changing).await? == Committed::Conflict {
            return Ok(Committed::Conflict);
        }
        let missing = |key: &&BlockKey| !(is_sure && known.keys.contains(*key));
        let found = wanted.iter().filter(missing);
        let no_more = known.keys.difference(wanted);
        self.store.index_change(id, found, no_more).await?;
        let settled = Indexed {
            version: known.version + 1,
            keys: wanted.clone(),
            settled: true,
        };
        self.store.indexed_put(id, &settled).await
    }
}

/// The keys of a node.
pub(crate) fn keys_of(node: &Node) -> BTreeSet<BlockKey> {
    let record = Record::of_node(node);
    let keys = record.as_ref().map(blocks).unwrap_or_default();
    keys.into_iter().collect()
}
