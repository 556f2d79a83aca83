//! Which of two deliveries about one thing is the newer.
//!
//! Shops deliver out of order and more than once. The rule (DOMAIN section 1):
//! the later `updated_at` wins; then the later trigger time; then the later
//! state of the life cycle; then, so that the answer never depends on the
//! order of arrival, the greater hash of the body.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A delivery's place in the history of one resource; the greater is the newer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// When the source says the resource changed last.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// When the source says it sent the event.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub triggered_at: Option<Timestamp>,
    /// How late in its life cycle the resource is, 0 the earliest.
    #[serde(rename = "r", default)]
    pub rank: u8,
    /// First 48 bits of the SHA-256 of the body.
    #[serde(rename = "d")]
    pub digest: u64,
}

impl Stamp {
    /// The digest part for a body.
    #[must_use]
    pub fn digest_of(body: &[u8]) -> u64 {
        use sha2::{Digest, Sha256};
        let hash = Sha256::digest(body);
        hash.iter()
            .take(6)
            .fold(0, |digest, byte| (digest << 8) | u64::from(*byte))
    }

    /// The time it carries: that of the change, else that of the event.
    #[must_use]
    pub fn at(&self) -> Option<Timestamp> {
        self.updated_at.or(self.triggered_at)
    }

    /// Whether something stamped so replaces what is stored with `stored`.
    #[must_use]
    pub fn replaces(&self, stored: Option<&Self>) -> bool {
        stored.is_none_or(|stored| self > stored)
    }
}
