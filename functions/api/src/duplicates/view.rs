//! A pair as the API shows it.

use crm_domain::customer::Address;
use crm_domain::identity::NodeId;
use crm_domain::linkage::Match;
use crm_domain::settings::Settings;
use crm_store::{Duplicate, DuplicateState, PersonRecord};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::customers::Customer;

/// A pair, with what speaks for it and both customers side by side.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Duplicate")]
pub(super) struct DuplicateView {
    id: String,
    state: DuplicateState,
    score: f64,
    matched: Vec<Match>,
    found_at: Timestamp,
    /// The two as they are now; one, once they are one.
    customers: Vec<SideView>,
    /// Null while nothing is decided.
    decided: Option<DecidedView>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DuplicateCustomer")]
struct SideView {
    #[serde(flatten)]
    customer: Customer,
    /// Ids of its profiles.
    ids: Vec<NodeId>,
    /// Its addresses, each once, that told last first.
    addresses: Vec<Address>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DuplicateDecision")]
struct DecidedView {
    by: String,
    at: Timestamp,
    /// Null where nothing had to be merged.
    merge_id: Option<String>,
}

impl DuplicateView {
    pub(super) fn of(pair: &Duplicate, both: &[&PersonRecord], settings: &Settings) -> Self {
        Self {
            id: pair.id(),
            state: pair.state,
            score: pair.score,
            matched: pair.matched.clone(),
            found_at: pair.found_at,
            customers: both
                .iter()
                .map(|person| SideView::of(person, settings))
                .collect(),
            decided: pair.decided.clone().map(|decided| DecidedView {
                by: decided.by,
                at: decided.at,
                merge_id: decided.merge,
            }),
        }
    }
}

impl SideView {
    fn of(person: &PersonRecord, settings: &Settings) -> Self {
        let mut nodes: Vec<_> = person.nodes().iter().collect();
        nodes.sort_by_key(|node| std::cmp::Reverse(node.told));
        let mut addresses: Vec<Address> = Vec::new();
        for address in nodes
            .iter()
            .filter_map(|node| node.profile.address.as_ref())
        {
            if !addresses.contains(address) {
                addresses.push(address.clone());
            }
        }
        Self {
            customer: Customer::of(person, settings),
            ids: person.nodes().iter().map(|node| node.id.clone()).collect(),
            addresses,
        }
    }
}
