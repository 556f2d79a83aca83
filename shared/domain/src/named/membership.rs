//! Which named segments a customer is in.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{NamedSegments, SegmentId};
use crate::condition::Candidate;
use crate::customer::Node;
use crate::segment::{Assessment, Rules, Subject};

/// What is kept of a node or a person: the segments it is in, under its own
/// id, and what was decided about it by hand.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Membership {
    /// The segments there is an entry in for this record.
    #[serde(rename = "i", default, skip_serializing_if = "BTreeSet::is_empty")]
    pub within: BTreeSet<SegmentId>,
    /// By hand, on the node whose id was used.
    #[serde(rename = "p", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub placed: BTreeMap<SegmentId, Placement>,
}

/// Where somebody was put by hand.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Placed {
    /// In, whatever the condition says.
    Include,
    /// Out; of two decisions at one moment the more cautious counts.
    Exclude,
}

/// A decision by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Placement {
    /// When.
    #[serde(rename = "t")]
    pub at: Timestamp,
    /// What.
    #[serde(rename = "d")]
    pub placed: Placed,
    /// Version of the list of segments then: one that is not in a later list
    /// is gone for good.
    #[serde(rename = "v")]
    pub version: u64,
}

impl Membership {
    /// Whether there is nothing to keep.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.within.is_empty() && self.placed.is_empty()
    }

    /// Nothing where there is nothing to keep: most customers are in none.
    #[must_use]
    pub fn boxed(self) -> Option<Box<Self>> {
        (!self.is_empty()).then(|| Box::new(self))
    }

    /// Keeps that a record is in other segments than before.
    pub fn move_to(
        kept: &mut Option<Box<Self>>,
        within: BTreeSet<SegmentId>,
        named: &NamedSegments,
    ) {
        let mut next = kept.take().map(|kept| *kept).unwrap_or_default();
        next.within = within;
        next.forget_the_gone(named);
        *kept = next.boxed();
    }

    /// Drops decisions about segments that are gone.
    pub fn forget_the_gone(&mut self, named: &NamedSegments) {
        self.placed
            .retain(|id, placement| placement.version > named.version || named.get(id).is_some());
    }
}

/// What was decided last about each segment by hand, over a person's nodes.
#[must_use]
pub fn decided(nodes: &[Node]) -> BTreeMap<&SegmentId, Placement> {
    let live = nodes.iter().filter(|node| node.redacted.is_none());
    let placed = live.filter_map(|node| node.named.as_ref());
    let mut last: BTreeMap<&SegmentId, Placement> = BTreeMap::new();
    for (id, placement) in placed.flat_map(|named| &named.placed) {
        let known = last.entry(id).or_insert(*placement);
        *known = (*known).max(*placement);
    }
    last
}

/// Which segments a customer is in on a date, and when time alone changes
/// that.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judged {
    /// The segments.
    pub within: BTreeSet<SegmentId>,
    /// The first date on which they would be others.
    pub next_change_on: Option<Date>,
}

/// Holds every definition against a customer. A decision by hand beats the
/// definition; who was forgotten is in none.
#[must_use]
pub fn judge(who: &Candidate<'_>, named: &NamedSegments, on: Date) -> Judged {
    let mut judged = Judged::default();
    if named.segments.is_empty() || !who.is_somebody() {
        return judged;
    }
    let decided = decided(who.nodes);
    for segment in &named.segments {
        let is_in = if let Some(placement) = decided.get(&segment.id) {
            placement.placed == Placed::Include
        } else {
            let next = segment.condition.next_change_on(who, on);
            judged.next_change_on = judged.next_change_on.into_iter().chain(next).min();
            segment.condition.matches(who, on)
        };
        if is_in {
            judged.within.insert(segment.id.clone());
        }
    }
    judged
}

/// The segments that follow from an assessment of a person of these nodes,
/// and the assessment with the first date on which time alone changes them.
#[must_use]
pub fn settle(
    nodes: &[Node],
    subject: Subject<'_>,
    rules: &Rules<'_>,
    now: Assessment,
    before: Option<&Assessment>,
) -> (Assessment, BTreeSet<SegmentId>) {
    if rules.named.version == 0 {
        return (now, BTreeSet::new());
    }
    let who = Candidate {
        nodes,
        subject,
        assessment: Some(&now),
        within: None,
        orders: &[],
        settings: rules.settings,
    };
    let judged = judge(&who, rules.named, now.on);
    let now = now.changing_on(judged.next_change_on, rules.named.version, before);
    (now, judged.within)
}
