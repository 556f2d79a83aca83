//! What was said between the store and a customer, and what the store's
//! people noted about it.
//!
//! A communication stays with the node it was addressed to. Its wording can
//! be put right; what it was before is kept with it.

use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::identity::{ExternalId, NodeId};

/// Most characters of a subject, and of a text.
pub const MOST_SUBJECT_CHARS: usize = 300;
/// Most characters of a text.
pub const MOST_BODY_CHARS: usize = 10_000;
/// How often a wording can be put right.
pub const MOST_CORRECTIONS: usize = 10;
/// Characters of a text that a list shows.
const EXCERPT_CHARS: usize = 200;

/// What kind of communication it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommunicationKind {
    /// An e-mail.
    Email,
    /// A call.
    Call,
    /// A note about the customer.
    Note,
    /// Something the store's people tell each other.
    InternalComment,
}

impl CommunicationKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Email, Self::Call, Self::Note, Self::InternalComment];

    /// Its word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Call => "call",
            Self::Note => "note",
            Self::InternalComment => "internal_comment",
        }
    }

    /// The kind of that word.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it goes from one to the other.
    #[must_use]
    pub fn has_direction(self) -> bool {
        matches!(self, Self::Email | Self::Call)
    }
}

/// Who spoke to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CommunicationDirection")]
pub enum Direction {
    /// The customer to the store.
    Inbound,
    /// The store to the customer.
    Outbound,
}

/// A wording. Prints nothing of it.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Wording {
    /// What it is about.
    #[serde(rename = "s", default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// What it says.
    #[serde(rename = "t", default, skip_serializing_if = "String::is_empty")]
    pub body: String,
}

impl fmt::Debug for Wording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wording(…)")
    }
}

/// A wording that was replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// What it was before.
    pub before: Wording,
    /// When it was replaced.
    pub at: Timestamp,
    /// By whom: the subject of the token.
    pub by: String,
}

/// One communication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Communication {
    /// Its random id.
    pub id: String,
    /// Counts writes; 0 is not stored yet.
    #[serde(rename = "v")]
    pub version: u64,
    /// The node whose id was used.
    pub node: NodeId,
    /// Its kind.
    pub is: CommunicationKind,
    /// Who spoke to whom, of e-mails and calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// What it says now.
    pub wording: Wording,
    /// When it took place.
    pub at: Timestamp,
    /// The order it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<ExternalId>,
    /// The case it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// Who added it: the subject of the token.
    pub by: String,
    /// When it was added.
    pub added_at: Timestamp,
    /// What it said before, the earliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<Correction>,
    /// Whether the person was forgotten: then it says nothing any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
}

/// Why a wording cannot be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotCorrect {
    /// The person was forgotten.
    #[error("the customer was forgotten")]
    Redacted,
    /// It was put right too often.
    #[error("it was put right {MOST_CORRECTIONS} times, which is the most")]
    TooOften,
}

impl Communication {
    /// Replaces the wording, and keeps what it was. Tells whether it is
    /// another one.
    ///
    /// # Errors
    ///
    /// [`CannotCorrect`].
    pub fn correct(
        &mut self,
        wording: Wording,
        at: Timestamp,
        by: &str,
    ) -> Result<bool, CannotCorrect> {
        if self.redacted {
            return Err(CannotCorrect::Redacted);
        }
        if wording == self.wording {
            return Ok(false);
        }
        if self.corrections.len() >= MOST_CORRECTIONS {
            return Err(CannotCorrect::TooOften);
        }
        self.corrections.push(Correction {
            before: std::mem::replace(&mut self.wording, wording),
            at,
            by: by.to_owned(),
        });
        Ok(true)
    }

    /// Forgets what was said, and what it was about.
    pub fn redact(&mut self) {
        self.redacted = true;
        self.wording = Wording::default();
        self.corrections.clear();
    }

    /// The beginning of the text, for lists.
    #[must_use]
    pub fn excerpt(&self) -> String {
        self.wording.body.chars().take(EXCERPT_CHARS).collect()
    }
}
