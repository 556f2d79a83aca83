//! What was sent, and when it arrived.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::stamp::Stamp;

/// One shipment of an order; a stub while only its events are known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Fulfilment {
    /// Newest state known, with its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<(Stamp, FulfilmentStatus)>,
    /// Units in it, as far as the source tells.
    #[serde(default)]
    pub units: i64,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When the fulfilment itself says that it arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrived_at: Option<Timestamp>,
    /// What happened on the way, by the source's event id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub events: BTreeMap<String, ShipmentEvent>,
}

/// Where a fulfilment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FulfilmentStatus {
    /// Asked for, not sent.
    Pending,
    /// Sent.
    Sent,
    /// Called off, or failed.
    Cancelled,
}

/// One event on the way of a shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentEvent {
    /// Which version of the event it is.
    pub stamp: Stamp,
    /// When it happened.
    pub at: Timestamp,
    /// Whether it says that the goods arrived.
    pub delivered: bool,
    /// Whether the event was taken back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

impl Fulfilment {
    /// Takes another telling of the same fulfilment in.
    pub fn apply(&mut self, news: &Self) {
        if let Some(state) = news.state
            && self.state.is_none_or(|known| known < state)
        {
            self.state = Some(state);
            self.created_at = news.created_at.or(self.created_at);
            self.arrived_at = news.arrived_at;
            self.units = news.units;
        }
        for (id, event) in &news.events {
            self.apply_event(id, event);
        }
    }

    /// Takes a shipment event in.
    pub fn apply_event(&mut self, id: &str, event: &ShipmentEvent) {
        let stored = self.events.get(id).map(|known| &known.stamp);
        if event.stamp.replaces(stored) {
            self.events.insert(id.to_owned(), event.clone());
        }
    }

    /// Whether it left the house.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        match self.state {
            Some((_, status)) => status == FulfilmentStatus::Sent,
            None => self.events.values().any(|event| !event.withdrawn),
        }
    }

    /// When it arrived, if it did.
    #[must_use]
    pub fn delivered_at(&self) -> Option<Timestamp> {
        let told = self.events.values().filter(|e| e.delivered && !e.withdrawn);
        told.map(|event| event.at).max().or(self.arrived_at)
    }
}
