//! Closing a run.

use crm_domain::population::{Difference, Snapshot};
use crm_store::{Committed, RunKind, RunRecord, RunStage};
use serde::{Deserialize, Serialize};

use super::PassError;
use super::measure::{Applied, Counts};
use super::walk::APPLY;
use crate::Function;

/// What came of a run, as its record tells it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Outcome {
    /// Customers looked at.
    customers: u64,
    /// Assessments written.
    changed: u64,
    /// Records that could not be read.
    unreadable: u64,
    /// Version of the cut-offs it made.
    cutoffs: u64,
    /// Read units of going through the table; 0 where facts are read too,
    /// which is far more and not counted.
    #[serde(default, skip_serializing_if = "is_nothing")]
    read_units: f64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_nothing(units: &f64) -> bool {
    *units <= 0.0
}

impl Outcome {
    pub(super) fn of(figures: &Snapshot, counts: Counts) -> Self {
        let mut outcome = Self {
            customers: figures.all.customers,
            changed: 0,
            unreadable: 0,
            cutoffs: figures.cutoffs.version,
            read_units: 0.0,
        };
        outcome.add(counts);
        outcome
    }

    fn add(&mut self, counts: Counts) {
        self.changed += counts.changed;
        self.unreadable += counts.unreadable;
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        let read = counts.read_milliunits as f64 / 1000.0;
        self.read_units += read;
    }

    pub(super) fn document(&self) -> String {
        serde_json::to_string(self).expect("an outcome is plain data")
    }
}

impl Function {
    /// Notes what came of a run, and that it is over.
    pub(super) async fn pass_finish(&self, run: RunRecord) -> Result<(), PassError> {
        if !run.is_complete() {
            return Ok(());
        }
        let result = match run.kind {
            RunKind::Diff => self.differences(&run).await?,
            RunKind::Duplicates => self.compared(&run).await?,
            // Boxed: all figures of a day are in it.
            _ => Box::pin(self.outcome(&run)).await?,
        };
        if let Some(version) = run.follows_settings {
            self.note_settings(version).await?;
        }
        self.run_update(&run.id, |run| {
            run.stage = RunStage::Done;
            run.result = Some(result.clone());
        })
        .await?;
        tracing::info!(run.id = %run.id, "run {} is done", run.id);
        Ok(())
    }

    async fn outcome(&self, run: &RunRecord) -> Result<String, PassError> {
        let known = run.result.as_deref().ok_or(PassError::Unreadable)?;
        let mut outcome: Outcome =
            serde_json::from_str(known).map_err(|_| PassError::Unreadable)?;
        let mut applied = Applied::default();
        for slice in 0..run.slices {
            self.partials(run, APPLY, slice, |part| applied.absorb(part))
                .await?;
        }
        outcome.add(applied.counts);
        self.count_anew(run, outcome.cutoffs, applied).await?;
        Ok(outcome.document())
    }

    /// Counts VIPs and segments by the limits that the run has made and
    /// brought to everyone, unless a later pass of the day has replaced them.
    async fn count_anew(
        &self,
        run: &RunRecord,
        version: u64,
        applied: Applied,
    ) -> Result<(), PassError> {
        let known = self.store.population_fetch(Some(run.on)).await?;
        let ours = |known: &Snapshot| known.on == run.on && known.cutoffs.version == version;
        let Some(known) = known.filter(ours) else {
            return Ok(());
        };
        let made_by = (known.settings, version);
        let is_counted = known.counted_by == version;
        if is_counted || applied.by.iter().any(|by| *by != made_by) {
            return Ok(());
        }
        let figures = match applied.measure {
            Some(measure) => measure.again(known),
            None => known.with(&applied.passed),
        };
        // A conflict: a later pass of the day has made others.
        self.store.population_count(&figures).await?;
        Ok(())
    }

    async fn differences(&self, run: &RunRecord) -> Result<String, PassError> {
        let mut all = Difference::default();
        for slice in 0..run.slices {
            self.partials(run, APPLY, slice, |part| all.absorb(part))
                .await?;
        }
        serde_json::to_string(&all).map_err(|_| PassError::Unreadable)
    }

    /// Notes that everyone is assessed by a version of the settings, unless
    /// that is known of a later one.
    async fn note_settings(&self, version: u64) -> Result<(), PassError> {
        loop {
            let known = self.store.assessed_settings().await?;
            if known >= version {
                return Ok(());
            }
            let noted = self.store.assessed_settings_put(known, version).await?;
            if noted == Committed::Done {
                return Ok(());
            }
        }
    }
}
