//! Assessments and the changes between them, as the API shows them.

use crm_domain::chronicle::{Cause, Change, Facts};
use crm_domain::identity::NodeId;
use crm_domain::money::Amount;
use crm_domain::population::Cutoffs;
use crm_domain::segment::{
    Assessment, Finding, Group, Health, HealthReason, Reason, Rules, Score, Segment, Stage, Subject,
};
use crm_store::ToldChange;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::worth::WorthView;

/// What the customer was found to be, as it is on the record.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AssessmentOfRecord")]
pub(crate) struct Assessed {
    /// The date it was made for, in the store's zone.
    on: Date,
    #[serde(flatten)]
    found: Found,
    /// Whether so much came back that somebody has to look.
    return_alert: bool,
    /// First date on which time alone would change any of these.
    next_change_on: Option<Date>,
    /// The best group there ever was.
    best_group: Option<Group>,
    group_since: Option<Date>,
    #[serde(flatten)]
    versions: Versions,
}

/// What a customer is, or was.
#[derive(Serialize, JsonSchema)]
pub(super) struct Found {
    r: Option<u8>,
    f: Option<u8>,
    m: Option<u8>,
    code: Option<String>,
    group: Option<Group>,
    stage: Stage,
    vip: bool,
    /// Whether a VIP by rank: perhaps beside being one by orders.
    by_rank: bool,
    segment: Segment,
    health: Health,
    health_reasons: Vec<HealthReason>,
}

/// Versions of what an assessment was made by.
#[derive(Serialize, JsonSchema)]
struct Versions {
    rules: u32,
    settings: u64,
    cutoffs: u64,
}

/// Why each value is what it is.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Why {
    reasons: Vec<Reason>,
    /// The facts of the day, in the reporting currency.
    facts: Facts,
    /// The limits by rank that decided.
    cutoffs: Limits,
}

/// The limits that a pass over everyone made.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CutoffLimits")]
struct Limits {
    version: u64,
    /// For which date they were made; null before the first pass.
    on: Option<Date>,
    /// Net that makes a VIP; null in a store too small for ranks.
    vip_enter: Option<Amount>,
    /// Net below which a VIP by rank is one no longer.
    vip_leave: Option<Amount>,
}

/// The evaluation of today.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Assessment")]
pub(super) struct Live<'a> {
    customer_id: &'a NodeId,
    #[serde(flatten)]
    assessed: Assessed,
    why: Why,
    value: WorthView,
}

/// What is known of a customer on a past date.
pub(super) struct Then<'a> {
    /// The date asked for.
    pub(super) on: Date,
    /// The last change by then.
    pub(super) change: &'a Change,
    /// The cut-offs in force on it.
    pub(super) in_force: Option<&'a Cutoffs>,
    /// The facts of it.
    pub(super) facts: Option<Facts>,
}

/// What a customer was on a past date.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AssessmentThen")]
pub(super) struct ToldThen<'a> {
    /// By which id the customer was known then.
    customer_id: &'a NodeId,
    /// The date asked for.
    on: Date,
    /// Since when the customer had been this.
    since: Date,
    /// What had made it so.
    cause: Cause,
    #[serde(flatten)]
    found: Found,
    #[serde(flatten)]
    versions: Versions,
    /// Why, as of `since`.
    why: Why,
    /// The limits by rank in force on the date asked for; null before the
    /// first pass.
    cutoffs_in_force: Option<Limits>,
    /// The facts of the date asked for, by the orders known today; null of a
    /// customer with very many.
    facts_on: Option<Facts>,
}

/// A change in the list of them.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AssessmentChange")]
pub(crate) struct Changed {
    /// Who changed, by the id known by then: before a merge there were two.
    customer_id: NodeId,
    on: Date,
    cause: Cause,
    /// What is another than before: `group`, `stage`, `vip`, `health`.
    #[serde(rename = "changed")]
    what: Vec<&'static str>,
    group: Option<Group>,
    stage: Stage,
    vip: bool,
    by_rank: bool,
    segment: Segment,
    health: Health,
    health_reasons: Vec<HealthReason>,
    facts: Facts,
    #[serde(flatten)]
    versions: Versions,
}

