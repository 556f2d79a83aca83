//! Which customers are worth what attention: scores, groups and stages
//! (DOMAIN sections 3 and 4).
//!
//! [`assess`] is a pure function of a customer's totals, the settings and a
//! date. Stored are its results; the rest is computed when read.

mod rfm;
mod stage;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use rfm::{Group, Score};
pub use stage::{Segment, Stage};

use crate::settings::Settings;
use crate::totals::{Totals, View};

/// Version of the rules in this module; kept with every assessment.
pub const RULES: u32 = 1;

/// What a customer is, on a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// The date, in the store's zone.
    pub on: Date,
    /// Recency, frequency and monetary digits; none without an order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
    /// The named group of the score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
    /// Since when the group has been that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_since: Option<Date>,
    /// The best group there ever was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_group: Option<Group>,
    /// Place in the life cycle.
    pub stage: Stage,
    /// Whether one of the best.
    pub vip: bool,
    /// The one word people filter by.
    pub segment: Segment,
    /// First date on which time alone would change any of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_change_on: Option<Date>,
    /// When to look again: at the next change, or at an earlier date set
    /// before, which is cheaper to leave than to move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake_on: Option<Date>,
    /// Version of the rules it was made by.
    pub rules: u32,
    /// Version of the settings it was made by.
    pub settings: u64,
}

impl Assessment {
    /// This assessment, for somebody who turned out to be another too: the
    /// later date stands, and so does the best group of both.
    #[must_use]
    pub fn joined_with(mut self, other: &Self) -> Self {
        self.on = self.on.max(other.on);
        let groups = self.best_group.into_iter().chain(other.best_group);
        self.best_group = groups.max_by_key(|group| group.standing());
        self
    }

    /// Whether nothing but the date and the settings' version tells the two
    /// apart.
    #[must_use]
    pub fn is_as_good_as(&self, other: &Self) -> bool {
        self.says_the_same(other)
            && self.best_group == other.best_group
            && self.next_change_on == other.next_change_on
            && self.wake_on == other.wake_on
            && self.rules == other.rules
    }

    /// Whether people would see a difference between the two.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.score == other.score
            && self.group == other.group
            && self.stage == other.stage
            && self.vip == other.vip
    }
}

/// Assesses a customer on a date, following what was found before.
///
/// An evaluation never goes back: with a date before that of `before`, the
/// later date is used.
#[must_use]
pub fn assess(
    totals: &Totals,
    settings: &Settings,
    on: Date,
    before: Option<&Assessment>,
) -> Assessment {
    let on = before.map_or(on, |before| on.max(before.on));
    let view = totals.view(settings.count_zero_value_orders);
    let today = Standing::of(&view, settings, on);
    let group = today.score.map(Score::group);
    let known_group = before.and_then(|before| before.group);
    let group_since = match before {
        Some(before) if known_group == group => before.group_since,
        _ => group.map(|_| on),
    };
    let next_change_on = next_change(&view, settings, on);
    let armed = before.and_then(|before| before.wake_on);
    let armed = armed.filter(|wake| *wake > on && next_change_on.is_some_and(|next| *wake <= next));
    let best_ever = before.and_then(|before| before.best_group);
    Assessment {
        on,
        score: today.score,
        group,
        group_since,
        best_group: group
            .into_iter()
            .chain(best_ever)
            .max_by_key(|g| g.standing()),
        stage: today.stage,
        vip: today.vip,
        segment: Segment::of(today.stage, today.vip),
        next_change_on,
        wake_on: armed.or(next_change_on),
        rules: RULES,
        settings: settings.version,
    }
}

/// What follows from totals and a date alone.
#[derive(PartialEq, Eq)]
struct Standing {
    score: Option<Score>,
    stage: Stage,
    vip: bool,
}

impl Standing {
    fn of(view: &View, settings: &Settings, on: Date) -> Self {
        let orders = view.sums.orders;
        let recency_days = view
            .span
            .map(|(_, last)| days_between(settings.date_of(last), on));
        Self {
            score: recency_days.map(|days| Score::of(&settings.rfm, days, orders, view.sums.gross)),
            stage: Stage::of(&settings.lifecycle, recency_days, orders),
            vip: orders >= settings.lifecycle.vip_orders,
        }
    }
}

/// Whole calendar days from one date to the other, never below zero: an
/// order dated in the future is as recent as can be.
fn days_between(from: Date, to: Date) -> i64 {
    i64::from((to - from).get_days()).max(0)
}

/// The first date after `on` on which time alone changes the standing.
fn next_change(view: &View, settings: &Settings, on: Date) -> Option<Date> {
    let (_, last) = view.span?;
    let last = settings.date_of(last);
    let today = Standing::of(view, settings, on);
    let stages = &settings.lifecycle;
    let limits = [stages.new_days, stages.active_days, stages.at_risk_days];
    let mut dates: Vec<Date> = settings
        .rfm
        .recency_days
        .into_iter()
        .chain(limits)
        .filter_map(|days| last.checked_add(jiff::Span::new().days(days + 1)).ok())
        .filter(|date| *date > on)
        .collect();
    dates.sort_unstable();
    dates
        .into_iter()
        .find(|date| Standing::of(view, settings, *date) != today)
}
