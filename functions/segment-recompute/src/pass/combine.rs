//! Putting the slices together.

use std::collections::BTreeSet;

use crm_domain::population::{Cutoffs, Measure, Snapshot};
use crm_domain::settings::{RfmMode, Settings};
use crm_store::{
    Changes, Committed, Consistency, PassStep, RunKind, RunRecord, RunStage, StoreError,
};

use super::measure::{Counts, Measured, Near, is_covered};
use super::walk::MEASURE;
use super::{ATTEMPTS, PassError};
use crate::Function;
use crate::pass::finish::Outcome;

/// All slices of a run together.
#[derive(Default)]
struct Whole {
    measure: Measure,
    /// Those near the cut-offs, by slice.
    verge: Vec<(u32, Near)>,
    /// Versions of the cut-offs by which these are near.
    cutoffs: BTreeSet<u64>,
    /// Versions of the settings by which they were measured.
    settings: BTreeSet<u64>,
    counts: Counts,
}

impl Function {
    /// Makes of all slices what the run is for. Only one of several attempts
    /// moves the run on; the others send what follows once more.
    pub(super) async fn pass_combine(&self, run: RunRecord) -> Result<(), PassError> {
        if run.stage == RunStage::Applying {
            return self.send_apply(&run).await;
        }
        if !run.is_complete() {
            return Ok(());
        }
        match run.kind {
            RunKind::Nightly | RunKind::Refresh => self.combine_all(run).await,
            RunKind::Diff => self.combine_diff(run).await,
            RunKind::AsOf => self.combine_past(run).await,
            RunKind::Duplicates => self.combine_indexed(run).await,
            RunKind::NamedSegments => self.combine_named(&run).await,
            RunKind::NamedSegmentPreview => self.combine_preview(&run).await,
        }
    }

