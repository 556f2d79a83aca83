//! The list of named segments, and what may be in it.

use super::{NamedSegment, NamedSegments, SegmentId};
use crate::condition::Condition;

/// Most named segments of a store: what changes about one customer is written
/// in one transaction, and all definitions are read with every batch.
pub const MOST_SEGMENTS: usize = 50;
/// Most characters of a name.
pub const MOST_NAME_CHARS: usize = 80;
/// Most bytes of a condition as it is kept.
pub const MOST_BYTES: usize = 4_000;

/// Why a named segment cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotKeep {
    /// There are as many as there may be.
    #[error("there are {MOST_SEGMENTS} named segments, and there cannot be more")]
    TooMany,
    /// Another one has the name.
    #[error("another named segment has this name")]
    NameTaken,
    /// The name is empty, too long, or has space around it.
    #[error("must have from 1 to {MOST_NAME_CHARS} characters, none of them unprintable")]
    Name,
    /// The condition is too long.
    #[error("must have at most {MOST_BYTES} bytes")]
    TooLong,
    /// A test cannot be told from a customer's record.
    #[error(
        "must be made of what a customer's record tells: order_number and named_segment are for searches only"
    )]
    SearchOnly,
}

static NONE: NamedSegments = NamedSegments {
    version: 0,
    segments: Vec::new(),
};

impl NamedSegments {
    /// None at all.
    #[must_use]
    pub fn none() -> &'static Self {
        &NONE
    }

    /// The segment of an id.
    #[must_use]
    pub fn get(&self, id: &SegmentId) -> Option<&NamedSegment> {
        self.segments.iter().find(|segment| segment.id == *id)
    }

    /// The list with one more, or with one in the place of the one of its id.
    ///
    /// # Errors
    ///
    /// [`CannotKeep`].
    pub fn with(&self, segment: NamedSegment) -> Result<Self, CannotKeep> {
        check(&segment.name, &segment.condition)?;
        let name = segment.name.to_lowercase();
        let has_name =
            |other: &&NamedSegment| other.id != segment.id && other.name.to_lowercase() == name;
        if self.segments.iter().any(|other| has_name(&other)) {
            return Err(CannotKeep::NameTaken);
        }
        let mut next = self.clone();
        next.version += 1;
        let place = next.segments.iter().position(|own| own.id == segment.id);
        match place {
            Some(place) => next.segments[place] = segment,
            None if next.segments.len() >= MOST_SEGMENTS => return Err(CannotKeep::TooMany),
            None => next.segments.push(segment),
        }
        Ok(next)
    }

    /// The list without one.
    #[must_use]
    pub fn without(&self, id: &SegmentId) -> Self {
        let mut next = self.clone();
        next.version += 1;
        next.segments.retain(|segment| segment.id != *id);
        next
    }
}

fn check(name: &str, condition: &Condition) -> Result<(), CannotKeep> {
    let fits = (1..=MOST_NAME_CHARS).contains(&name.chars().count());
    if !fits || name.trim() != name || name.contains(char::is_control) {
        return Err(CannotKeep::Name);
    }
    check_definition(condition)
}

/// Whether a named segment may be made of a condition.
pub(super) fn check_definition(condition: &Condition) -> Result<(), CannotKeep> {
    let tests = condition.tests();
    if !tests.iter().all(|test| test.follows_from_the_record()) {
        return Err(CannotKeep::SearchOnly);
    }
    if condition.print().to_string().len() > MOST_BYTES {
        return Err(CannotKeep::TooLong);
    }
    Ok(())
}

impl Condition {
    /// Whether a named segment may be made of it.
    ///
    /// # Errors
    ///
    /// [`CannotKeep`].
    pub fn check_definition(&self) -> Result<(), CannotKeep> {
        check_definition(self)
    }
}
