//! A customer as the API shows it.
//!
//! Amounts are exact decimals as text, in `currency`; an order's are in its
//! own. Only the average and the rates, which are quotients, are rounded: to
//! six decimals, half to even.

use std::collections::BTreeSet;

use crm_domain::customer::{Node, Profile as Told};
use crm_domain::field::labels_of;
use crm_domain::identity::{Email, ExternalId, NodeId, Phone};
use crm_domain::money::{Amount, Currency};
use crm_domain::settings::Settings;
use crm_domain::totals::{Sums, View};
use crm_store::PersonRecord;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::consent::Consent;
use crate::assessment::Assessed;

/// A customer in a list.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Customer {
    id: NodeId,
    #[serde(flatten)]
    profile: Profile,
    #[serde(flatten)]
    consent: Consent,
    #[serde(flatten)]
    money: Money,
    #[serde(flatten)]
    returned: GivenBack,
    assessment: Option<Assessed>,
}

/// Who the customer is, as the shops tell it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Profile {
    emails: BTreeSet<Email>,
    external_ids: BTreeSet<ExternalId>,
    first_name: Option<String>,
    last_name: Option<String>,
    phone: Option<Phone>,
    /// Labels as the shops have them.
    tags: BTreeSet<String>,
    /// What these stand for, by the store's settings.
    labels: BTreeSet<String>,
}

/// What the customer's orders come to.
#[derive(Serialize, JsonSchema)]
pub(super) struct Money {
    currency: Option<Currency>,
    orders_count: i64,
    gross: Amount,
    net: Amount,
    refunded: Amount,
    average_order_value: Option<Amount>,
    first_order_at: Option<Timestamp>,
    last_order_at: Option<Timestamp>,
}

/// What came back.
#[derive(Serialize, JsonSchema)]
pub(super) struct GivenBack {
    units_bought: i64,
    units_returned: i64,
    return_documents: i64,
    return_rates: Rates,
}

/// Shares of what was sold that came back; null where nothing was sold.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ReturnRates")]
struct Rates {
    orders: Option<String>,
    units: Option<String>,
    value: Option<String>,
}

impl Customer {
    /// A person as the store's settings read it.
    pub(crate) fn of(person: &PersonRecord, settings: &Settings) -> Self {
        let view = person.totals().view(settings.count_zero_value_orders);
        let nodes = person.nodes();
        Self {
            id: person.id().clone(),
            profile: Profile::of(nodes, settings),
            consent: Consent::of(nodes),
            money: Money::of(nodes, &view, settings),
            returned: GivenBack::of(&view),
            assessment: person.assessment().map(Assessed::of),
        }
    }
}

impl Profile {
    pub(super) fn of(nodes: &[Node], settings: &Settings) -> Self {
        let told = newest_first(nodes);
        let newest =
            |part: fn(&Told) -> Option<&String>| told.iter().find_map(|told| part(told)).cloned();
        let emails = nodes
            .iter()
            .flat_map(|node| [&node.profile.email, &node.claimed_email]);
        Self {
            emails: emails.flatten().cloned().collect(),
            external_ids: nodes
                .iter()
                .filter_map(|node| node.external_id.clone())
                .collect(),
            first_name: newest(|told| told.first_name.as_ref()),
            last_name: newest(|told| told.last_name.as_ref()),
            phone: told.iter().find_map(|told| told.phone.clone()),
            tags: nodes
                .iter()
                .flat_map(|node| node.tags.iter().map(str::to_owned))
                .collect(),
            labels: labels_of(nodes, &settings.tag_labels),
        }
    }
}

impl Money {
    pub(super) fn of(nodes: &[Node], view: &View, settings: &Settings) -> Self {
        let sums = &view.sums;
        let currency = nodes.iter().find_map(|node| node.currency);
        Self {
            currency: currency.or(settings.reporting_currency),
            orders_count: sums.orders,
            gross: sums.gross,
            net: sums.net(),
            refunded: sums.refunded,
            average_order_value: sums.average_order_value(),
            first_order_at: view.span.map(|(first, _)| first),
            last_order_at: view.span.map(|(_, last)| last),
        }
    }
}

impl GivenBack {
    pub(super) fn of(view: &View) -> Self {
        let sums = &view.sums;
        Self {
            units_bought: sums.units_bought,
            units_returned: sums.units_returned,
            return_documents: sums.return_documents,
            return_rates: Rates::of(sums),
        }
    }
}

/// Profiles of a person's nodes, the one told last first.
pub(crate) fn newest_first(nodes: &[Node]) -> Vec<&Told> {
    let mut nodes: Vec<_> = nodes.iter().collect();
    nodes.sort_by_key(|node| std::cmp::Reverse(node.told));
    nodes.into_iter().map(|node| &node.profile).collect()
}

impl Rates {
    fn of(sums: &Sums) -> Self {
        let rates = sums.return_rates();
        let text = |rate: rust_decimal::Decimal| rate.to_string();
        Self {
            orders: rates.orders.map(text),
            units: rates.units.map(text),
            value: rates.value.map(text),
        }
    }
}
