//! The night's look at everyone: who changed is written, and all are measured.

use crm_domain::chronicle::Trigger;
use crm_domain::customer::Node;
use crm_domain::field;
use crm_domain::identity::NodeId;
use crm_domain::money::Amount;
use crm_domain::person::Person;
use crm_domain::population::{Measure, Member, Scope, VipCutoffs};
use crm_domain::segment::{Assessment, Rules, Subject, assess};
use crm_lambda::{Metrics, with_causes};
use crm_store::{RunRecord, Scanned, StoreError};
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
    pub(super) net: Amount,
    pub(super) by_rank: bool,
}

impl Verge {
    /// Whether new cut-offs make somebody else of it.
    pub(super) fn is_concerned(&self, vip: Option<&VipCutoffs>) -> bool {
        let by_rank = vip.is_some_and(|vip| vip.admit(self.net, self.by_rank));
        by_rank != self.by_rank
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
    function: &'a Function,
    rules: &'a Rules<'a>,
    metrics: &'a mut Metrics,
    on: Date,
    scope: Scope,
    trigger: Trigger,
    measured: Measured,
    /// Whether everyone was measured before, and is only written now.
    again: bool,
    /// Whether a label may say how somebody was won.
    tags_tell: bool,
}

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
            tags_tell: field::tags_tell_source(rules.settings),
        }
    }

    /// A second look at everyone, by cut-offs that moved too far.
    pub(super) fn again(self) -> Self {
        Self {
            again: true,
            ..self
        }
    }

    async fn node(&mut self, node: Node) -> Result<u32, PassError> {
        if node.root.is_some() {
            // Its person is measured by the root record, unless that is behind.
            if !node.stale {
                return Ok(0);
            }
            let assessed =
                self.function
                    .assess_person(self.rules, &node.id, self.on, Trigger::Event);
            let assessed = assessed.await;
            return self.count(&node.id, assessed);
        }
        let source = self.source_of_node(&node);
        let subject = Subject::of_node(&node).won_by(source.as_deref());
        let known = node.assessment.as_ref();
        let now = assess(&subject, self.rules, self.on, known);
        let written = if node.stale || known.is_none_or(|known| !now.is_as_good_as(known)) {
            let trigger = if node.stale {
                Trigger::Event
            } else {
                self.trigger
            };
            let assessed = self
                .function
                .assess_scanned(self.rules, node.clone(), self.on, trigger);
            let assessed = assessed.await;
            self.count(&node.id, assessed)?
        } else {
            0
        };
        self.measure(&node.id, subject, &now);
        Ok(written)
    }

    async fn person(&mut self, person: Person) -> Result<u32, PassError> {
        let source = self.source_of_person(&person).await?;
        let subject = Subject::of_person(&person).won_by(source.as_deref());
        let known = person.assessment.as_ref();
        let now = assess(&subject, self.rules, self.on, known);
        let written = if known.is_none_or(|known| !now.is_as_good_as(known)) {
            let assessed =
                self.function
                    .assess_person(self.rules, &person.id, self.on, self.trigger);
            let assessed = assessed.await;
            self.count(&person.id, assessed)?
        } else {
            0
        };
        self.measure(&person.id, subject, &now);
        Ok(written)
    }

    /// How somebody was won, as it was said: of nearly everyone nothing was.
    fn source_of_node(&self, node: &Node) -> Option<String> {
        if node.fields.is_empty() && !self.tags_tell {
            return None;
        }
        field::acquisition_source(std::slice::from_ref(node), self.rules.settings)
    }

    /// The same of a person of several nodes. Their labels stand with the
    /// nodes, which are read only where a label has a say.
    async fn source_of_person(&self, person: &Person) -> Result<Option<String>, PassError> {
        super::source_of_person(self.function, person, self.rules.settings).await
    }

    /// Counts what became of one; whoever cannot be assessed is left out.
    fn count(
        &mut self,
        id: &NodeId,
        assessed: Result<Assessed, StoreError>,
    ) -> Result<u32, PassError> {
        let Some(assessed) = left_out(id, assessed)? else {
            self.measured.counts.unreadable += 1;
            return Ok(0);
        };
        let written = u32::from(assessed == Assessed::Written);
        self.measured.counts.changed += u64::from(written);
        crate::tell(self.metrics, assessed);
        Ok(written)
    }

    fn measure(&mut self, id: &NodeId, subject: Subject<'_>, now: &Assessment) {
        if self.again {
            return;
        }
        let member = Member {
            id,
            subject,
            assessment: now,
        };
        self.measured.measure.add(&member, self.rules, &self.scope);
        let view = subject
            .totals
            .view(self.rules.settings.count_zero_value_orders);
        let net = view.sums.net();
        let ranked = subject.ranked && view.sums.orders > 0;
        let vip = self.rules.cutoffs.vip.filter(|_| ranked);
        if vip.is_some_and(|vip| is_near(&vip, net, now.by_rank)) {
            self.measured.verge.push(Verge {
                id: id.clone(),
                net,
                by_rank: now.by_rank,
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
    async fn visit(&mut self, record: Scanned) -> Result<u32, PassError> {
        match record {
            Scanned::Node(node) => Box::pin(self.node(*node)).await,
            Scanned::Person(person) => Box::pin(self.person(*person)).await,
            Scanned::Unreadable(place) => {
                let id = place.id();
                tracing::error!(customer.id = %id, "the record of customer {id} cannot be read");
                // The first look has counted it.
                self.measured.counts.unreadable += u64::from(!self.again);
                Ok(0)
            }
        }
    }

    async fn result(mut self, read_units: f64) -> Result<Vec<u8>, PassError> {
        self.measured.counts.read_milliunits = milliunits(read_units);
        Ok(if self.again {
            blob::pack(&self.measured.counts)
        } else {
            blob::pack(&self.measured)
        })
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
