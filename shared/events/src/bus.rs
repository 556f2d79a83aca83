//! An event as `EventBridge` hands it to those who listen.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html>

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{Event, SOURCE, UnreadableEvent};

/// What a rule's target gets; the parts of it that matter here.
#[derive(Debug, Deserialize)]
pub struct BusEvent {
    source: String,
    #[serde(rename = "detail-type")]
    kind: String,
    detail: Box<RawValue>,
}

impl BusEvent {
    /// The event; nothing for someone else's, or of a kind not known here.
    ///
    /// # Errors
    ///
    /// [`UnreadableEvent`].
    pub fn event(&self) -> Result<Option<Event>, UnreadableEvent> {
        if self.source != SOURCE {
            return Ok(None);
        }
        Event::read(&self.kind, self.detail.get())
    }
}
