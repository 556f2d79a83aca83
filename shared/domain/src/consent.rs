//! Whether somebody wants marketing, by each way of reaching them, and how it
//! is known (DOMAIN sections 7 and 9).
//!
//! Every decision is kept once, at its own date, with who told of it: the
//! history is the proof. Nothing personal is in it, so it outlives a profile.
//! News in any order, any number of times, makes the same history.

mod decision;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use decision::{ConsentNews, ConsentState, Decision, Medium, OptIn, ToldBy};

/// Most decisions kept of one medium, the latest of them.
const MOST_DECISIONS: usize = 50;

/// What one customer decided, by medium.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Consents(BTreeMap<Medium, Kept>);

/// What is kept of one medium.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Kept {
    /// By date, those without one first; each date and state once.
    #[serde(rename = "d", default, skip_serializing_if = "Vec::is_empty")]
    decisions: Vec<Decision>,
    /// The latest box ticked at an order. Every order of a subscriber says
    /// the same again, so only one is kept.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    ticked: Option<Decision>,
}

/// How it stands with one medium.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing<'a> {
    /// What was decided last.
    pub state: ConsentState,
    /// Since when it has been so, where that is known.
    pub since: Option<Timestamp>,
    /// The decision that began it.
    pub decision: &'a Decision,
}

impl Consents {
    /// Whether nothing was ever decided.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes decisions in, each if it is not known yet or better told now.
    pub fn hear(&mut self, news: &[ConsentNews]) {
        for ConsentNews { medium, decision } in news {
            let kept = self.0.entry(*medium).or_default();
            match decision.told_by {
                ToldBy::TickedBox => kept.tick(decision),
                _ => kept.decide(decision),
            }
        }
    }
}

impl Kept {
    fn decide(&mut self, news: &Decision) {
        let found = self
            .decisions
            .binary_search_by_key(&news.key(), Decision::key);
        match found {
            Ok(at) if news.is_better_told_than(&self.decisions[at]) => {
                self.decisions[at] = news.clone();
            }
            Ok(_) => {}
            Err(at) => {
                self.decisions.insert(at, news.clone());
                let too_many = self.decisions.len().saturating_sub(MOST_DECISIONS);
                self.decisions.drain(..too_many);
            }
        }
    }

    fn tick(&mut self, news: &Decision) {
        let replaces = |known: &Decision| match news.key().cmp(&known.key()) {
            std::cmp::Ordering::Equal => news.is_better_told_than(known),
            order => order.is_gt(),
        };
        if self.ticked.as_ref().is_none_or(replaces) {
            self.ticked = Some(news.clone());
        }
    }
}

/// All decisions on a medium over a person's nodes, each once, the one that
/// holds last: by date; of one date, as told by whoever knows best and last;
/// those without a date before all others, the most cautious of them last.
#[must_use]
pub fn history<'a>(
    nodes: impl IntoIterator<Item = &'a Consents>,
    medium: Medium,
) -> Vec<&'a Decision> {
    let kept = nodes
        .into_iter()
        .filter_map(|consents| consents.0.get(&medium));
    let mut best: BTreeMap<_, &Decision> = BTreeMap::new();
    for decision in kept.flat_map(|kept| kept.decisions.iter().chain(&kept.ticked)) {
        let known = best.entry(decision.key()).or_insert(decision);
        if decision.is_better_told_than(known) {
            *known = decision;
        }
    }
    let mut history: Vec<_> = best.into_values().collect();
    history.sort_by_key(|decision| decision.rank());
    history
}

/// How it stands with a medium over a person's nodes: the latest dated
/// decision counts (DOMAIN section 7), and it has stood since the first of the
/// decisions that say the same without a break. None when nothing was decided.
#[must_use]
pub fn standing<'a>(
    nodes: impl IntoIterator<Item = &'a Consents>,
    medium: Medium,
) -> Option<Standing<'a>> {
    let history = history(nodes, medium);
    let latest = *history.last()?;
    let same = |decision: &&&Decision| {
        decision.state == latest.state && decision.at.is_some() == latest.at.is_some()
    };
    let first = history.iter().rev().take_while(same).last()?;
    Some(Standing {
        state: latest.state,
        since: first.at,
        decision: first,
    })
}
