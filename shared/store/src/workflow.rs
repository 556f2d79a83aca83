//! A workflow's run for a person: the memory that it happened.

use crm_domain::identity::NodeId;
use crm_domain::person::PersonRecord;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::changes::{Changes, Expected};
use crate::error::StoreError;
use crate::item::{text, to_item};
use crate::keys;

/// A run, once per workflow and person: kept with each node the person had
/// when it started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Which workflow.
    pub workflow: String,
    /// For whom: the node that was the person's root then.
    pub person: NodeId,
    /// When it was decided.
    pub started_at: Timestamp,
    /// The message it sends.
    pub message: String,
}

impl Changes {
    /// Records a run that never happened before, with each node of the
    /// person: whoever of them is parted later has had it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn run_start(&mut self, run: &Run, person: &PersonRecord) -> Result<(), StoreError> {
        for node in person.nodes() {
            let key = keys::run(&run.workflow, &node.id);
            let mut item = to_item("run", &key, run)?;
            item.insert("node_pk".to_owned(), text(keys::node_pk(&node.id)));
            item.insert("node_sk".to_owned(), text(format!("W#{}", run.workflow)));
            self.put(false, key, item, Expected::Absent);
        }
        Ok(())
    }
}
