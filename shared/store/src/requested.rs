//! Which run was asked for last, so that asking twice makes one.

use serde::{Deserialize, Serialize};

use crate::Store;
use crate::changes::{Changes, Expected};
use crate::error::StoreError;
use crate::item::{from_item, number, to_item};
use crate::keys;
use crate::pass::RunRecord;

/// The run that was asked for last, for one and the same thing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Requested {
    /// Counts writes; 0 is not stored yet.
    #[serde(rename = "v")]
    pub version: u64,
    /// The run's id; none before the first.
    pub run: Option<String>,
}

impl Changes {
    /// Notes that a run is the one asked for, in the place of the one read. It
    /// is forgotten with the run.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn requested_put(
        &mut self,
        what: &str,
        before: &Requested,
        run: &RunRecord,
    ) -> Result<(), StoreError> {
        let key = keys::requested(what);
        let next = Requested {
            version: before.version + 1,
            run: Some(run.id.clone()),
        };
        let mut item = to_item("requested", &key, &next)?;
        item.insert("expires_at".to_owned(), number(run.expires_at));
        self.put(false, key, item, Expected::read_at(before.version));
        Ok(())
    }
}

impl Store {
    /// The run that was asked for last, for what is named.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn requested_fetch(&self, what: &str) -> Result<Requested, StoreError> {
        let item = self.fact_item(&keys::requested(what)).await?;
        let known = item.map(|item| from_item("requested", item)).transpose()?;
        Ok(known.unwrap_or_default())
    }
}
