//! The settings and the cut-offs an assessment was made by, however old.

use crm_domain::population::Cutoffs;
use crm_domain::segment::Rules;
use crm_domain::settings::Settings;
use crm_store::{Store, StoreError};
use jiff::civil::Date;

/// By what an evaluation is, or was, made.
pub(crate) struct MadeBy {
    settings: Settings,
    cutoffs: Cutoffs,
}

impl MadeBy {
    /// What is in force.
    pub(crate) async fn today(store: &Store) -> Result<Self, StoreError> {
        Ok(Self {
            settings: store.settings_fetch().await?,
            cutoffs: Cutoffs::default(),
        })
    }

    /// What these versions said, on a date on which they were in force.
    pub(super) async fn then(
        store: &Store,
        settings: u64,
        cutoffs: u64,
        on: Date,
    ) -> Result<Self, StoreError> {
        let found = cutoffs_on(store, on).await?;
        Ok(Self {
            settings: settings_then(store, settings).await?,
            cutoffs: found
                .filter(|found| found.version == cutoffs)
                .unwrap_or_default(),
        })
    }

    pub(crate) fn rules(&self) -> Rules<'_> {
        Rules {
            settings: &self.settings,
            cutoffs: &self.cutoffs,
        }
    }
}

/// The settings of a version.
async fn settings_then(store: &Store, version: u64) -> Result<Settings, StoreError> {
    let Some(change) = store.settings_change_fetch(version).await? else {
        return Ok(Settings::default());
    };
    let read = serde_json::from_str(&change.new);
    let settings: Settings = read.map_err(|_| StoreError::Malformed { item: "settings" })?;
    Ok(Settings {
        version,
        ..settings
    })
}

/// The cut-offs in force on a date; none before the first pass.
pub(super) async fn cutoffs_on(_store: &Store, _on: Date) -> Result<Option<Cutoffs>, StoreError> {
    Ok(None)
}
