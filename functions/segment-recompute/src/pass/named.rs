//! Named segments in a walk over everyone: each put into those they belong to,
//! and how many would be in one that is only proposed.
//!
//! What segments are made of is on the whole record, and of a person of
//! several nodes on the nodes: these are read once more, half a unit each.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crm_domain::chronicle::Trigger;
use crm_domain::condition::{Candidate, Condition};
use crm_domain::customer::Node;
use crm_domain::field;
use crm_domain::identity::NodeId;
use crm_domain::named::{Membership, Placed, SegmentId, decided, settle};
use crm_domain::person::PersonRecord;
use crm_domain::segment::{Assessment, Glance, Rules, Subject, assess};
use crm_store::{Consistency, RunRecord, RunStage, Scanned, StoreError};
use serde::{Deserialize, Serialize};

use super::measure::{self, Applied, Counts};
use super::walk::{MEASURE, Visit};
use super::{PassError, blob};
use crate::Function;
use crate::members::within_of;

/// The night's walk, in a store with named segments.
pub(super) struct Walk<'a> {
    walk: measure::Walk<'a>,
}

/// Somebody a walk came upon.
struct Met<'a> {
    id: &'a NodeId,
    nodes: Cow<'a, [Node]>,
    subject: Subject<'a>,
    known: Option<&'a Assessment>,
    named: Option<&'a Membership>,
    stale: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn over(walk: measure::Walk<'a>) -> Self {
        Self { walk }
    }

    async fn meet(&mut self, met: Met<'_>) -> Result<u32, PassError> {
        let rules = self.walk.rules;
        let source = field::acquisition_source(&met.nodes, rules.settings);
        let subject = met.subject.won_by(source.as_deref());
        let now = assess(&subject, rules, self.walk.on, met.known);
        let (now, within) = settle(&met.nodes, subject, rules, now, met.known);
        let same = met.known.is_some_and(|known| now.is_as_good_as(known));
        let mut written = 0;
        if met.stale || !same || within != within_of(met.named) {
            let trigger = if met.stale {
                Trigger::Event
            } else {
                self.walk.trigger
            };
            let assessed = self
                .walk
                .function
                .assess_person(rules, met.id, self.walk.on, trigger);
            let assessed = assessed.await;
            match self.walk.count(met.id, assessed)? {
                Some(count) => written = count,
                None => return Ok(0),
            }
        }
        self.walk.measure(met.id, subject, &now);
        Ok(written)
    }
}

impl Visit for Walk<'_> {
    type Record = Scanned;

    async fn visit(&mut self, record: Scanned) -> Result<u32, PassError> {
        match record {
            Scanned::Node(node) if node.root.is_none() => {
                let met = Met {
                    id: &node.id,
                    nodes: Cow::Borrowed(std::slice::from_ref(&*node)),
                    subject: Subject::of_node(&node),
                    known: node.assessment.as_ref(),
                    named: node.named.as_deref(),
                    stale: node.stale,
                };
                Box::pin(self.meet(met)).await
            }
            Scanned::Person(person) => {
                let store = &self.walk.function.store;
                let ids = person.members.keys();
                let nodes = store.nodes_fetch(ids, Consistency::Eventual).await?;
                let met = Met {
                    id: &person.id,
                    nodes: Cow::Owned(nodes),
                    subject: Subject::of_person(&person),
                    known: person.assessment.as_ref(),
                    named: person.named.as_deref(),
                    stale: false,
                };
                Box::pin(self.meet(met)).await
            }
            // The record of the person it belongs to tells of it.
            Scanned::Node(node) => self.walk.look(&Glance::from(*node), false, None).await,
            Scanned::Unreadable(place) => {
                self.walk.pass_by(&place);
                Ok(0)
            }
        }
    }

    async fn result(self, read_units: f64) -> Result<Vec<u8>, PassError> {
        self.walk.result(read_units).await
    }
}

/// What is proposed, as the run's record has it.
#[derive(Debug, Deserialize)]
struct Proposal {
    /// The segment that would be changed, if it is not a new one.
    segment: Option<SegmentId>,
    condition: Condition,
}

/// What would become of it.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Foreseen {
    /// Customers looked at.
    customers: u64,
    /// Who would be in it.
    members: u64,
    /// Who would be and is not, and who is and would not be.
    entering: u64,
    leaving: u64,
    unreadable: u64,
}