impl Assessed {
    pub(crate) fn of(made: &Assessment) -> Self {
        Self {
            on: made.on,
            found: Found {
                vip: made.vip,
                by_rank: made.by_rank,
                segment: made.segment,
                ..Found::new(
                    made.score,
                    made.group,
                    made.stage,
                    made.health,
                    &made.health_reasons,
                )
            },
            return_alert: made.return_alert,
            next_change_on: made.next_change_on,
            best_group: made.best_group,
            group_since: made.group_since,
            versions: Versions {
                rules: made.rules,
                settings: made.settings,
                cutoffs: made.cutoffs,
            },
        }
    }
}

impl Found {
    /// Of nobody who is VIP.
    fn new(
        score: Option<Score>,
        group: Option<Group>,
        stage: Stage,
        health: Health,
        reasons: &[HealthReason],
    ) -> Self {
        Self {
            r: score.map(|score| score.r),
            f: score.map(|score| score.f),
            m: score.map(|score| score.m),
            code: score.map(Score::code),
            group,
            stage,
            vip: false,
            by_rank: false,
            segment: Segment::of(stage, false),
            health,
            health_reasons: reasons.to_vec(),
        }
    }

    fn of(found: &Finding) -> Self {
        Self {
            vip: found.vip(),
            by_rank: found.by_rank,
            segment: found.segment(),
            ..Self::new(
                found.score,
                found.group,
                found.stage,
                found.health,
                &found.health_reasons,
            )
        }
    }
}

impl Why {
    pub(crate) fn of(found: &Finding, rules: &Rules<'_>) -> Self {
        Self {
            reasons: found.reasons(rules),
            facts: found.facts,
            cutoffs: Limits::of(rules.cutoffs),
        }
    }
}

impl Limits {
    fn of(cutoffs: &Cutoffs) -> Self {
        Self {
            version: cutoffs.version,
            on: cutoffs.on,
            vip_enter: cutoffs.vip.map(|vip| vip.enter),
            vip_leave: cutoffs.vip.map(|vip| vip.leave),
        }
    }
}

impl<'a> Live<'a> {
    pub(super) fn of(
        id: &'a NodeId,
        subject: &Subject<'_>,
        made: &Assessment,
        rules: &Rules<'_>,
    ) -> Self {
        let found = Finding::of_assessment(subject, rules, made);
        Self {
            customer_id: id,
            assessed: Assessed::of(made),
            why: Why::of(&found, rules),
            value: WorthView::of(subject, rules, made.on),
        }
    }
}

impl Versions {
    fn of(change: &Change) -> Self {
        Self {
            rules: change.rules,
            settings: change.settings,
            cutoffs: change.cutoffs,
        }
    }
}

impl Then<'_> {
    pub(super) fn told_of<'a>(&self, id: &'a NodeId, rules: &Rules<'_>) -> ToldThen<'a> {
        let found = Finding::of_change(self.change, rules);
        ToldThen {
            customer_id: id,
            on: self.on,
            since: self.change.on,
            cause: self.change.cause,
            found: Found::of(&found),
            versions: Versions::of(self.change),
            why: Why::of(&found, rules),
            cutoffs_in_force: self.in_force.map(Limits::of),
            facts_on: self.facts,
        }
    }
}

impl Changed {
    /// A change, and what the same customer was before.
    pub(crate) fn of(told: &ToldChange, before: Option<&Change>) -> Self {
        let change = &told.change;
        let other = |part: fn(&Change, &Change) -> bool| before.is_none_or(|b| part(b, change));
        let changed = [
            ("group", other(|a, b| a.group != b.group)),
            ("stage", other(|a, b| a.stage != b.stage)),
            ("vip", other(|a, b| a.vip() != b.vip())),
            ("health", other(|a, b| a.health != b.health)),
        ];
        let changed = changed.into_iter().filter(|(_, changed)| *changed);
        Self {
            customer_id: told.of.clone(),
            on: change.on,
            cause: change.cause,
            what: changed.map(|(name, _)| name).collect(),
            group: change.group,
            stage: change.stage,
            vip: change.vip(),
            by_rank: change.by_rank,
            segment: Segment::of(change.stage, change.vip()),
            health: change.health,
            health_reasons: change.health_reasons.clone(),
            facts: change.facts,
            versions: Versions::of(change),
        }
    }
}
