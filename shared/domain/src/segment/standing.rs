//! What follows from a customer's facts, the rules and a date.

use jiff::civil::Date;

use super::{HealthReason, Rules, Score, Stage, Subject};
use crate::settings::RfmMode;
use crate::totals::View;

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

impl Standing {
    pub(super) fn of(
        subject: &Subject<'_>,
        view: &View,
        rules: &Rules<'_>,
        memory: Memory,
        on: Date,
    ) -> Self {
        let settings = rules.settings;
        let orders = view.sums.orders;
        let last = view.span.map(|(_, last)| settings.date_of(last));
        let recency_days = last.map(|last| days_between(last, on));
        let stage = Stage::of(&settings.lifecycle, recency_days, orders);
        let bought = orders > 0;
        let cutoffs = rules.cutoffs.vip.filter(|_| subject.ranked && bought);
        Self {
            score: last
                .filter(|_| bought)
                .map(|last| score(rules, view, last, on)),
            stage,
            by_orders: orders >= settings.lifecycle.vip_orders,
            by_rank: cutoffs.is_some_and(|vip| vip.admit(view.sums.net(), memory.by_rank)),
            health_reasons: HealthReason::all(&view.sums, subject.care, stage, settings, on),
            return_alert: alert(rules, view, memory.return_alert),
        }
    }
}

fn score(rules: &Rules<'_>, view: &View, last: Date, on: Date) -> Score {
    let sums = &view.sums;
    let limits = &rules.settings.rfm;
    let quintiles = rules.cutoffs.quintiles.as_ref();
    match quintiles.filter(|_| limits.mode == RfmMode::Quintiles) {
        Some(fifths) => Score::by_place(fifths, last, sums.orders, sums.gross),
        None => Score::of(limits, days_between(last, on), sums.orders, sums.gross),
    }
}

/// Fires above one share, and then stays until below a lower one (DOMAIN
/// section 2).
fn alert(rules: &Rules<'_>, view: &View, was: bool) -> bool {
    let rule = &rules.settings.return_alert;
    let (returned, bought) = (view.sums.units_returned, view.sums.units_bought);
    if was {
        return !rule.rearm_below.is_missed_by(returned, bought);
    }
    view.sums.orders >= rule.least_orders
        && bought >= rule.least_units
        && rule.rate.is_exceeded_by(returned, bought)
}

/// Whole calendar days from one date to the other, never below zero: an
/// order dated in the future is as recent as can be.
pub(super) fn days_between(from: Date, to: Date) -> i64 {
    i64::from((to - from).get_days()).max(0)
}

/// The first date after `on` on which time alone changes the standing.
pub(super) fn next_change(
    subject: &Subject<'_>,
    view: &View,
    rules: &Rules<'_>,
    today: &Standing,
    on: Date,
) -> Option<Date> {
    let memory = Memory {
        by_rank: today.by_rank,
        return_alert: today.return_alert,
    };
    let mut dates = subject.care.turning_dates(rules.settings);
    if let Some((_, last)) = view.span {
        dates.extend(turning_dates(rules, rules.settings.date_of(last)));
    }
    dates.retain(|date| *date > on);
    dates.sort_unstable();
    dates.dedup();
    dates
        .into_iter()
        .find(|date| Standing::of(subject, view, rules, memory, *date) != *today)
}

/// Dates on which the last order becomes older than some limit.
fn turning_dates<'a>(rules: &'a Rules<'_>, last: Date) -> impl Iterator<Item = Date> + 'a {
    let stages = &rules.settings.lifecycle;
    let limits = [stages.new_days, stages.active_days, stages.at_risk_days];
    let recency = rules.settings.rfm.recency_days.into_iter();
    let days = recency.chain(limits);
    days.filter_map(move |days| last.checked_add(jiff::Span::new().days(days + 1)).ok())
}
