//! A customer as the API shows it.
//!
//! Amounts are exact decimals as text, in `currency`; an order's are in its
//! own. Only the average and the rates, which are quotients, are rounded: to
//! six decimals, half to even.

use std::collections::BTreeSet;

use crm_domain::customer::{Node, Profile};
use crm_domain::identity::{Email, ExternalId, NodeId, Phone};
use crm_domain::merge::Merge;
use crm_domain::money::{Amount, Currency};
use crm_domain::order::{Channel, FinancialStatus, OrderStatus, OrderSummary};
use crm_domain::returns::{Resolution, ReturnStatus};
use crm_domain::settings::Settings;
use crm_domain::totals::Sums;
use crm_store::{LooseReturnSummary, PersonRecord};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::consent::Consent;
use super::facts::Facts;
use crate::assessment::{Assessed, Why, WorthView};
use crate::merges::MergeView;

/// A customer in a list.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Customer {
    id: NodeId,
    emails: BTreeSet<Email>,
    external_ids: BTreeSet<ExternalId>,
    first_name: Option<String>,
    last_name: Option<String>,
    phone: Option<Phone>,
    tags: BTreeSet<String>,
    #[serde(flatten)]
    consent: Consent,
    currency: Option<Currency>,
    orders_count: i64,
    gross: Amount,
    net: Amount,
    refunded: Amount,
    average_order_value: Option<Amount>,
    units_bought: i64,
    units_returned: i64,
    return_documents: i64,
    return_rates: Rates,
    first_order_at: Option<Timestamp>,
    last_order_at: Option<Timestamp>,
    assessment: Option<Assessed>,
}

/// Shares of what was sold that came back; null where nothing was sold.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ReturnRates")]
struct Rates {
    orders: Option<String>,
    units: Option<String>,
    value: Option<String>,
}

/// A customer with orders and returns.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CustomerWhole")]
pub(super) struct WholeCustomer {
    #[serde(flatten)]
    customer: Customer,
    /// Why the assessment is what it is; null before the first.
    why: Option<Why>,
    value: WorthView,
    /// Merges that made this person, or that were taken back.
    merges: Vec<MergeView>,
    orders: Vec<Order>,
    orders_cursor: Option<String>,
    returns: Vec<Return>,
    returns_cursor: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CustomerOrder")]
struct Order {
    id: ExternalId,
    name: String,
    placed_at: Timestamp,
    status: OrderStatus,
    financial_status: FinancialStatus,
    channel: Channel,
    counted: bool,
    currency: Currency,
    gross: Amount,
    refunded: Amount,
    units: i64,
    units_returned: i64,
}

/// A return of one of the orders shown, or of no order.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CustomerReturn")]
struct Return {
    id: String,
    order_id: Option<ExternalId>,
    status: Option<ReturnStatus>,
    units: i64,
    reason: Option<String>,
    resolution: Option<Resolution>,
    /// Of a return without an order: the money of others is in their orders.
    returned_at: Option<Timestamp>,
    refunded: Option<Amount>,
}

impl Customer {
    /// A person as the store's settings read it.
    pub(crate) fn of(person: &PersonRecord, settings: &Settings) -> Self {
        let view = person.totals().view(settings.count_zero_value_orders);
        let sums = view.sums;
        let nodes = person.nodes();
        let currency = nodes.iter().find_map(|node| node.currency);
        let profiles = newest_first(nodes);
        let newest =
            |part: fn(&Profile) -> Option<&String>| profiles.iter().find_map(|p| part(p)).cloned();
        let emails = nodes
            .iter()
            .flat_map(|node| [&node.profile.email, &node.claimed_email]);
        Self {
            id: person.id().clone(),
            emails: emails.flatten().cloned().collect(),
            external_ids: nodes
                .iter()
                .filter_map(|node| node.external_id.clone())
                .collect(),
            first_name: newest(|profile| profile.first_name.as_ref()),
            last_name: newest(|profile| profile.last_name.as_ref()),
            phone: profiles.iter().find_map(|profile| profile.phone.clone()),
            tags: nodes
                .iter()
                .flat_map(|node| node.tags.iter().map(str::to_owned))
                .collect(),
            consent: Consent::of(nodes),
            currency: currency.or(settings.reporting_currency),
            orders_count: sums.orders,
            gross: sums.gross,
            net: sums.net(),
            refunded: sums.refunded,
            average_order_value: sums.average_order_value(),
            units_bought: sums.units_bought,
            units_returned: sums.units_returned,
            return_documents: sums.return_documents,
            return_rates: Rates::of(&sums),
            first_order_at: view.span.map(|(first, _)| first),
            last_order_at: view.span.map(|(_, last)| last),
            assessment: person.assessment().map(Assessed::of),
        }
    }
}

/// Profiles of a person's nodes, the one told last first.
fn newest_first(nodes: &[Node]) -> Vec<&Profile> {
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

impl WholeCustomer {
    pub(super) fn new(
        customer: Customer,
        (why, value): (Option<Why>, WorthView),
        orders: Facts<OrderSummary>,
        loose: Facts<LooseReturnSummary>,
        counts_zero_value: bool,
    ) -> Self {
        let returns = orders.items.iter().flat_map(Return::of_order);
        let returns = returns
            .chain(loose.items.into_iter().map(Return::loose))
            .collect();
        let order = |summary| Order::of(summary, counts_zero_value);
        Self {
            customer,
            why,
            value,
            merges: Vec::new(),
            orders: orders.items.into_iter().map(order).collect(),
            orders_cursor: orders.cursor,
            returns,
            returns_cursor: loose.cursor,
        }
    }

    /// The same with its merges.
    pub(super) fn merged_by(mut self, merges: &[Merge]) -> Self {
        self.merges = merges.iter().map(MergeView::of).collect();
        self
    }
}

impl Order {
    fn of(summary: OrderSummary, counts_zero_value: bool) -> Self {
        Self {
            counted: summary.counted && (counts_zero_value || !summary.gross.is_zero()),
            id: summary.id,
            name: summary.name,
            placed_at: summary.placed_at,
            status: summary.status,
            financial_status: summary.financial_status,
            channel: summary.channel,
            currency: summary.currency,
            gross: summary.gross,
            refunded: summary.refunded,
            units: summary.units,
            units_returned: summary.units_returned,
        }
    }
}

impl Return {
    fn of_order(order: &OrderSummary) -> Vec<Self> {
        let returns = order.returns.iter().map(|summary| Self {
            id: summary.id.clone(),
            order_id: Some(order.id.clone()),
            status: Some(summary.status),
            units: summary.units,
            reason: summary.reason.clone(),
            resolution: summary.resolution,
            returned_at: None,
            refunded: None,
        });
        returns.collect()
    }

    fn loose(summary: LooseReturnSummary) -> Self {
        Self {
            id: summary.id.into(),
            order_id: None,
            status: None,
            units: summary.units,
            reason: None,
            resolution: None,
            returned_at: Some(summary.at),
            refunded: Some(summary.refunded),
        }
    }
}
