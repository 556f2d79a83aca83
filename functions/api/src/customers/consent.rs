//! What a customer decided about marketing, now and before, as the API shows it.

use crm_domain::consent::{self, ConsentState, Decision, Medium, OptIn};
use crm_domain::customer::Node;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// The part of a customer that is about consent.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConsentWhole")]
pub(super) struct Consent {
    consent: Now,
    /// Every decision, the latest first.
    consent_history: Vec<Decided>,
}

/// How it stands by medium; null where nothing was ever decided.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConsentNow")]
struct Now {
    email: Option<Standing>,
    sms: Option<Standing>,
    whatsapp: Option<Standing>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConsentStanding")]
struct Standing {
    state: ConsentState,
    /// Null where nobody told a date.
    since: Option<Timestamp>,
    source: String,
    opt_in: Option<OptIn>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConsentDecision")]
struct Decided {
    medium: Medium,
    state: ConsentState,
    at: Option<Timestamp>,
    source: String,
    opt_in: Option<OptIn>,
}

impl Consent {
    /// Of a person of these nodes.
    pub(super) fn of(nodes: &[Node]) -> Self {
        let now = |medium| {
            let standing = consent::standing(nodes.iter().map(|node| &node.consents), medium);
            standing.map(|standing| Standing::of(&standing))
        };
        Self {
            consent: Now {
                email: now(Medium::Email),
                sms: now(Medium::Sms),
                whatsapp: now(Medium::WhatsApp),
            },
            consent_history: history(nodes),
        }
    }
}

impl Standing {
    fn of(now: &consent::Standing<'_>) -> Self {
        Self {
            state: now.state,
            since: now.since,
            source: now.decision.source.clone(),
            opt_in: now.decision.opt_in,
        }
    }
}

fn history(nodes: &[Node]) -> Vec<Decided> {
    let media = [Medium::Email, Medium::Sms, Medium::WhatsApp];
    let of_medium = |medium| {
        let all = consent::history(nodes.iter().map(|node| &node.consents), medium);
        let decided = move |decision| Decided::of(medium, decision);
        all.into_iter().map(decided)
    };
    let mut history: Vec<_> = media.into_iter().flat_map(of_medium).collect();
    history.reverse();
    history.sort_by_key(|decided| std::cmp::Reverse(decided.at));
    history
}

impl Decided {
    fn of(medium: Medium, decision: &Decision) -> Self {
        Self {
            medium,
            state: decision.state,
            at: decision.at,
            source: decision.source.clone(),
            opt_in: decision.opt_in,
        }
    }
}
