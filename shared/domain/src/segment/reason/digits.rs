//! Why the three digits and the group are what they are.

use std::fmt::Display;

use jiff::civil::Date;

use super::{Aspect, Finding, Reason, several};
use crate::chronicle::Facts;
use crate::population::Quintiles;
use crate::segment::{Rules, Score};
use crate::settings::RfmMode;

/// The digits of facts of a date: a change is kept without them.
pub(super) fn again(facts: &Facts, rules: &Rules<'_>, on: Date) -> Option<Score> {
    let days = facts.recency_days.filter(|_| facts.orders > 0)?;
    Some(match fifths(rules) {
        Some(fifths) => Score::by_place(fifths, last_on(days, on)?, facts.orders, facts.gross),
        None => Score::of(&rules.settings.rfm, days, facts.orders, facts.gross),
    })
}

/// Four reasons, or none without a counted order.
pub(super) fn reasons(found: &Finding, rules: &Rules<'_>) -> Vec<Reason> {
    let facts = &found.facts;
    let (Some(score), Some(group), Some(days)) = (found.score, found.group, facts.recency_days)
    else {
        return Vec::new();
    };
    let rules = words(rules);
    let last = last_on(days, found.on).map_or_else(String::new, |last| format!(", on {last}"));
    let digits = [
        (
            Aspect::R,
            score.r,
            format!(
                "the last counted order is {} old{last}",
                several(days, "day")
            ),
        ),
        (Aspect::F, score.f, several(facts.orders, "counted order")),
        (
            Aspect::M,
            score.m,
            format!("gross of counted orders {}", facts.gross),
        ),
    ];
    let digits = digits.into_iter().zip(rules);
    let mut reasons: Vec<_> = digits
        .map(|((what, digit, because), rule)| Reason {
            what,
            value: digit.to_string(),
            rule,
            because,
        })
        .collect();
    let mean = f32::from(score.f + score.m) / 2.0;
    reasons.push(Reason {
        what: Aspect::Group,
        value: group.to_string(),
        rule: "by R, and the mean of F and M: at least 4.5, 3 to 4, 2 to 2.5, or below".to_owned(),
        because: format!("code {}: R {}, mean {mean}", score.code(), score.r),
    });
    reasons
}

/// The rules of R, F and M in words.
fn words(rules: &Rules<'_>) -> [String; 3] {
    let limits = &rules.settings.rfm;
    if let Some(fifths) = fifths(rules) {
        let made = rules.cutoffs.on;
        let made = made.map_or_else(String::new, |on| format!(" on {on}"));
        let by_place =
            |what: &str, steps: String| format!("{what}, in fifths of all{made}: {steps}");
        return [
            by_place("date of the last order", steps(fifths.last_order_on)),
            by_place("counted orders", steps(fifths.orders)),
            by_place("gross", steps(fifths.gross)),
        ];
    }
    let [five, four, three, two] = limits.recency_days;
    let some = |limits: [i64; 4]| limits.map(Some);
    [
        format!(
            "days since the last counted order: 5 up to {five}, 4 up to {four}, 3 up to {three}, \
             2 up to {two}, else 1"
        ),
        format!("counted orders: {}", steps(some(limits.frequency_orders))),
        format!("gross: {}", steps(limits.monetary_gross.map(Some))),
    ]
}

/// From where on which digit.
fn steps<T: Display>(cuts: [Option<T>; 4]) -> String {
    let cuts = cuts.into_iter().flatten().zip(2..);
    let mut steps: Vec<_> = cuts
        .map(|(cut, digit)| format!("{digit} from {cut}"))
        .collect();
    steps.insert(0, "1".to_owned());
    steps.join(", ")
}

fn fifths<'a>(rules: &Rules<'a>) -> Option<&'a Quintiles> {
    let by_place = rules.settings.rfm.mode == RfmMode::Quintiles;
    rules.cutoffs.quintiles.as_ref().filter(|_| by_place)
}

fn last_on(days: i64, on: Date) -> Option<Date> {
    on.checked_sub(jiff::Span::new().try_days(days).ok()?).ok()
}
