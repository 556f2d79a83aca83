//! Named segments: lists of customers that a store keeps under a name, each
//! defined by a condition, with single customers put in or left out by hand.
//!
//! All definitions are one small versioned document. Who is in which follows
//! from a customer's record ([`judge`]) and is kept beside the assessment.

mod list;
mod membership;

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use list::{CannotKeep, MOST_BYTES, MOST_NAME_CHARS, MOST_SEGMENTS};
pub use membership::{Judged, Membership, Placed, Placement, decided, judge, settle};

use crate::condition::Condition;
use crate::identity::{IdentityError, NodeId};

/// The random id of a named segment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SegmentId(String);

impl SegmentId {
    /// Reads an id: 8 to 64 lower-case letters and digits.
    ///
    /// # Errors
    ///
    /// [`IdentityError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        match NodeId::parse(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(_) => Err(IdentityError::Malformed("id of a named segment")),
        }
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SegmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for SegmentId {
    type Error = IdentityError;

    fn try_from(text: String) -> Result<Self, IdentityError> {
        Self::parse(&text)
    }
}

impl From<SegmentId> for String {
    fn from(id: SegmentId) -> Self {
        id.0
    }
}

/// One named segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedSegment {
    /// Its id.
    pub id: SegmentId,
    /// Counts its changes, from 1.
    pub version: u64,
    /// Its name; no two have the same, in any case.
    pub name: String,
    /// Version of the condition's shape.
    #[serde(rename = "v")]
    pub shape: u8,
    /// Who is in it.
    pub condition: Condition,
    /// When it was made, and by whom: the subject of a token.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: String,
    /// When it was changed last.
    pub changed_at: Timestamp,
    /// Who changed it last.
    pub changed_by: String,
}

/// All named segments of a store.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NamedSegments {
    /// Counts changes of any of them; 0 before the first.
    #[serde(default)]
    pub version: u64,
    /// In the order in which they were made.
    #[serde(default)]
    pub segments: Vec<NamedSegment>,
}
