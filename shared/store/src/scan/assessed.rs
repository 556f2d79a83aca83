//! An assessment out of its attribute.

use aws_sdk_dynamodb::types::AttributeValue;
use crm_domain::segment::{Assessment, Health, HealthReason, Score, Segment, Stage};
use jiff::civil::Date;

use super::field::{Torn, date, map, number, truth, word};

/// Attributes that every assessment has.
const NEEDED: u32 = 6;

/// What stands until its attribute is come upon.
const NOTHING: Assessment = Assessment {
    on: Date::ZERO,
    score: None,
    group: None,
    group_since: None,
    best_group: None,
    stage: Stage::Prospect,
    vip: false,
    by_rank: false,
    segment: Segment::Prospect,
    health: Health::Green,
    health_reasons: Vec::new(),
    return_alert: false,
    next_change_on: None,
    wake_on: None,
    rules: 0,
    settings: 0,
    cutoffs: 0,
    named: 0,
};

/// Reads an assessment as every version so far has written it.
pub(super) fn assessment(value: AttributeValue) -> Result<Assessment, Torn> {
    let mut made = NOTHING;
    let mut found = 0;
    for (name, value) in map(value)? {
        found += u32::from(take(&mut made, &name, &value)?);
    }
    if found == NEEDED { Ok(made) } else { Err(Torn) }
}

/// Takes one attribute in; tells whether it is one that none can do without.
fn take(made: &mut Assessment, name: &str, value: &AttributeValue) -> Result<bool, Torn> {
    match name {
        "on" => made.on = date(value)?,
        "stage" => made.stage = word(value)?,
        "vip" => made.vip = truth(value)?,
        "segment" => made.segment = word(value)?,
        "rules" => made.rules = number(value)?,
        "settings" => made.settings = number(value)?,
        _ => return take_other(made, name, value).map(|()| false),
    }
    Ok(true)
}

fn take_other(made: &mut Assessment, name: &str, value: &AttributeValue) -> Result<(), Torn> {
    match name {
        "score" => made.score = Some(score(value)?),
        "group" => made.group = Some(word(value)?),
        "group_since" => made.group_since = Some(date(value)?),
        "best_group" => made.best_group = Some(word(value)?),
        "by_rank" => made.by_rank = truth(value)?,
        "health" => made.health = word(value)?,
        "health_reasons" => made.health_reasons = reasons(value)?,
        "return_alert" => made.return_alert = truth(value)?,
        "next_change_on" => made.next_change_on = Some(date(value)?),
        "wake_on" => made.wake_on = Some(date(value)?),
        "cutoffs" => made.cutoffs = number(value)?,
        "named" => made.named = number(value)?,
        // A later version's.
        _ => {}
    }
    Ok(())
}

fn score(value: &AttributeValue) -> Result<Score, Torn> {
    let (mut r, mut f, mut m) = (None, None, None);
    for (name, value) in value.as_m().map_err(|_| Torn)? {
        match name.as_str() {
            "r" => r = Some(number(value)?),
            "f" => f = Some(number(value)?),
            "m" => m = Some(number(value)?),
            _ => {}
        }
    }
    let (r, f, m) = (r.ok_or(Torn)?, f.ok_or(Torn)?, m.ok_or(Torn)?);
    Ok(Score { r, f, m })
}

fn reasons(value: &AttributeValue) -> Result<Vec<HealthReason>, Torn> {
    let list = value.as_l().map_err(|_| Torn)?;
    list.iter().map(word).collect()
}
