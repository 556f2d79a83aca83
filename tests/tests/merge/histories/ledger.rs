//! What was told in a history, of whom, and which node it has to lie on.

use std::collections::{BTreeMap, BTreeSet};

use crm_domain::identity::NodeId;
use crm_sources::Delivery;
use serde_json::Value;

use super::happening::Deed;

/// Everything that was told.
#[derive(Default)]
pub struct Ledger {
    pub customers: Vec<Customer>,
    /// Orders by their number.
    pub orders: BTreeMap<u64, Placed>,
    /// Cases that are open, by the node they were opened for.
    pub cases: BTreeMap<String, NodeId>,
    /// What was said, by the node it was said to.
    pub communications: BTreeMap<NodeId, usize>,
    /// Every id that was ever anybody's.
    pub ids: BTreeSet<NodeId>,
    /// Every delivery, as it came first.
    pub told: Vec<Delivery>,
    /// Orders placed in the present step.
    pub placed_now: Vec<u64>,
    /// Whether anybody was joined or parted by hand or at a source in it.
    pub people_changed: bool,
    pub numbers: u64,
    /// What happened in the present step.
    pub happened: Vec<Deed>,
}

/// One shop's customer, as the shop tells it.
pub struct Customer {
    pub shop: &'static str,
    pub id: u64,
    pub node: NodeId,
    /// None of who was deleted.
    pub profile: Option<Told>,
    /// What was decided about marketing last.
    pub consent: Option<bool>,
    /// The field `birthday`.
    pub born: Option<String>,
}

/// What a shop's newest news of a customer says.
#[derive(Clone)]
pub struct Told {
    pub name: String,
    pub email: String,
    pub tags: BTreeSet<String>,
}

/// An order, its present body, and the node it has to lie on.
pub struct Placed {
    pub shop: &'static str,
    pub node: NodeId,
    pub body: Value,
    pub refunds: u32,
    /// Nobody was named with it yet.
    pub is_nameless: bool,
}

impl Customer {
    pub fn new((shop, id): (&'static str, u64), node: NodeId, email: &str) -> Self {
        let told = Told {
            name: "X".to_owned(),
            email: email.to_owned(),
            tags: BTreeSet::new(),
        };
        Self {
            shop,
            id,
            node,
            profile: Some(told),
            consent: None,
            born: None,
        }
    }
}

impl Ledger {
    pub fn begin_step(&mut self) {
        self.placed_now.clear();
        self.happened.clear();
        self.people_changed = false;
    }

    /// A number that no fact has yet.
    pub fn number(&mut self) -> u64 {
        self.numbers += 1;
        1000 + self.numbers
    }

    /// Every address anybody goes by, or a guest may use.
    pub fn addresses(&self) -> Vec<String> {
        let profiles = self.customers.iter().filter_map(|one| one.profile.as_ref());
        let known = profiles.map(|told| told.email.clone());
        let others = (0..4).map(|n| format!("x{n}@example.com"));
        known.chain(others).collect()
    }
}
