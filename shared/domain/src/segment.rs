//! Which customers are worth what attention: scores, groups, stages and
//! health (DOMAIN sections 3 to 5).
//!
//! [`assess`] is a pure function of a customer's totals and cares, the
//! settings, the population's cut-offs and a date. Stored are its results;
//! the rest is computed when read.

mod assessment;
mod glance;
mod health;
mod reason;
mod rfm;
mod stage;
mod standing;

use jiff::civil::Date;

pub use assessment::Assessment;
pub use glance::Glance;
pub use health::{Health, HealthReason};
pub use reason::{Aspect, Finding, Reason, reasons};
pub use rfm::{Group, Score, Scorer};
pub use stage::{Segment, Stage};

use crate::care::Care;
use crate::chronicle::{Change, Chronicle, Trigger};
use crate::customer::Node;
use crate::named::NamedSegments;
use crate::person::Person;
use crate::population::Cutoffs;
use crate::settings::Settings;
use crate::totals::Totals;
use standing::{Lasting, Memory, Standing, next_change};

/// Version of the rules in this module; kept with every assessment.
pub const RULES: u32 = 2;

static NO_CARE: Care = Care::NONE;

/// Whom an evaluation is about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// What the customer's orders come to.
    pub totals: &'a Totals,
    /// Cases and bills.
    pub care: &'a Care,
    /// Whether the customer is one of those who are ranked: neither
    /// anonymous nor known from a market place alone.
    pub ranked: bool,
    /// How somebody said the customer was won.
    pub source: Option<&'a str>,
}

/// By what an evaluation is made.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The store's settings.
    pub settings: &'a Settings,
    /// What the last pass over everyone found.
    pub cutoffs: &'a Cutoffs,
    /// The store's named segments, where membership is asked for.
    pub named: &'a NamedSegments,
}

impl<'a> Rules<'a> {
    /// The settings alone, as before any pass over everyone.
    #[must_use]
    pub fn alone(settings: &'a Settings) -> Self {
        Self {
            settings,
            cutoffs: &Cutoffs::NONE,
            named: NamedSegments::none(),
        }
    }
}

impl<'a> Subject<'a> {
    /// Somebody known by orders alone.
    #[must_use]
    pub fn of_totals(totals: &'a Totals) -> Self {
        Self {
            totals,
            care: &NO_CARE,
            ranked: true,
            source: None,
        }
    }

    /// A node that is a person of its own.
    #[must_use]
    pub fn of_node(node: &'a Node) -> Self {
        Self {
            totals: &node.totals,
            care: &node.care,
            ranked: node.is_ranked(),
            source: None,
        }
    }

    /// A person of several nodes, as they were summed last.
    #[must_use]
    pub fn of_person(person: &'a Person) -> Self {
        Self {
            totals: &person.totals,
            care: &person.care,
            ranked: person.ranked,
            source: None,
        }
    }

    /// The same, where somebody said how the customer was won.
    #[must_use]
    pub fn won_by(self, source: Option<&'a str>) -> Self {
        Self { source, ..self }
    }
}

/// Assesses a customer on a date, following what was found before.
///
/// An evaluation never goes back: with a date before that of `before`, the
/// later date is used. Of what was before only the rank and the alert on
/// returns have a say, each within its band; the rest follows from the facts.
#[must_use]
pub fn assess(
    subject: &Subject<'_>,
    rules: &Rules<'_>,
    on: Date,
    before: Option<&Assessment>,
) -> Assessment {
    let on = before.map_or(on, |before| on.max(before.on));
    let memory = before.map_or_else(Memory::default, |before| Memory {
        by_rank: before.by_rank,
        return_alert: before.return_alert,
    });
    let lasting = Lasting::of(subject, rules.settings);
    let today = Standing::of(&lasting, rules, memory, on);
    let next_change_on = next_change(&lasting, rules, &today, on);
    let group = today.score.map(Score::group);
    let vip = today.by_orders || today.by_rank;
    Assessment {
        on,
        score: today.score,
        group,
        group_since: group_since(group, on, before),
        best_group: best_group(group, before),
        stage: today.stage,
        vip,
        by_rank: today.by_rank,
        segment: Segment::of(today.stage, vip),
        health: Health::of(&today.health_reasons),
        health_reasons: today.health_reasons,
        return_alert: today.return_alert,
        next_change_on,
        wake_on: wake_on(next_change_on, on, before),
        rules: RULES,
        settings: rules.settings.version,
        cutoffs: rules.cutoffs.version,
        named: 0,
    }
}

/// Assesses a customer and notes in the chronicle what has changed, with
/// what made somebody look.
#[must_use]
pub fn reassess(
    subject: &Subject<'_>,
    rules: &Rules<'_>,
    on: Date,
    before: Option<&Assessment>,
    chronicle: &mut Chronicle,
    trigger: Trigger,
) -> Assessment {
    let now = assess(subject, rules, on, before);
    chronicle.note(Change::of(subject, rules, before, &now, trigger));
    now
}

impl Assessment {
    /// This assessment, for somebody who changes on another date as well: the
    /// first on which time alone changes their named segments (DOMAIN section
    /// 4), by the list of that version.
    #[must_use]
    pub fn changing_on(
        mut self,
        other: Option<Date>,
        named: u64,
        before: Option<&Assessment>,
    ) -> Self {
        let dates = self.next_change_on.into_iter().chain(other);
        self.next_change_on = dates.min();
        self.wake_on = wake_on(self.next_change_on, self.on, before);
        self.named = named;
        self
    }
}

fn group_since(group: Option<Group>, on: Date, before: Option<&Assessment>) -> Option<Date> {
    match before {
        Some(before) if before.group == group => before.group_since,
        _ => group.map(|_| on),
    }
}

fn best_group(group: Option<Group>, before: Option<&Assessment>) -> Option<Group> {
    let ever = before.and_then(|before| before.best_group);
    let groups = group.into_iter().chain(ever);
    groups.max_by_key(|group| group.standing())
}

/// An alarm that is set for an earlier date than needed is left alone.
fn wake_on(next: Option<Date>, on: Date, before: Option<&Assessment>) -> Option<Date> {
    let armed = before.and_then(|before| before.wake_on);
    let early = |wake: &Date| *wake > on && next.is_some_and(|next| *wake <= next);
    armed.filter(early).or(next)
}
