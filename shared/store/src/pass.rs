//! Passes over all people: what is being walked through, how far it is, and
//! what came of it.
//!
//! A run is one record. Its slices are worked on side by side, by whoever
//! gets their message; a slice's result is kept as a partial until all are
//! there. Everything here ends by itself after [`RunRecord::KEPT`].

mod message;
mod partial;

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use message::{PassMessage, PassStep, SlicePart};
pub use partial::{Partial, PartialKey};

use crate::Store;
use crate::changes::{Changes, Committed, Expected};
use crate::error::StoreError;
use crate::item::{from_item, second, to_item};
use crate::keys;

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// The night's: everyone is looked at, cut-offs and figures are made.
    Nightly,
    /// The same on request, or because the settings changed.
    Refresh,
    /// What everyone was on a past date. Changes nobody.
    AsOf,
    /// Who would change by proposed settings. Changes nobody.
    Diff,
    /// Who may be one person with whom. Changes nobody.
    Duplicates,
    /// Everyone is put into the named segments as they are defined now.
    NamedSegments,
    /// How many would be in a named segment. Changes nobody.
    NamedSegmentPreview,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStage {
    /// Everyone is looked at for the first time.
    Measuring,
    /// The new cut-offs reach whom they change.
    Applying,
    /// Over, with a result.
    Done,
    /// Given up.
    Failed,
}

/// One pass over all people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Its id.
    pub id: String,
    /// Counts writes; 0 is not stored yet.
    #[serde(rename = "v")]
    pub version: u64,
    /// What it is for.
    #[serde(rename = "run_kind")]
    pub kind: RunKind,
    /// The date everyone is assessed on, in the store's zone.
    pub on: Date,
    /// Who asked for it: the subject of a token, or a clock's name.
    pub requested_by: String,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Into how many slices people are cut; 0 until the work has begun.
    #[serde(default)]
    pub slices: u32,
    /// Whether the first messages of its slices are out.
    #[serde(default)]
    pub started: bool,
    /// How far it is.
    pub stage: RunStage,
    /// Slices done in this stage.
    #[serde(default)]
    pub done: BTreeSet<u32>,
    /// The settings document it is made by, where that is not the one in
    /// force: proposed ones, or those a look into the past was made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<String>,
    /// The cut-offs it made, as JSON, where they are not those in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cutoffs: Option<String>,
    /// Whether everyone is scanned again to apply the cut-offs, and not only
    /// those near them.
    #[serde(default)]
    pub rescan: bool,
    /// The model is fitted to one customer in so many.
    #[serde(default)]
    pub one_in: u32,
    /// How many days the models are asked to predict, if they are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_test_days: Option<i64>,
    /// The version of the settings it brings to everyone, if it is for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows_settings: Option<u64>,
    /// The named segment that is looked at before it is kept, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<String>,
    /// What came of it, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// The second since 1970 after which it may be forgotten.
    pub expires_at: u64,
}

impl RunRecord {
    /// How long a run and all it left behind are kept.
    pub const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

    /// A run that nobody has begun.
    #[must_use]
    pub fn new(id: &str, kind: RunKind, on: Date, by: &str, at: Timestamp) -> Self {
        Self {
            id: id.to_owned(),
            version: 0,
            kind,
            on,
            requested_by: by.to_owned(),
            requested_at: at,
            slices: 0,
            started: false,
            stage: RunStage::Measuring,
            done: BTreeSet::new(),
            settings: None,
            cutoffs: None,
            rescan: false,
            one_in: 1,
            back_test_days: None,
            follows_settings: None,
            proposal: None,
            result: None,
            expires_at: second(at.checked_add(Self::KEPT).unwrap_or(at)),
        }
    }

    /// The id of the run that brings a version of the named segments to
    /// everyone.
    #[must_use]
    pub fn of_named_segments(version: u64) -> String {
        format!("named-segments-{version}")
    }

    /// Whether every slice of the stage is done.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.slices > 0 && (0..self.slices).all(|slice| self.done.contains(&slice))
    }

    /// Whether it makes the cut-offs and figures that hold from then on.
    #[must_use]
    pub fn measures_all(&self) -> bool {
        matches!(self.kind, RunKind::Nightly | RunKind::Refresh)
    }

    /// Whether nothing will happen to it any more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.stage, RunStage::Done | RunStage::Failed)
    }
}

impl Changes {
    /// Writes a run over the version it was read at.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn run_put(&mut self, run: &RunRecord) -> Result<(), StoreError> {
        let key = keys::pass(&run.id);
        let mut next = run.clone();
        next.version += 1;
        let item = to_item("pass", &key, &next)?;
        self.put(false, key, item, Expected::read_at(run.version));
        Ok(())
    }
}

impl Store {
    /// Records a run, unless there is one of its id. What works on it is set
    /// off by [`PassMessage::start`] in the queue of passes.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn run_start(&self, run: &RunRecord) -> Result<Committed, StoreError> {
        self.run_put(run).await
    }

    /// The run of that id.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn run_fetch(&self, id: &str) -> Result<Option<RunRecord>, StoreError> {
        let item = self.fact_item(&keys::pass(id)).await?;
        item.map(|item| from_item("pass", item)).transpose()
    }

    /// Writes a run over the version it was read at.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn run_put(&self, run: &RunRecord) -> Result<Committed, StoreError> {
        let mut changes = Changes::new();
        changes.run_put(run)?;
        self.commit(changes).await
    }
}
