//! A walk over all people, in slices side by side.
//!
//! A run is one record and a chain of messages: *start* cuts people into
//! slices; *measure* looks at everyone of a slice, writes who changed and keeps
//! what the slice comes to; whoever does the last slice sends *combine*, which
//! puts the slices together, makes the new cut-offs and figures, and sends
//! *apply* to the slices where they change somebody; the last of these sends
//! *finish*. The same chain serves the night, a refresh, a look into the past
//! and a comparison of settings.
//!
//! Every message may come again, late, or beside its twin. What a part of a
//! slice came to is kept by the first who gets there, with the place where the
//! next part begins; a step that finds its work done only passes on what
//! follows. A message is gone only when what follows it was sent.

mod apply;
mod blob;
mod combine;
mod compare;
mod finish;
mod link;
mod measure;
mod named;
mod past;
mod start;
mod walk;

use crm_domain::chronicle::Trigger;
use crm_domain::field;
use crm_domain::named::NamedSegments;
use crm_domain::person::Person;
use crm_domain::population::{Cutoffs, Scope};
use crm_domain::segment::Rules;
use crm_domain::settings::Settings;
use crm_lambda::Metrics;
use crm_store::{
    Consistency, PassMessage, PassStep, RunKind, RunRecord, RunStage, SlicePart, StoreError,
};

use crate::Function;

pub use start::SETTINGS_RUN;

/// How often a run's record is tried that others keep changing.
const ATTEMPTS: u32 = 50;

/// Why a step is tried again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PassError {
    #[error("cannot use the tables")]
    Store(#[from] StoreError),
    #[error("cannot queue the next step")]
    Queue(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the queue refused {0} of the next steps")]
    Refused(usize),
    #[error("the message is of a shape this version does not know")]
    UnknownMessage,
    #[error("a partial result cannot be read")]
    Unreadable,
    #[error("the run's own settings cannot be read")]
    Settings,
    #[error("what the run proposes cannot be read")]
    Proposal,
}

/// How much one invocation does of a slice.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Items of the table read at once.
    pub page: i32,
    /// Pages.
    pub pages: u32,
    /// Persons written, or looked up in detail.
    pub writes: u32,
    /// Customers a slice is meant to have.
    pub slice: u64,
}

impl Default for Bounds {
    /// A minute's work within 64 MB.
    fn default() -> Self {
        Self {
            page: 500,
            pages: 60,
            writes: 2_000,
            slice: 20_000,
        }
    }
}

impl Function {
    /// Makes one step of a run.
    pub(crate) async fn pass(
        &self,
        metrics: &mut Metrics,
        message: PassMessage,
    ) -> Result<(), PassError> {
        if !message.is_known() {
            return Err(PassError::UnknownMessage);
        }
        let Some(run) = self.store.run_fetch(&message.run).await? else {
            tracing::warn!(run.id = %message.run, "run {} is forgotten", message.run);
            return Ok(());
        };
        if run.is_over() {
            return Ok(());
        }
        match (message.step, run.stage) {
            (PassStep::Start, RunStage::Measuring) => self.pass_start(run).await,
            (PassStep::Measure(part), RunStage::Measuring) => {
                self.pass_measure(metrics, &run, &part).await
            }
            (PassStep::Combine, _) => self.pass_combine(run).await,
            (PassStep::Apply(part), RunStage::Applying) => {
                Box::pin(self.pass_apply(metrics, &run, &part)).await
            }
            (PassStep::Finish, RunStage::Applying) => self.pass_finish(run).await,
            // A late repeat of a step that was made.
            _ => Ok(()),
        }
    }

    async fn pass_measure(
        &self,
        metrics: &mut Metrics,
        run: &RunRecord,
        part: &SlicePart,
    ) -> Result<(), PassError> {
        let (settings, cutoffs, segments) = self.run_rules(run).await?;
        let rules = Rules {
            settings: &settings,
            cutoffs: &cutoffs,
            named: &segments,
        };
        match run.kind {
            RunKind::Nightly | RunKind::Refresh => {
                let walk = measure::Walk::new(self, run, &rules, metrics);
                self.walk_measuring(run, part, &rules, walk).await
            }
            RunKind::NamedSegments => {
                let walk = measure::Walk::new(self, run, &rules, metrics).again();
                self.walk(run, part, named::Walk::over(walk)).await
            }
            RunKind::NamedSegmentPreview => {
                let preview = named::Preview::new(self, run, &rules)?;
                self.walk(run, part, preview).await
            }
            RunKind::Diff => self.walk(run, part, compare::First::new(run, &rules)).await,
            RunKind::Duplicates => self.walk(run, part, link::Index::new(self)).await,
            RunKind::AsOf => {
                self.walk(run, part, past::Walk::new(self, run, &rules))
                    .await
            }
        }
    }

