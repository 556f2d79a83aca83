//! The event bus: what happened goes to everyone whose rule asks for it.
//!
//! Reference: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events.html>

mod api;
mod input;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::Timestamp;
use rusqlite::Transaction;
use serde_json::Value;

pub use input::Input;

use super::ServiceError;
use super::deliveries::{AfterFailure, Deliveries, Delivery};
use super::destination::{Destination, Retry};
use super::ledger::Ledger;
use super::pattern::Pattern;
use crate::clock::Clock;

/// Which events of a bus go where.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The rule's name, unique on its bus.
    pub name: String,
    /// The bus it listens to.
    pub bus: String,
    /// Which events it is for.
    pub pattern: Pattern,
    /// Who gets them.
    pub targets: Vec<Target>,
}

/// One of those who get a rule's events.
#[derive(Debug, Clone)]
pub struct Target {
    /// A queue or a function.
    pub destination: Destination,
    /// What of the event it gets.
    pub input: Input,
    /// How often delivery is tried.
    pub retry: Retry,
}

/// The buses and their rules.
pub struct Bus {
    ledger: Arc<Ledger>,
    deliveries: Arc<Deliveries>,
    clock: Clock,
    wiring: Mutex<Wiring>,
}

#[derive(Default)]
struct Wiring {
    buses: BTreeSet<String>,
    rules: Vec<Rule>,
}

impl Bus {
    pub(super) fn new(ledger: Arc<Ledger>, deliveries: Arc<Deliveries>, clock: Clock) -> Self {
        Self {
            ledger,
            deliveries,
            clock,
            wiring: Mutex::default(),
        }
    }

    /// Makes a bus. Doing so again changes nothing.
    pub fn create(&self, name: &str) {
        let mut wiring = self.wiring();
        wiring.buses.insert(name.to_owned());
    }

    /// Adds a rule, in place of one of the same bus and name.
    pub fn rule(&self, rule: Rule) {
        let mut wiring = self.wiring();
        let same = |other: &Rule| other.bus == rule.bus && other.name == rule.name;
        wiring.rules.retain(|other| !same(other));
        wiring.rules.push(rule);
    }

    /// Takes what is due to a target; see [`Deliveries::take`]. Firings of schedules are among it.
    ///
    /// # Errors
    ///
    /// [`ServiceError`].
    pub fn take_deliveries(&self, now: Timestamp) -> Result<Vec<Delivery>, ServiceError> {
        self.deliveries.take(now)
    }

    /// Settles a delivery; see [`Deliveries::delivered`].
    ///
    /// # Errors
    ///
    /// [`ServiceError`].
    pub fn delivered(&self, id: i64) -> Result<(), ServiceError> {
        self.deliveries.delivered(id)
    }

    /// Settles a failed try; see [`Deliveries::failed`].
    ///
    /// # Errors
    ///
    /// [`ServiceError`].
    pub fn failed(
        &self,
        id: i64,
        reason: &str,
        now: Timestamp,
    ) -> Result<AfterFailure, ServiceError> {
        self.deliveries.failed(id, reason, now)
    }

    /// Queues an event for the targets of every rule it fits.
    fn publish(
        &self,
        file: &Transaction,
        bus: &str,
        event: &Value,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let wiring = self.wiring();
        let of_bus = wiring.rules.iter().filter(|rule| rule.bus == bus);
        for rule in of_bus.filter(|rule| rule.pattern.matches(event)) {
            let origin = format!("rule/{bus}/{}", rule.name);
            for target in &rule.targets {
                let payload = target.input.of(event);
                let (to, retry) = (&target.destination, &target.retry);
                Deliveries::add(file, &origin, to, &payload, retry, now)?;
            }
        }
        Ok(())
    }

    fn has(&self, bus: &str) -> bool {
        self.wiring().buses.contains(bus)
    }

    fn wiring(&self) -> MutexGuard<'_, Wiring> {
        self.wiring.lock().expect("no holder of wiring panics")
    }
}
