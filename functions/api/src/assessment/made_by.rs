//! The settings and the cut-offs an assessment was made by, however old.

use crm_domain::population::Cutoffs;
use crm_domain::segment::Rules;
use crm_domain::settings::Settings;
use crm_store::{RunRecord, Store, StoreError};
use jiff::civil::Date;

/// By what an evaluation is, or was, made.
pub(crate) struct MadeBy {
    settings: Settings,
    cutoffs: Cutoffs,
}

impl MadeBy {
    /// What is in force.
    pub(crate) async fn today(store: &Store) -> Result<Self, StoreError> {
        let (settings, cutoffs) = store.rules_fetch().await?;
        Ok(Self { settings, cutoffs })
    }

    /// The settings in force, where nothing is asked of others.
    pub(crate) async fn settings_alone(store: &Store) -> Result<Self, StoreError> {
        Ok(Self {
            settings: store.settings_fetch().await?,
            cutoffs: Cutoffs::default(),
        })
    }

    /// The defaults, where nothing depends on either.
    pub(crate) fn nothing() -> Self {
        Self {
            settings: Settings::default(),
            cutoffs: Cutoffs::default(),
        }
    }

    /// What these versions said, on a date on which they were in force.
    pub(super) async fn then(
        store: &Store,
        settings: u64,
        cutoffs: u64,
        on: Date,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            settings: settings_then(store, settings).await?,
            cutoffs: cutoffs_then(store, cutoffs, on).await?,
        })
    }

    /// What a run that looked at a date was made by.
    pub(crate) fn of_run(run: &RunRecord) -> Result<Self, StoreError> {
        let malformed = || StoreError::Malformed { item: "pass" };
        let settings = run.settings.as_deref().ok_or_else(malformed)?;
        let cutoffs = run.cutoffs.as_deref().ok_or_else(malformed)?;
        Ok(Self {
            settings: serde_json::from_str(settings).map_err(|_| malformed())?,
            cutoffs: serde_json::from_str(cutoffs).map_err(|_| malformed())?,
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

/// How many days' figures are looked at for the limits of an assessment: its
/// own day's, and those of the nights before it.
const LOOKS: u32 = 8;

/// The cut-offs of a version that was in force on a date. Where a later pass
/// of the same day has replaced them, only their version is known.
async fn cutoffs_then(store: &Store, version: u64, on: Date) -> Result<Cutoffs, StoreError> {
    let mut until = on;
    for _ in 0..LOOKS {
        let Some(found) = cutoffs_on(store, until).await? else {
            break;
        };
        if found.version == version {
            return Ok(found);
        }
        let earlier = found.on.and_then(|on| on.yesterday().ok());
        match earlier.filter(|_| found.version > version) {
            Some(earlier) => until = earlier,
            None => break,
        }
    }
    Ok(Cutoffs {
        version,
        ..Cutoffs::default()
    })
}

/// The cut-offs in force on a date; none before the first pass.
pub(super) async fn cutoffs_on(store: &Store, on: Date) -> Result<Option<Cutoffs>, StoreError> {
    let figures = store.population_fetch(Some(on)).await?;
    Ok(figures.map(|figures| figures.cutoffs))
}