    async fn combine_all(&self, run: RunRecord) -> Result<(), PassError> {
        let mut whole = Whole::default();
        for slice in 0..run.slices {
            let add = |part: Measured| whole.add(slice, part);
            self.partials(&run, MEASURE, slice, add).await?;
        }
        let (settings, before) = self.store.rules_read(Consistency::Strong).await?;
        if before.on.is_some_and(|on| on > run.on) || !whole.is_by(&settings) {
            return self.close_outdated(&run).await;
        }
        let last = self.store.population_fetch(None).await?;
        let measure = std::mem::take(&mut whole.measure);
        let mut figures = measure.finish(&settings, &before, run.on, last.as_ref());
        let mut next = run.clone();
        next.stage = RunStage::Applying;
        next.rescan = whole.must_rescan(&settings, &before, &figures.cutoffs);
        for _ in 0..ATTEMPTS {
            next.done = whole.without_work(&next, &figures);
            next.result = Some(Outcome::of(&figures, whole.counts).document());
            let mut changes = Changes::new();
            changes.cutoffs_put(&figures.cutoffs)?;
            changes.population_put(&figures)?;
            changes.run_put(&next)?;
            if self.store.commit(changes).await? == Committed::Done {
                return self.send_apply(&next).await;
            }
            if !self.is_still_measuring(&mut next).await? {
                return self.combine_again(&run.id).await;
            }
            let now = self.store.cutoffs_fetch().await?;
            if now.version >= figures.cutoffs.version {
                // Another run has made some meanwhile; nobody knows who is near those.
                figures.cutoffs.version = now.version + 1;
                next.rescan = true;
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }

    /// Ends a run whose limits must not come into force: a later date's are,
    /// as after the redrive of a night long past, or the settings changed
    /// under it, and the run that follows them brings their limits.
    async fn close_outdated(&self, run: &RunRecord) -> Result<(), PassError> {
        tracing::warn!(run.id = %run.id, "run {} is outdated and makes no cut-offs", run.id);
        self.run_update(&run.id, |run| {
            run.stage = RunStage::Done;
            run.result = Some(r#"{"outdated":true}"#.to_owned());
        })
        .await?;
        Ok(())
    }

    async fn combine_diff(&self, run: RunRecord) -> Result<(), PassError> {
        let mut measure = Measure::default();
        for slice in 0..run.slices {
            self.partials(&run, MEASURE, slice, |part| measure.absorb(part))
                .await?;
        }
        let (settings, before, _) = self.run_rules(&run).await?;
        let figures = measure.finish(&settings, &before, run.on, None);
        let cutoffs = document(&figures.cutoffs)?;
        self.run_update(&run.id, |run| {
            if run.stage == RunStage::Measuring {
                run.stage = RunStage::Applying;
                run.rescan = true;
                run.done = BTreeSet::new();
                run.cutoffs = Some(cutoffs.clone());
            }
        })
        .await?;
        self.combine_again(&run.id).await
    }

    async fn combine_past(&self, run: RunRecord) -> Result<(), PassError> {
        let mut measure = Measure::default();
        for slice in 0..run.slices {
            self.partials(&run, MEASURE, slice, |part| measure.absorb(part))
                .await?;
        }
        let (mut settings, before, _) = self.run_rules(&run).await?;
        // Nobody has a rank to keep: the plain best share (DOMAIN section 4).
        settings.vip.keep_share = settings.vip.enter_share;
        let figures = measure.finish(&settings, &before, run.on, None);
        let mut next = run.clone();
        next.stage = RunStage::Done;
        next.cutoffs = Some(document(&figures.cutoffs)?);
        next.result = Some(Outcome::of(&figures, Counts::default()).document());
        for _ in 0..ATTEMPTS {
            let mut changes = Changes::new();
            changes.asof_point(run.on, &run.id, run.expires_at)?;
            changes.run_put(&next)?;
            if self.store.commit(changes).await? == Committed::Done
                || !self.is_still_measuring(&mut next).await?
            {
                return Ok(());
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }

    /// Whether nobody has moved the run on; then `next` is what follows what
    /// it has become.
    pub(super) async fn is_still_measuring(&self, next: &mut RunRecord) -> Result<bool, PassError> {
        let now = self.store.run_fetch(&next.id).await?;
        let Some(now) = now.filter(|now| now.stage == RunStage::Measuring) else {
            return Ok(false);
        };
        next.version = now.version;
        next.started = now.started;
        Ok(true)
    }

    /// Sends what follows a run that was moved on.
    pub(super) async fn combine_again(&self, id: &str) -> Result<(), PassError> {
        match self.store.run_fetch(id).await? {
            Some(run) if run.stage == RunStage::Applying => self.send_apply(&run).await,
            _ => Ok(()),
        }
    }

    /// Sends the second step to the slices that have work, or else closes.
    pub(super) async fn send_apply(&self, run: &RunRecord) -> Result<(), PassError> {
        let left = (0..run.slices).filter(|slice| !run.done.contains(slice));
        if run.is_complete() {
            return self.send_step(&run.id, PassStep::Finish).await;
        }
        self.send_slices(&run.id, left, PassStep::Apply).await
    }
}

impl Whole {
    fn add(&mut self, slice: u32, part: Measured) {
        self.measure.absorb(part.measure);
        self.cutoffs.insert(part.cutoffs);
        self.settings.insert(part.settings);
        self.counts.absorb(part.counts);
        let near = part.verge.into_iter().map(|verge| (slice, verge.near));
        self.verge.extend(near);
    }

    /// Whether everyone was measured by these settings.
    fn is_by(&self, settings: &Settings) -> bool {
        self.settings
            .iter()
            .all(|version| *version == settings.version)
    }

    /// Whether the new limits may concern more customers than those near the
    /// old ones, or the figures everyone.
    fn must_rescan(&self, settings: &Settings, old: &Cutoffs, new: &Cutoffs) -> bool {
        let by_place = settings.rfm.mode == RfmMode::Quintiles;
        let fifths_moved = by_place && old.quintiles != new.quintiles;
        let near_others = self.cutoffs.iter().any(|version| *version != old.version);
        // What everyone is expected to bring is told by one predictor.
        let predicted_anew = old.predictor != new.predictor;
        fifths_moved
            || near_others
            || predicted_anew
            || !is_covered(old.vip.as_ref(), new.vip.as_ref())
    }

    /// Slices in which nobody passes a limit.
    fn without_work(&self, run: &RunRecord, figures: &Snapshot) -> BTreeSet<u32> {
        if run.rescan {
            return BTreeSet::new();
        }
        let vip = figures.cutoffs.vip.as_ref();
        let concerned = self.verge.iter().filter(|(_, one)| one.is_concerned(vip));
        let concerned: BTreeSet<_> = concerned.map(|(slice, _)| *slice).collect();
        let slices = 0..run.slices;
        slices.filter(|slice| !concerned.contains(slice)).collect()
    }
}

fn document(value: &impl serde::Serialize) -> Result<String, PassError> {
    serde_json::to_string(value).map_err(|_| PassError::Unreadable)
}