/// Counts who would be in a proposed segment.
pub(super) struct Preview<'a> {
    function: &'a Function,
    run: &'a RunRecord,
    rules: &'a Rules<'a>,
    proposal: Proposal,
    foreseen: Foreseen,
}

impl<'a> Preview<'a> {
    pub(super) fn new(
        function: &'a Function,
        run: &'a RunRecord,
        rules: &'a Rules<'a>,
    ) -> Result<Self, PassError> {
        let proposal = run.proposal.as_deref().ok_or(PassError::Proposal)?;
        let proposal = serde_json::from_str(proposal).map_err(|_| PassError::Proposal)?;
        Ok(Self {
            function,
            run,
            rules,
            proposal,
            foreseen: Foreseen::default(),
        })
    }

    /// The person behind a record, once for each; none for what is a part of
    /// somebody.
    async fn person(&mut self, record: Scanned) -> Result<Option<PersonRecord>, StoreError> {
        match record {
            Scanned::Node(node) if node.root.is_none() => Ok(Some(PersonRecord::Single(node))),
            Scanned::Person(person) => {
                let store = &self.function.store;
                let ids = person.members.keys();
                let nodes = store.nodes_fetch(ids, Consistency::Eventual).await?;
                Ok(Some(PersonRecord::Joined(person, nodes)))
            }
            Scanned::Node(_) => Ok(None),
            Scanned::Unreadable(_) => {
                self.foreseen.unreadable += 1;
                Ok(None)
            }
        }
    }

    fn look(&mut self, person: &PersonRecord) {
        let mut who = Candidate::of(person, self.rules.settings);
        if !who.is_somebody() {
            return;
        }
        let now = assess(&who.subject, self.rules, self.run.on, person.assessment());
        who.assessment = Some(&now);
        let segment = self.proposal.segment.as_ref();
        let decided = decided(person.nodes());
        let by_hand = segment.and_then(|segment| decided.get(segment));
        let would_be = match by_hand {
            Some(placement) => placement.placed == Placed::Include,
            None => self.proposal.condition.matches(&who, now.on),
        };
        let none = BTreeSet::new();
        let within = person.within().unwrap_or(&none);
        let is = segment.is_some_and(|segment| within.contains(segment));
        self.foreseen.customers += 1;
        self.foreseen.members += u64::from(would_be);
        self.foreseen.entering += u64::from(would_be && !is);
        self.foreseen.leaving += u64::from(is && !would_be);
    }
}

impl Visit for Preview<'_> {
    type Record = Scanned;

    async fn visit(&mut self, record: Scanned) -> Result<u32, PassError> {
        if let Some(person) = self.person(record).await? {
            self.look(&person);
        }
        Ok(0)
    }

    async fn result(self, _read_units: f64) -> Result<Vec<u8>, PassError> {
        Ok(blob::pack(&self.foreseen))
    }
}

/// What came of bringing named segments to everyone.
#[derive(Debug, Serialize)]
struct Brought {
    changed: u64,
    unreadable: u64,
}

impl Function {
    /// Closes a run that brought named segments to everyone.
    pub(super) async fn combine_named(&self, run: &RunRecord) -> Result<(), PassError> {
        let mut counts = Counts::default();
        for slice in 0..run.slices {
            let add = |part: Applied| counts.absorb(part.counts);
            self.partials(run, MEASURE, slice, add).await?;
        }
        let brought = Brought {
            changed: counts.changed,
            unreadable: counts.unreadable,
        };
        self.close(run, &brought).await
    }

    /// Closes a run that counted who would be in a proposed segment.
    pub(super) async fn combine_preview(&self, run: &RunRecord) -> Result<(), PassError> {
        let mut all = Foreseen::default();
        for slice in 0..run.slices {
            let add = |part: Foreseen| all.absorb(part);
            self.partials(run, MEASURE, slice, add).await?;
        }
        self.close(run, &all).await
    }

    async fn close(&self, run: &RunRecord, result: &impl Serialize) -> Result<(), PassError> {
        let result = serde_json::to_string(result).map_err(|_| PassError::Unreadable)?;
        self.run_update(&run.id, |run| {
            run.stage = RunStage::Done;
            run.result = Some(result.clone());
        })
        .await?;
        tracing::info!(run.id = %run.id, "run {} is done", run.id);
        Ok(())
    }
}

impl Foreseen {
    fn absorb(&mut self, other: Self) {
        self.customers += other.customers;
        self.members += other.members;
        self.entering += other.entering;
        self.leaving += other.leaving;
        self.unreadable += other.unreadable;
    }
}
