//! A run as the API shows it.

use std::collections::BTreeMap;

use crm_store::{RunKind, RunRecord, RunStage};
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

/// A run: how far it is, and what came of it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Run")]
pub(super) struct RunView<'a> {
    id: &'a str,
    kind: RunKind,
    /// The date everyone is assessed on.
    on: Date,
    requested_by: &'a str,
    requested_at: Timestamp,
    state: State,
    progress: Progress,
    /// Null until it is done.
    #[schemars(with = "Option<BTreeMap<String, serde_json::Value>>")]
    result: Option<Box<RawValue>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "RunState")]
enum State {
    /// Nobody has begun.
    Waiting,
    /// Everyone is looked at.
    Measuring,
    /// What was found reaches whom it changes.
    Applying,
    Done,
    Failed,
}

/// Slices done of the present stage.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RunProgress")]
struct Progress {
    done: usize,
    /// 0 until the work has begun.
    slices: u32,
}

impl<'a> RunView<'a> {
    pub(super) fn of(run: &'a RunRecord) -> Self {
        let result = run.result.clone().filter(|_| run.stage == RunStage::Done);
        Self {
            id: &run.id,
            kind: run.kind,
            on: run.on,
            requested_by: &run.requested_by,
            requested_at: run.requested_at,
            state: State::of(run),
            progress: Progress {
                done: run.done.len(),
                slices: run.slices,
            },
            result: result.and_then(|result| RawValue::from_string(result).ok()),
        }
    }
}

impl State {
    fn of(run: &RunRecord) -> Self {
        match run.stage {
            RunStage::Measuring if run.slices == 0 => Self::Waiting,
            RunStage::Measuring => Self::Measuring,
            RunStage::Applying => Self::Applying,
            RunStage::Done => Self::Done,
            RunStage::Failed => Self::Failed,
        }
    }
}
