//! What a customer has been, when that changed, and why: "why was she VIP on
//! 3 May?" is answered from here.
//!
//! Every change of group, stage, VIP or health is kept with its cause, the
//! facts it followed from and the versions of what it was decided by, in
//! about thirty bytes. The latest changes stay with the customer; older ones
//! are moved out in volumes.

mod bytes;
mod change;
mod together;

pub use bytes::Corrupt;
pub use change::{Cause, Change, Facts, Trigger};
pub use together::together;

/// Changes kept with the customer at most.
const MOST: usize = 8;
/// Changes moved out together when there are more.
const VOLUME: usize = 6;

/// The latest changes of a customer, oldest first, and how many volumes of
/// older ones there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chronicle {
    changes: Vec<Change>,
    volumes: u32,
}

/// Older changes of a customer, moved out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// Counts a customer's volumes, from 1.
    pub number: u32,
    /// The changes, oldest first.
    pub changes: Vec<Change>,
}

impl Chronicle {
    /// Whether nothing was ever noted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.volumes == 0
    }

    /// The changes that are still here, oldest first.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Volumes of older changes.
    #[must_use]
    pub fn volumes(&self) -> u32 {
        self.volumes
    }

    /// The same changes with no volumes of its own: how the chronicle of a
    /// person begins who was a single node before.
    #[must_use]
    pub fn carried_over(&self) -> Self {
        let changes = self.changes.clone();
        Self {
            changes,
            volumes: 0,
        }
    }

    /// This chronicle with the changes of another behind it that it does not
    /// have: two records of one customer, one after the other, of which the
    /// later began with what the earlier ended with. What happened twice on
    /// one day is there twice.
    #[must_use]
    pub fn continued_by(mut self, later: &Self) -> Self {
        let most = self.changes.len().min(later.changes.len());
        let begins_with_last = |n: &usize| self.changes.ends_with(&later.changes[..*n]);
        let known = (0..=most).rev().find(begins_with_last).unwrap_or(0);
        self.changes.extend_from_slice(&later.changes[known..]);
        self
    }

    /// Notes a change, unless the customer is still the same. Tells whether
    /// it did.
    pub fn note(&mut self, change: Change) -> bool {
        let known = self.changes.last();
        if known.is_some_and(|known| known.is_the_same_as(&change)) {
            return false;
        }
        self.changes.push(change);
        true
    }

    /// Takes the oldest changes out once there are too many to keep here.
    /// Whoever calls writes the volume in the same transaction.
    pub fn spill(&mut self) -> Option<Volume> {
        if self.changes.len() <= MOST {
            return None;
        }
        self.volumes += 1;
        Some(Volume {
            number: self.volumes,
            changes: self.changes.drain(..VOLUME).collect(),
        })
    }
}
