//! An order: what a source says of it, what it is worth, what became of it.
//!
//! One record gathers every fact about an order (its body, refunds, returns,
//! fulfilments), whatever order they arrive in. What it adds to its customer
//! is a pure function of that record: [`Order::contribution`].

mod before;
mod bill;
mod body;
mod cost;
mod fulfilment;
mod happening;
mod origin;
mod returned;
mod summary;
mod worth;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use bill::{Terms, Unpaid};
pub use body::{Acquisition, Channel, FinancialStatus, Line, OrderBody};
pub use cost::{DatedCosts, cost_on};
pub use fulfilment::{Fulfilment, FulfilmentStatus, ShipmentEvent};
pub use happening::{Happened, Happening};
pub use origin::{NotAnOrigin, Origin, OriginParts};
pub(crate) use origin::{campaign_medium, campaign_source};
pub use summary::{OrderSummary, ReturnSummary};
pub use worth::{CannotCount, Contribution};

use crate::identity::{ExternalId, NodeId};
use crate::money::Amount;
use crate::returns::{Refund, Return, ReturnChange};
use crate::stamp::Stamp;

/// Everything known of one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The source's id of it.
    pub id: ExternalId,
    /// Whose it is; nobody's while only facts beside the order are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeId>,
    /// Digest of the address by which its guest was found, where one was: who
    /// goes by it may change, and the order stays.
    #[serde(rename = "by", default, skip_serializing_if = "Option::is_none")]
    pub addressed: Option<u64>,
    /// Newest body with its version; absent on a stub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<(Stamp, OrderBody)>,
    /// Refunds by the source's id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refunds: BTreeMap<String, Refund>,
    /// Returns by the source's id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub returns: BTreeMap<String, Return>,
    /// Fulfilments by the source's id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fulfilments: BTreeMap<String, Fulfilment>,
    /// Edits announced, by the source's id; their content comes with the
    /// body that follows.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub edits: BTreeMap<String, Stamp>,
    /// What its products cost at the sale, by the store's table of costs, in
    /// the reporting currency: kept when a product is first seen on it, never
    /// changed after.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub table_costs: BTreeMap<String, Amount>,
    /// Whether its buyer was forgotten: no text that may name them is kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
    /// What is counted for it in its node's totals now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted: Option<Contribution>,
}

/// One delivery's news about an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderChange {
    /// A full body, with the refunds and fulfilments it lists.
    Body(Box<OrderSnapshot>),
    /// A refund, by its id.
    Refund(String, Refund),
    /// News of a return, by its id.
    Return(String, ReturnChange),
    /// A fulfilment, by its id.
    Fulfilment(String, Fulfilment),
    /// A shipment event: the fulfilment's id, the event's id, the event.
    Shipment(String, String, ShipmentEvent),
    /// An edit was committed, by its id.
    Edited(String, Stamp),
}

impl OrderChange {
    /// Takes out every text that may name who bought.
    pub fn redact(&mut self) {
        if let Self::Body(snapshot) = self {
            snapshot.body.redact();
        }
    }
}

/// A full body as one delivery tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderSnapshot {
    /// Which version it is.
    pub stamp: Stamp,
    /// The order itself.
    pub body: OrderBody,
    /// Refunds it lists.
    pub refunds: BTreeMap<String, Refund>,
    /// Fulfilments it lists.
    pub fulfilments: BTreeMap<String, Fulfilment>,
}

/// Where an order stands, derived from its facts (DOMAIN section 2).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Nothing sent yet.
    Pending,
    /// Sent, at least in part.
    Shipped,
    /// The last shipment arrived.
    Delivered,
    /// Some units came back.
    PartiallyReturned,
    /// All units came back.
    Returned,
    /// Called off.
    Cancelled,
}

impl Order {
    /// A stub: nothing known but the id.
    #[must_use]
    pub fn unknown(id: ExternalId) -> Self {
        Self {
            id,
            node: None,
            addressed: None,
            body: None,
            refunds: BTreeMap::new(),
            returns: BTreeMap::new(),
            fulfilments: BTreeMap::new(),
            edits: BTreeMap::new(),
            table_costs: BTreeMap::new(),
            redacted: false,
            counted: None,
        }
    }

