//! The night's look at everyone: who changed is written, and all are measured.

use std::collections::BTreeSet;

use crm_domain::chronicle::Trigger;
use crm_domain::field;
use crm_domain::identity::NodeId;
use crm_domain::money::Amount;
use crm_domain::population::{Counted, Measure, Member, Passed, Scope, VipCutoffs};
use crm_domain::segment::{Assessment, Glance, Rules, Subject, assess};
use crm_lambda::{Metrics, with_causes};
use crm_store::{Glanced, PersonPlace, RunRecord, Scanned, StoreError};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::walk::Visit;
use super::{PassError, blob, trigger};
use crate::Function;
use crate::evaluate::Assessed;

/// What a part of a slice comes to.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Measured {
    pub(super) measure: Measure,
    pub(super) verge: Vec<Verge>,
    /// Version of the cut-offs by which these are near.
    pub(super) cutoffs: u64,
    /// Version of the settings by which everyone was measured.
    pub(super) settings: u64,
    pub(super) counts: Counts,
}

/// Somebody so near to a cut-off that it may pass by when it moves.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Verge {
    pub(super) id: NodeId,
    pub(super) near: Near,
    /// What the figures hold of it.
    pub(super) counted: Counted,
}

/// On which side of a cut-off somebody is, and how near.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Near {
    pub(super) net: Amount,
    pub(super) by_rank: bool,
}

impl Near {
    /// Whether new cut-offs make somebody else of it.
    pub(super) fn is_concerned(&self, vip: Option<&VipCutoffs>) -> bool {
        let by_rank = vip.is_some_and(|vip| vip.admit(self.net, self.by_rank));
        by_rank != self.by_rank
    }
}

/// What a slice comes to when new cut-offs were brought to it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Applied {
    pub(super) counts: Counts,
    /// Versions of the settings and of the cut-offs that were brought.
    pub(super) by: BTreeSet<(u64, u64)>,
    /// Those near the old cut-offs who passed the new ones.
    pub(super) passed: Passed,
    /// Everyone, where all were looked at again.
    pub(super) measure: Option<Measure>,
}

impl Applied {
    pub(super) fn absorb(&mut self, other: Self) {
        self.counts.absorb(other.counts);
        self.by.extend(other.by);
        self.passed.absorb(&other.passed);
        if let Some(measure) = other.measure {
            self.measure.get_or_insert_default().absorb(measure);
        }
    }
}

/// What was done, for the run's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Counts {
    /// Assessments written.
    pub(super) changed: u64,
    /// Records that could not be read.
    pub(super) unreadable: u64,
    /// Thousandths of read units for going through the table.
    pub(super) read_milliunits: u64,
}

/// How far a cut-off may move before those near it are no longer all who may
/// be concerned: a fifth down, a quarter up.
const DOWN: i64 = 5;
const UP: i64 = 4;

pub(super) struct Walk<'a> {
    pub(super) function: &'a Function,
    pub(super) rules: &'a Rules<'a>,
    metrics: &'a mut Metrics,
    pub(super) on: Date,
    scope: Scope,
    pub(super) trigger: Trigger,
    measured: Measured,
    /// Whether everyone was measured before, and is only counted and written now.
    again: bool,
}

/// A walk that sees whole records.
pub(super) struct WholeWalk<'a>(Walk<'a>);

impl<'a> Walk<'a> {
    pub(super) fn new(
        function: &'a Function,
        run: &RunRecord,
        rules: &'a Rules<'a>,
        metrics: &'a mut Metrics,
    ) -> Self {
        Self {
            function,
            rules,
            metrics,
            on: run.on,
            scope: super::scope(run),
            trigger: trigger(run),
            measured: Measured {
                cutoffs: rules.cutoffs.version,
                settings: rules.settings.version,
                ..Measured::default()
            },
            again: false,
        }
    }

    /// A second look at everyone, by cut-offs that moved too far.
    pub(super) fn again(self) -> Self {
        Self {
            again: true,
            scope: self.scope.figures_only(),
            ..self
        }
    }

