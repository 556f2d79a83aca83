//! Who would come and go if other settings were in force.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::segment::{Assessment, Group};

/// Customers compared under two sets of rules.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Difference {
    /// Customers compared.
    pub customers: u64,
    /// By segment.
    pub segments: BTreeMap<String, Shift>,
    /// By group.
    pub groups: BTreeMap<String, Shift>,
}

/// What happens to one segment or group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Shift {
    /// Customers in it by the rules in force.
    pub now: u64,
    /// Customers in it by the other rules.
    pub then: u64,
    /// Customers who would enter it.
    pub enter: u64,
    /// Customers who would leave it.
    pub leave: u64,
}

impl Difference {
    /// Counts one customer, as the rules in force and the others see it.
    pub fn add(&mut self, now: &Assessment, then: &Assessment) {
        self.customers += 1;
        let segments = (Some(now.segment.name()), Some(then.segment.name()));
        shift(&mut self.segments, segments);
        let groups = (now.group.map(Group::name), then.group.map(Group::name));
        shift(&mut self.groups, groups);
    }

    /// Counts all that another one did.
    pub fn absorb(&mut self, other: Self) {
        self.customers += other.customers;
        absorb(&mut self.segments, other.segments);
        absorb(&mut self.groups, other.groups);
    }
}

fn shift(all: &mut BTreeMap<String, Shift>, (now, then): (Option<&str>, Option<&str>)) {
    if let Some(name) = now {
        let known = all.entry(name.to_owned()).or_default();
        known.now += 1;
        known.leave += u64::from(then != now);
    }
    if let Some(name) = then {
        let known = all.entry(name.to_owned()).or_default();
        known.then += 1;
        known.enter += u64::from(then != now);
    }
}

fn absorb(all: &mut BTreeMap<String, Shift>, other: BTreeMap<String, Shift>) {
    for (name, more) in other {
        let known = all.entry(name).or_default();
        known.now += more.now;
        known.then += more.then;
        known.enter += more.enter;
        known.leave += more.leave;
    }
}