    /// Takes one delivery's news in; whatever is older than what is known
    /// stays out. The same news in any order, any number of times, gives the
    /// same order.
    pub fn apply(&mut self, change: &OrderChange) {
        match change {
            OrderChange::Body(snapshot) => self.apply_snapshot(snapshot),
            OrderChange::Refund(id, refund) => self.apply_refund(id, refund),
            OrderChange::Return(id, news) => {
                self.returns.entry(id.clone()).or_default().apply(news);
            }
            OrderChange::Fulfilment(id, news) => self.apply_fulfilment(id, news),
            OrderChange::Shipment(fulfilment, id, event) => {
                let fulfilment = self.fulfilments.entry(fulfilment.clone()).or_default();
                fulfilment.apply_event(id, event);
            }
            OrderChange::Edited(id, stamp) => {
                let known = self.edits.entry(id.clone()).or_insert(*stamp);
                *known = (*known).max(*stamp);
            }
        }
        if self.redacted {
            self.redact();
        }
    }

    /// Forgets who bought, now and in all news to come: the number people use,
    /// labels, and titles of lines that are no product of the shop's may name
    /// a person. Everything that counts stays.
    pub fn redact(&mut self) {
        let Self {
            addressed,
            body,
            redacted,
            id: _,
            node: _,
            refunds: _,
            returns: _,
            fulfilments: _,
            edits: _,
            table_costs: _,
            counted: _,
        } = self;
        *redacted = true;
        *addressed = None;
        if let Some((_, body)) = body {
            body.redact();
        }
    }

    fn apply_snapshot(&mut self, snapshot: &OrderSnapshot) {
        let stored = self.body.as_ref().map(|(stamp, _)| stamp);
        if snapshot.stamp.replaces(stored) {
            self.body = Some((snapshot.stamp, snapshot.body.clone()));
        }
        for (id, refund) in &snapshot.refunds {
            self.apply_refund(id, refund);
        }
        for (id, fulfilment) in &snapshot.fulfilments {
            self.apply_fulfilment(id, fulfilment);
        }
    }

    fn apply_refund(&mut self, id: &str, refund: &Refund) {
        let stored = self.refunds.get(id).map(|known| &known.stamp);
        if refund.stamp.replaces(stored) {
            self.refunds.insert(id.to_owned(), refund.clone());
        }
    }

    fn apply_fulfilment(&mut self, id: &str, news: &Fulfilment) {
        self.fulfilments
            .entry(id.to_owned())
            .or_default()
            .apply(news);
    }

    /// Whether the order itself is known, not only facts about it.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.body.is_some()
    }

    /// Where the order stands.
    #[must_use]
    pub fn status(&self) -> OrderStatus {
        let Some((_, body)) = &self.body else {
            return OrderStatus::Pending;
        };
        if body.is_called_off() {
            return OrderStatus::Cancelled;
        }
        let (bought, returned) = (self.units_bought(), self.units_returned());
        if returned > 0 && returned >= bought {
            return OrderStatus::Returned;
        }
        if returned > 0 {
            return OrderStatus::PartiallyReturned;
        }
        self.delivery_status()
    }

    fn delivery_status(&self) -> OrderStatus {
        let sent = || self.fulfilments.values().filter(|f| f.is_sent());
        let body = self.body.as_ref().map(|(_, body)| body);
        let told = body.is_some_and(|body| body.fulfilled);
        if sent().next().is_none() {
            // Told with no shipment at all: over the counter it was handed out.
            return match body.map(|body| body.channel) {
                Some(Channel::Pos) if told && self.fulfilments.is_empty() => OrderStatus::Delivered,
                Some(_) if told && self.fulfilments.is_empty() => OrderStatus::Shipped,
                _ => OrderStatus::Pending,
            };
        }
        let units: i64 = sent().map(|fulfilment| fulfilment.units).sum();
        let all_sent = told || (units > 0 && units >= self.units_bought());
        let all_arrived = sent().all(|f| f.delivered_at().is_some());
        if all_sent && all_arrived {
            OrderStatus::Delivered
        } else {
            OrderStatus::Shipped
        }
    }
}