    /// Measures at a glance, or by whole records where labels have a say or
    /// named segments are made of them.
    async fn walk_measuring(
        &self,
        run: &RunRecord,
        part: &SlicePart,
        rules: &Rules<'_>,
        walk: measure::Walk<'_>,
    ) -> Result<(), PassError> {
        if !rules.named.segments.is_empty() {
            return self.walk(run, part, named::Walk::over(walk)).await;
        }
        if field::tags_tell_source(rules.settings) {
            return self.walk(run, part, walk.whole()).await;
        }
        self.walk(run, part, walk).await
    }

    /// The rules a run measures by: its own settings where it has some.
    async fn run_rules(
        &self,
        run: &RunRecord,
    ) -> Result<(Settings, Cutoffs, NamedSegments), PassError> {
        let laws = self.store.laws_read(Consistency::Strong).await?;
        let (mut settings, mut cutoffs, named) = laws;
        if let Some(own) = &run.settings {
            settings = serde_json::from_str(own).map_err(|_| PassError::Settings)?;
        }
        if run.kind == RunKind::AsOf {
            // Nobody is ranked by today's limits; those of the date follow.
            cutoffs.vip = None;
            cutoffs.quintiles = None;
        }
        Ok((settings, cutoffs, named))
    }

    /// Notes that a slice is done in a stage, and sends what follows when it
    /// was the last.
    async fn slice_done(&self, id: &str, stage: RunStage, slice: u32) -> Result<(), PassError> {
        let noted = self
            .run_update(id, |run| {
                if run.stage == stage {
                    run.done.insert(slice);
                }
            })
            .await?;
        let complete = noted.filter(|run| run.stage == stage && run.is_complete());
        if complete.is_none() {
            return Ok(());
        }
        let next = if stage == RunStage::Measuring {
            PassStep::Combine
        } else {
            PassStep::Finish
        };
        self.send_step(id, next).await
    }

    async fn send_step(&self, run: &str, step: PassStep) -> Result<(), PassError> {
        let message = PassMessage::new(run, step);
        self.queues
            .get()
            .send_message()
            .queue_url(&self.passes)
            .message_body(message.body())
            .send()
            .await
            .map_err(|error| PassError::Queue(error.into()))?;
        Ok(())
    }

    /// Sends a step for each of many slices.
    async fn send_slices(
        &self,
        run: &str,
        slices: impl IntoIterator<Item = u32>,
        step: impl Fn(SlicePart) -> PassStep,
    ) -> Result<(), PassError> {
        let slices: Vec<_> = slices.into_iter().collect();
        for ten in slices.chunks(10) {
            let mut request = self.queues.get().send_message_batch();
            for slice in ten {
                let message = PassMessage::new(run, step(SlicePart::first(*slice)));
                let entry = aws_sdk_sqs::types::SendMessageBatchRequestEntry::builder()
                    .id(slice.to_string())
                    .message_body(message.body())
                    .build();
                request = request.entries(entry.expect("it has an id and a body"));
            }
            let answer = request.queue_url(&self.passes).send().await;
            let answer = answer.map_err(|error| PassError::Queue(error.into()))?;
            if !answer.failed.is_empty() {
                return Err(PassError::Refused(answer.failed.len()));
            }
        }
        Ok(())
    }
}

/// How a person of several nodes was won, as it was said. Their labels stand
/// with the nodes, which are read only where a label has a say.
async fn source_of_person(
    function: &Function,
    person: &Person,
    settings: &Settings,
) -> Result<Option<String>, PassError> {
    if !field::tags_tell_source(settings) {
        return Ok(field::said_source(person.source.as_deref(), settings));
    }
    let store = &function.store;
    let members = person.members.keys();
    let nodes = store.nodes_fetch(members, Consistency::Eventual).await?;
    Ok(field::acquisition_source(&nodes, settings))
}

/// What makes somebody look in a run: for the chronicle.
fn trigger(run: &RunRecord) -> Trigger {
    if run.id.starts_with(SETTINGS_RUN) {
        Trigger::Settings
    } else {
        Trigger::Pass
    }
}

/// What a run looks for beside the figures.
fn scope(run: &RunRecord) -> Scope {
    Scope {
        on: run.on,
        one_in: run.one_in,
        back_test_days: run.back_test_days,
        figures_only: false,
    }
}
