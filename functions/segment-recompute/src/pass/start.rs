//! How a run begins.

use crm_domain::population::Snapshot;
use crm_domain::value::{Sample, back_test_window};
use crm_store::{Committed, PassStep, RunKind, RunRecord, StoreError};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::{ATTEMPTS, PassError};
use crate::Function;

/// How the runs are called that bring new settings to everyone.
pub const SETTINGS_RUN: &str = "settings-";
/// How many runs are tried for a version of the settings: there is one an
/// hour at most, and the settings may be changed meanwhile.
const MOST_ATTEMPTS: u32 = 100;
/// After so long without an end a run is given up, and the next one begins.
const GIVEN_UP: SignedDuration = SignedDuration::from_hours(6);
/// Slices while nobody knows how many customers there are.
const SLICES_AT_FIRST: u32 = 4;
/// Most slices.
const MOST_SLICES: u64 = 256;

impl Function {
    /// Begins the night's run; a tick that comes twice finds it begun.
    pub(crate) async fn pass_nightly(&self, tick: Timestamp) -> Result<(), PassError> {
        let settings = self.store.settings_fetch().await?;
        let on = settings.date_of(tick);
        let id = format!("nightly-{on}");
        let run = RunRecord::new(&id, RunKind::Nightly, on, "segment-nightly", tick);
        self.pass_begin(run).await
    }

    /// Begins a run over everyone by settings that are newer than those of
    /// the last one; another, where one was begun and did not bring them to
    /// everyone.
    pub(crate) async fn pass_settings(
        &self,
        version: u64,
        on: Date,
        tick: Timestamp,
    ) -> Result<(), PassError> {
        for attempt in 1..=MOST_ATTEMPTS {
            let id = match attempt {
                1 => format!("{SETTINGS_RUN}{version}"),
                more => format!("{SETTINGS_RUN}{version}-{more}"),
            };
            let known = self.store.run_fetch(&id).await?;
            if known.is_some_and(|known| is_given_up(&known, tick)) {
                continue;
            }
            let mut run = RunRecord::new(&id, RunKind::Refresh, on, "segment-due", tick);
            run.follows_settings = Some(version);
            return self.pass_begin(run).await;
        }
        tracing::error!(
            settings.version = version,
            "the settings of version {version} reach nobody"
        );
        Ok(())
    }

    /// Makes sure that the run which brings the latest named segments to
    /// everyone was begun: whoever changed them may have died before that.
    pub(crate) async fn pass_named(
        &self,
        version: u64,
        on: Date,
        tick: Timestamp,
    ) -> Result<(), PassError> {
        if version == 0 {
            return Ok(());
        }
        let id = RunRecord::of_named_segments(version);
        let run = RunRecord::new(&id, RunKind::NamedSegments, on, "segment-due", tick);
        self.pass_begin(run).await
    }

    /// Records a run and sets it off, unless that was done.
    async fn pass_begin(&self, run: RunRecord) -> Result<(), PassError> {
        if self.store.run_start(&run).await? == Committed::Conflict {
            let known = self.store.run_fetch(&run.id).await?;
            // Recorded and not begun: whoever did so died before sending.
            if known.is_none_or(|known| known.started || known.is_over()) {
                return Ok(());
            }
        }
        self.send_step(&run.id, PassStep::Start).await
    }

    /// Cuts people into slices and sends a message for each.
    pub(super) async fn pass_start(&self, run: RunRecord) -> Result<(), PassError> {
        if run.started {
            return Ok(());
        }
        let Some(run) = self.pass_cut(run).await? else {
            return Ok(());
        };
        self.send_slices(&run.id, 0..run.slices, PassStep::Measure)
            .await?;
        self.run_update(&run.id, |run| run.started = true).await?;
        Ok(())
    }

    /// Decides how a run is cut, once; none when the run is gone or over.
    async fn pass_cut(&self, run: RunRecord) -> Result<Option<RunRecord>, PassError> {
        if run.slices > 0 {
            return Ok(Some(run));
        }
        let last = self.store.population_fetch(None).await?;
        let settings = match run.kind {
            RunKind::AsOf => Some(self.store.settings_fetch().await?),
            _ => None,
        };
        let settings = settings.map(|settings| serde_json::to_string(&settings));
        let settings = settings.transpose().map_err(|_| PassError::Settings)?;
        let slices = slices(last.as_ref(), self.bounds.slice);
        let one_in = one_in(last.as_ref());
        let back_test_days = last.filter(|_| run.measures_all());
        let back_test_days = back_test_days.and_then(|last| back_test_due(&last, run.on));
        self.run_update(&run.id, |run| {
            if run.slices == 0 {
                run.slices = slices;
                run.one_in = one_in;
                run.back_test_days = back_test_days;
                run.settings = run.settings.take().or(settings.clone());
            }
        })
        .await
    }

    /// Changes a run's record, whatever others do to it meanwhile; none when
    /// it is gone or over.
    pub(super) async fn run_update(
        &self,
        id: &str,
        change: impl Fn(&mut RunRecord),
    ) -> Result<Option<RunRecord>, PassError> {
        for _ in 0..ATTEMPTS {
            let Some(mut run) = self.store.run_fetch(id).await? else {
                return Ok(None);
            };
            if run.is_over() {
                return Ok(None);
            }
            let before = run.clone();
            change(&mut run);
            if run == before || self.store.run_put(&run).await? == Committed::Done {
                return Ok(Some(run));
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }
}

/// Whether a run that follows the settings has ended without having brought
/// them to everyone, or is under way for so long that a message of it is lost.
fn is_given_up(run: &RunRecord, tick: Timestamp) -> bool {
    let age = tick.duration_since(run.requested_at);
    run.is_over() || (run.started && age >= GIVEN_UP)
}

/// As many slices as customers were seen last ask for.
fn slices(last: Option<&Snapshot>, a_slice: u64) -> u32 {
    let Some(last) = last else {
        return SLICES_AT_FIRST;
    };
    let wanted = last.all.customers.div_ceil(a_slice.max(1));
    u32::try_from(wanted.clamp(1, MOST_SLICES)).expect("256 at most")
}

/// One in so many that the model is fitted to [`Sample::MOST`] at most.
fn one_in(last: Option<&Snapshot>) -> u32 {
    let buyers = last.map_or(0, |last| last.ranked);
    u32::try_from(buyers.div_ceil(Sample::MOST as u64).max(1)).unwrap_or(u32::MAX)
}

/// How many days the models are asked to predict, if they were not compared
/// in this calendar month yet and there is enough to compare.
fn back_test_due(last: &Snapshot, on: Date) -> Option<i64> {
    let this_month = |date: &Date| (date.year(), date.month()) == (on.year(), on.month());
    if last.back_tested_on.as_ref().is_some_and(this_month) {
        return None;
    }
    back_test_window(last.first_order_on?, on)
}
