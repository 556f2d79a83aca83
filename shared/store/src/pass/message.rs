//! What the queue of passes carries: which step of which run is next.

use serde::{Deserialize, Serialize};

use crate::scan::PersonPlace;

/// The only version of the messages so far.
const VERSION: u8 = 1;

/// One step of a run, to be made by whoever receives it. Names nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassMessage {
    /// Version of the message's shape.
    pub v: u8,
    /// Id of the run.
    pub run: String,
    /// What to do.
    #[serde(flatten)]
    pub step: PassStep,
}

/// What there is to do for a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum PassStep {
    /// Cut people into slices and send a message for each.
    Start,
    /// Look at everyone of a slice.
    Measure(SlicePart),
    /// Put the slices together.
    Combine,
    /// Bring what came of it to those of a slice.
    Apply(SlicePart),
    /// Close the run.
    Finish,
}

/// A part of a slice, as much as one invocation does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlicePart {
    /// The slice, from 0.
    pub slice: u32,
    /// The part of it, from 0.
    pub part: u32,
    /// Behind whom the part begins; the slice's beginning if absent.
    pub from: Option<PersonPlace>,
}

impl PassMessage {
    /// A step of a run.
    #[must_use]
    pub fn new(run: &str, step: PassStep) -> Self {
        Self {
            v: VERSION,
            run: run.to_owned(),
            step,
        }
    }

    /// The message that sets a recorded run off.
    #[must_use]
    pub fn start(run: &str) -> Self {
        Self::new(run, PassStep::Start)
    }

    /// The message as the queue carries it.
    #[must_use]
    pub fn body(&self) -> String {
        serde_json::to_string(self).expect("a message is plain data")
    }

    /// Whether this version of the code knows its shape.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.v == VERSION
    }
}

impl SlicePart {
    /// The beginning of a slice.
    #[must_use]
    pub fn first(slice: u32) -> Self {
        Self {
            slice,
            part: 0,
            from: None,
        }
    }

    /// The part behind this one.
    #[must_use]
    pub fn following(&self, from: PersonPlace) -> Self {
        Self {
            slice: self.slice,
            part: self.part + 1,
            from: Some(from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_its_run_its_stage_and_its_place() {
        let body = PassMessage::new("nightly-2026-03-02", PassStep::Measure(SlicePart::first(3)));
        assert_eq!(
            body.body(),
            r#"{"v":1,"run":"nightly-2026-03-02","stage":"measure","slice":3,"part":0,"from":null}"#
        );
        assert_eq!(
            serde_json::from_str::<PassMessage>(&body.body()).unwrap(),
            body
        );
        let start = PassMessage::start("r");
        assert_eq!(start.body(), r#"{"v":1,"run":"r","stage":"start"}"#);
    }
}