    /// The same walk over whole records, for where a label may say how
    /// somebody was won.
    pub(super) fn whole(self) -> WholeWalk<'a> {
        WholeWalk(self)
    }

    /// Looks at one who could be read. What is done for nearly everyone is
    /// done at once; only what has to be written is a future of its own.
    pub(super) async fn look(
        &mut self,
        glance: &Glance,
        is_root: bool,
        source: Option<&str>,
    ) -> Result<u32, PassError> {
        let subject = glance.subject().won_by(source);
        let known = glance.assessment.as_ref();
        // A node of several is measured by their record, unless that is behind.
        let now = (!glance.joined).then(|| assess(&subject, self.rules, self.on, known));
        let differs = now
            .as_ref()
            .is_some_and(|now| known.is_none_or(|known| !now.is_as_good_as(known)));
        let mut written = 0;
        if differs || glance.stale {
            match Box::pin(self.write(glance, is_root)).await? {
                Some(count) => written = count,
                None => return Ok(0),
            }
        }
        if let Some(now) = &now {
            self.measure(&glance.id, subject, now);
        }
        Ok(written)
    }

    /// Assesses one on its whole record; none when it has to be left out.
    async fn write(&mut self, glance: &Glance, is_root: bool) -> Result<Option<u32>, PassError> {
        let (function, rules, on) = (self.function, self.rules, self.on);
        let trigger = if glance.stale {
            Trigger::Event
        } else {
            self.trigger
        };
        let assessed = if is_root || glance.joined {
            function.assess_person(rules, &glance.id, on, trigger).await
        } else {
            function.assess_lately(rules, &glance.id, on, trigger).await
        };
        self.count(&glance.id, assessed)
    }

    /// One who cannot be read.
    pub(super) fn pass_by(&mut self, place: &PersonPlace) {
        let id = place.id();
        tracing::error!(customer.id = %id, "the record of customer {id} cannot be read");
        self.unreadable();
    }

    /// Counts what became of one; whoever cannot be assessed is left out.
    pub(super) fn count(
        &mut self,
        id: &NodeId,
        assessed: Result<Assessed, StoreError>,
    ) -> Result<Option<u32>, PassError> {
        let Some(assessed) = left_out(id, assessed)? else {
            self.unreadable();
            return Ok(None);
        };
        let written = u32::from(assessed == Assessed::Written);
        self.measured.counts.changed += u64::from(written);
        crate::tell(self.metrics, assessed);
        Ok(Some(written))
    }

    /// Counts one who is left out, unless the first look has.
    fn unreadable(&mut self) {
        self.measured.counts.unreadable += u64::from(!self.again);
    }

    pub(super) fn measure(&mut self, id: &NodeId, subject: Subject<'_>, now: &Assessment) {
        let member = Member {
            id,
            subject,
            assessment: now,
        };
        let counted = self.measured.measure.add(&member, self.rules, &self.scope);
        if self.again {
            return;
        }
        let view = subject
            .totals
            .view(self.rules.settings.count_zero_value_orders);
        let net = view.sums.net();
        let ranked = subject.ranked && view.sums.orders > 0;
        let vip = self.rules.cutoffs.vip.filter(|_| ranked);
        if vip.is_some_and(|vip| is_near(&vip, net, now.by_rank)) {
            self.measured.verge.push(Verge {
                id: id.clone(),
                near: Near {
                    net,
                    by_rank: now.by_rank,
                },
                counted,
            });
        }
    }
}

/// None, with a line in the log, where one customer's own records are in the
/// way: that must not keep everyone from their cut-offs. What concerns the
/// table as a whole stays an error, and the step is made again.
pub(super) fn left_out<T>(
    id: &NodeId,
    outcome: Result<T, StoreError>,
) -> Result<Option<T>, PassError> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error @ (StoreError::Malformed { .. } | StoreError::Contended { .. })) => {
            let reason = with_causes(&error);
            tracing::error!(customer.id = %id, error = reason, "customer {id} is left out of the run");
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

impl Visit for Walk<'_> {
    type Record = Glanced;

    async fn visit(&mut self, record: Glanced) -> Result<u32, PassError> {
        let (glance, is_root) = match record {
            Glanced::Node(node) => (node, false),
            Glanced::Person(person) => (person, true),
            Glanced::Unreadable(place) => {
                self.pass_by(&place);
                return Ok(0);
            }
        };
        let source = field::said_source(glance.source.as_deref(), self.rules.settings);
        self.look(&glance, is_root, source.as_deref()).await
    }

    async fn result(mut self, read_units: f64) -> Result<Vec<u8>, PassError> {
        self.measured.counts.read_milliunits = milliunits(read_units);
        Ok(if self.again {
            blob::pack(&Applied {
                counts: self.measured.counts,
                by: BTreeSet::from([(self.measured.settings, self.measured.cutoffs)]),
                passed: Passed::default(),
                measure: Some(self.measured.measure),
            })
        } else {
            blob::pack(&self.measured)
        })
    }
}

impl Visit for WholeWalk<'_> {
    type Record = Scanned;

    async fn visit(&mut self, record: Scanned) -> Result<u32, PassError> {
        let settings = self.0.rules.settings;
        let walk = &mut self.0;
        match record {
            Scanned::Node(node) => {
                let source = field::acquisition_source(std::slice::from_ref(&*node), settings);
                let glance = Glance::from(*node);
                walk.look(&glance, false, source.as_deref()).await
            }
            Scanned::Person(person) => {
                let source = super::source_of_person(walk.function, &person, settings).await?;
                let glance = Glance::from(*person);
                walk.look(&glance, true, source.as_deref()).await
            }
            Scanned::Unreadable(place) => {
                walk.pass_by(&place);
                Ok(0)
            }
        }
    }

    async fn result(self, read_units: f64) -> Result<Vec<u8>, PassError> {
        self.0.result(read_units).await
    }
}

impl Counts {
    pub(super) fn absorb(&mut self, other: Self) {
        self.changed += other.changed;
        self.unreadable += other.unreadable;
        self.read_milliunits += other.read_milliunits;
    }
}

pub(super) fn milliunits(read_units: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "units are never below zero, and far below 2^53"
    )]
    let thousandths = (read_units * 1000.0).round() as u64;
    thousandths
}

/// Whether a move of the cut-offs that [`is_covered`] could concern somebody.
fn is_near(vip: &VipCutoffs, net: Amount, by_rank: bool) -> bool {
    if by_rank {
        net < raised(vip.leave)
    } else {
        net >= lowered(vip.enter)
    }
}

/// Whether everyone whom new cut-offs concern was near the old ones.
pub(super) fn is_covered(old: Option<&VipCutoffs>, new: Option<&VipCutoffs>) -> bool {
    match (old, new) {
        (None, None) => true,
        (Some(old), Some(new)) => new.enter >= lowered(old.enter) && new.leave <= raised(old.leave),
        _ => false,
    }
}

fn lowered(limit: Amount) -> Amount {
    limit - part(limit, DOWN)
}

fn raised(limit: Amount) -> Amount {
    limit + part(limit, UP)
}

fn part(limit: Amount, of: i64) -> Amount {
    Amount::from_decimal(limit.decimal().abs() / Amount::whole(of).decimal())
}
