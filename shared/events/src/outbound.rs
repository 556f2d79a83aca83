//! What the queue of outbound messages carries.

use serde::{Deserialize, Serialize};

/// A message is to be sent. Its text is made when it is sent, from what is
/// stored then: the queue holds nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbound {
    v: First,
    /// The stored message's id.
    pub message_id: String,
}

impl Outbound {
    /// Asks for the message of that id.
    #[must_use]
    pub fn of(message_id: &str) -> Self {
        Self {
            v: First,
            message_id: message_id.to_owned(),
        }
    }

    /// The body it is queued with.
    #[must_use]
    pub fn body(&self) -> String {
        serde_json::to_string(self).expect("a number and a text always make JSON")
    }
}

/// The only version there is; a later one is refused, not misread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
struct First;

impl TryFrom<u32> for First {
    type Error = &'static str;

    fn try_from(version: u32) -> Result<Self, Self::Error> {
        if version == 1 {
            Ok(Self)
        } else {
            Err("a version that is not known here")
        }
    }
}

impl From<First> for u32 {
    fn from(_: First) -> Self {
        1
    }
}
