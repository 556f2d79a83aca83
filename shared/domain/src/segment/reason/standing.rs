//! Why stage, VIP, segment and health are what they are.

use super::{Aspect, Finding, Reason, several};
use crate::chronicle::Facts;
use crate::segment::{HealthReason, Rules};
use crate::settings::{HealthRules, Share};

pub(super) fn stage(found: &Finding, rules: &Rules<'_>) -> Reason {
    let limits = &rules.settings.lifecycle;
    let (new, active, lost) = (limits.new_days, limits.active_days, limits.at_risk_days);
    Reason {
        what: Aspect::Stage,
        value: found.stage.to_string(),
        rule: format!(
            "no counted order: Prospect; one: New up to {new} days, then Single-order; more: \
             Active up to {active} days, then At-Risk; Lapsed after {lost} days"
        ),
        because: orders_and_age(&found.facts),
    }
}

fn orders_and_age(facts: &Facts) -> String {
    let orders = several(facts.orders, "counted order");
    match facts.recency_days {
        Some(days) if facts.orders > 0 => {
            format!("{orders}, the last {} ago", several(days, "day"))
        }
        _ => orders,
    }
}

pub(super) fn vip(found: &Finding, rules: &Rules<'_>) -> Reason {
    let least = rules.settings.lifecycle.vip_orders;
    let orders = found.facts.orders;
    let by_orders = several(orders, "counted order");
    let compared = if orders >= least { ">=" } else { "<" };
    Reason {
        what: Aspect::Vip,
        value: found.vip().to_string(),
        rule: format!("{least} or more counted orders, or {}", by_rank_rule(rules)),
        because: format!("{by_orders} {compared} {least}; {}", rank(found, rules)),
    }
}

/// The rule of the rank in words.
fn by_rank_rule(rules: &Rules<'_>) -> String {
    let rule = &rules.settings.vip;
    let (enter, keep) = (percent(rule.enter_share), percent(rule.keep_share));
    let cut = match rules.cutoffs.vip {
        Some(vip) => format!(" (net of at least {}, kept from {})", vip.enter, vip.leave),
        None => String::new(),
    };
    let base = rule.least_base;
    format!(
        "by rank: in the top {enter} % by net{cut}, kept within the top {keep} %; from {base} \
         customers on"
    )
}

/// How the net compares with the cut-offs.
fn rank(found: &Finding, rules: &Rules<'_>) -> String {
    let net = found.facts.net;
    let Some(cut) = rules.cutoffs.vip else {
        return without_limits(found, rules);
    };
    let on = rules.cutoffs.on;
    let on = on.map_or_else(String::new, |on| format!(" on {on}"));
    let rule = &rules.settings.vip;
    let (enter, keep) = (percent(rule.enter_share), percent(rule.keep_share));
    if net >= cut.enter {
        let (limit, ranked) = (cut.enter, found.by_rank);
        let out = if ranked {
            ""
        } else {
            ", but not one of those who are ranked"
        };
        return format!("net {net} >= {limit}, the net of the top {enter} %{on}{out}");
    }
    if found.by_rank {
        let limit = cut.leave;
        return format!(
            "net {net} >= {limit}, the net of the top {keep} %{on} within which a VIP stays one"
        );
    }
    let limit = cut.enter;
    format!("net {net} < {limit}, the net of the top {enter} %{on}")
}

/// In the words of limits that are not there.
fn without_limits(found: &Finding, rules: &Rules<'_>) -> String {
    let cutoffs = rules.cutoffs;
    let few = rules.settings.vip.least_base;
    match cutoffs.on {
        _ if cutoffs.version == 0 => "nobody is VIP by rank yet".to_owned(),
        Some(on) if !found.by_rank => {
            format!("nobody is VIP by rank: fewer than {few} customers on {on}")
        }
        _ => {
            let (net, version) = (found.facts.net, cutoffs.version);
            format!("net {net}, by limits of version {version} that are kept no more")
        }
    }
}

pub(super) fn segment(found: &Finding) -> Reason {
    let vip = if found.vip() { "VIP" } else { "not VIP" };
    Reason {
        what: Aspect::Segment,
        value: found.segment().to_string(),
        rule: "VIP for a VIP who is New or Active, else the stage".to_owned(),
        because: format!("{vip}, {}", found.stage),
    }
}

pub(super) fn health(found: &Finding, rules: &Rules<'_>) -> Reason {
    let limits = &rules.settings.health;
    let mut reasons = found.health_reasons.clone();
    // The worst first, whatever order they are kept in.
    reasons.sort_unstable();
    let told = reasons.iter();
    let mut told: Vec<_> = told
        .map(|reason| against(*reason, &found.facts, limits))
        .collect();
    if told.is_empty() {
        told.push("nothing speaks against it".to_owned());
    }
    Reason {
        what: Aspect::Health,
        value: found.health.to_string(),
        rule: health_rule(limits),
        because: told.join("; "),
    }
}

fn health_rule(limits: &HealthRules) -> String {
    let HealthRules {
        least_units,
        red_return_rate,
        yellow_return_rate,
        red_open_cases,
        yellow_open_cases,
        red_recent_cases,
        recent_case_days,
        red_overdue_days,
    } = limits;
    let (red, yellow) = (percent(*red_return_rate), percent(*yellow_return_rate));
    format!(
        "Red: more than {red} % of {least_units} or more units returned, {red_open_cases} open \
         cases, {red_recent_cases} cases in {recent_case_days} days, Lapsed, or a bill more than \
         {red_overdue_days} days late. Yellow: more than {yellow} % returned, \
         {yellow_open_cases} open case, At-Risk, or a bill late. Else Green"
    )
}

/// What speaks against a customer, with the facts and the limit.
fn against(reason: HealthReason, facts: &Facts, limits: &HealthRules) -> String {
    let returned = |share| {
        format!(
            "{} of {} units returned, more than {} %",
            facts.units_returned,
            facts.units_bought,
            percent(share)
        )
    };
    let open = |least| format!("{} >= {least}", several(facts.open_cases, "open case"));
    match reason {
        HealthReason::HighReturnRate => returned(limits.red_return_rate),
        HealthReason::RaisedReturnRate => returned(limits.yellow_return_rate),
        HealthReason::ManyOpenCases => open(limits.red_open_cases),
        HealthReason::OpenCase => open(limits.yellow_open_cases),
        HealthReason::ManyRecentCases => format!(
            "{} in {} days >= {}",
            several(facts.recent_cases, "case"),
            limits.recent_case_days,
            limits.red_recent_cases
        ),
        HealthReason::Lapsed => "Lapsed".to_owned(),
        HealthReason::AtRisk => "At-Risk".to_owned(),
        HealthReason::LongOverdue => {
            format!("a bill more than {} days late", limits.red_overdue_days)
        }
        HealthReason::Overdue => "a bill late".to_owned(),
    }
}

/// A share in hundredths: `10`, `12.5`.
fn percent(share: Share) -> String {
    let hundred = crate::money::Amount::whole(100).decimal();
    (share.0.decimal() * hundred).normalize().to_string()
}
