//! The settings and the cut-offs an assessment was made by, however old.

use crm_domain::named::NamedSegments;
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

    /// What these versions said.
    pub(super) async fn then(
        store: &Store,
        settings: u64,
        cutoffs: u64,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            settings: settings_then(store, settings).await?,
            cutoffs: cutoffs_then(store, cutoffs).await?,
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
            named: NamedSegments::none(),
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

/// The cut-offs of a version. Of those from before they were kept, only their
/// version is known.
async fn cutoffs_then(store: &Store, version: u64) -> Result<Cutoffs, StoreError> {
    let kept = store.cutoffs_of(version).await?;
    Ok(kept.unwrap_or(Cutoffs {
        version,
        ..Cutoffs::default()
    }))
}

/// The cut-offs in force on a date; none before the first pass.
pub(super) async fn cutoffs_on(store: &Store, on: Date) -> Result<Option<Cutoffs>, StoreError> {
    let figures = store.population_fetch(Some(on)).await?;
    Ok(figures.map(|figures| figures.cutoffs))
}
