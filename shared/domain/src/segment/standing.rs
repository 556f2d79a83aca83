//! What follows from a customer's facts, the rules and a date.

use jiff::civil::Date;

use super::{HealthReason, Rules, Score, Scorer, Stage, Subject};
use crate::care::Care;
use crate::settings::{RfmMode, Settings};
use crate::totals::Sums;

/// Where a customer stands on a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) score: Option<Score>,
    pub(super) stage: Stage,
    pub(super) by_orders: bool,
    pub(super) by_rank: bool,
    pub(super) health_reasons: Vec<HealthReason>,
    pub(super) return_alert: bool,
}

/// What is remembered from the evaluation before: only what a band needs.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Memory {
    pub(super) by_rank: bool,
    pub(super) return_alert: bool,
}

/// What does not change from one date to the next, looked up once: the date of
/// the last order needs the store's zone, which costs more than all the rest.
#[derive(Debug)]
pub(super) struct Lasting<'a> {
    scorer: Scorer<'a>,
    sums: Sums,
    last: Option<Date>,
    care: &'a Care,
    ranked: bool,
}

impl<'a> Lasting<'a> {
    pub(super) fn of(subject: &Subject<'a>, settings: &'a Settings) -> Self {
        let view = subject.totals.view(settings.count_zero_value_orders);
        Self {
            scorer: Scorer::new(&settings.rfm),
            sums: view.sums,
            last: view.span.map(|(_, last)| settings.date_of(last)),
            care: subject.care,
            ranked: subject.ranked,
        }
    }
}

impl Standing {
    pub(super) fn of(lasting: &Lasting<'_>, rules: &Rules<'_>, memory: Memory, on: Date) -> Self {
        let settings = rules.settings;
        let sums = &lasting.sums;
        let recency_days = lasting.last.map(|last| days_between(last, on));
        let stage = Stage::of(&settings.lifecycle, recency_days, sums.orders);
        let bought = sums.orders > 0;
        let cutoffs = rules.cutoffs.vip.filter(|_| lasting.ranked && bought);
        Self {
            score: lasting
                .last
                .filter(|_| bought)
                .map(|last| score(lasting, rules, last, on)),
            stage,
            by_orders: sums.orders >= settings.lifecycle.vip_orders,
            by_rank: cutoffs.is_some_and(|vip| vip.admit(sums.net(), memory.by_rank)),
            health_reasons: HealthReason::all(sums, lasting.care, stage, settings, on),
            return_alert: alert(rules, sums, memory.return_alert),
        }
    }
}

fn score(lasting: &Lasting<'_>, rules: &Rules<'_>, last: Date, on: Date) -> Score {
    let sums = &lasting.sums;
    let by_place = rules.settings.rfm.mode == RfmMode::Quintiles;
    if let Some(fifths) = rules.cutoffs.quintiles.as_ref().filter(|_| by_place) {
        return Score::by_place(fifths, last, sums.orders, sums.gross);
    }
    let days = days_between(last, on);
    lasting.scorer.score(days, sums.orders, sums.gross)
}

/// Fires above one share, and then stays until below a lower one (DOMAIN
/// section 2).
fn alert(rules: &Rules<'_>, sums: &Sums, was: bool) -> bool {
    let rule = &rules.settings.return_alert;
    let (returned, bought) = (sums.units_returned, sums.units_bought);
    if was {
        return !rule.rearm_below.is_missed_by(returned, bought);
    }
    sums.orders >= rule.least_orders
        && bought >= rule.least_units
        && rule.rate.is_exceeded_by(returned, bought)
}

/// Whole calendar days from one date to the other, never below zero: an
/// order dated in the future is as recent as can be.
pub(super) fn days_between(from: Date, to: Date) -> i64 {
    days_from(from, to).max(0)
}

fn days_from(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}

/// The first date after `on` on which time alone changes the standing.
pub(super) fn next_change(
    lasting: &Lasting<'_>,
    rules: &Rules<'_>,
    today: &Standing,
    on: Date,
) -> Option<Date> {
    let memory = Memory {
        by_rank: today.by_rank,
        return_alert: today.return_alert,
    };
    // In days from `on`, the nearest first: nearly everyone changes on that,
    // and the others need not be looked at.
    let cares = lasting.care.turning_dates(rules.settings);
    let cares = cares.iter().map(|date| days_from(on, *date));
    let recency = lasting.last.map_or(0, |last| days_from(last, on));
    let orders = lasting.last.is_some().then(|| turning_days(rules));
    let orders = orders.into_iter().flatten().map(|days| days - recency);
    let ahead = cares.chain(orders);
    let mut reached = 0;
    loop {
        let next = ahead.clone().filter(|days| *days > reached).min()?;
        let date = on.checked_add(jiff::Span::new().try_days(next).ok()?);
        let date = date.ok()?;
        if Standing::of(lasting, rules, memory, date) != *today {
            return Some(date);
        }
        reached = next;
    }
}

/// How many days after the last order it becomes older than some limit.
fn turning_days(rules: &Rules<'_>) -> [i64; 7] {
    let stages = &rules.settings.lifecycle;
    let [two, three, four, five] = rules.settings.rfm.recency_days;
    let (new, active, at_risk) = (stages.new_days, stages.active_days, stages.at_risk_days);
    [two, three, four, five, new, active, at_risk].map(|days| days + 1)
}
