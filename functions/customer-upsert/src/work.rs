//! One delivery's reads and the writes decided from them.
//!
//! Everything is held as it was read and as it should be; what differs at the
//! end is written, each item on the version it was read at. Nothing is
//! written here: a try that lost its race is thrown away whole.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crm_domain::customer::Node;
use crm_domain::fact::Fact;
use crm_domain::identity::{ExternalId, NodeId};
use crm_domain::merge::Merge;
use crm_domain::order::{DatedCosts, Order};
use crm_domain::person::Person;
use crm_domain::settings::Settings;
use crm_lambda::Random;
use crm_store::{
    Changes, Claim, Consistency, LooseReturnRecord, OrderRecord, ReturnPointer, Store, StoreError,
    Wanted,
};
use jiff::Timestamp;

use crate::UpsertError;
use crate::tombs::Tombs;

/// Something as it was read and as it should be; absent is `None`.
#[derive(Debug)]
pub(crate) struct Held<T> {
    before: Option<T>,
    pub(crate) now: Option<T>,
}

impl<T: Clone + PartialEq> Held<T> {
    pub(crate) fn read(found: Option<T>) -> Self {
        Self {
            now: found.clone(),
            before: found,
        }
    }

    fn changed(&self) -> bool {
        self.before != self.now
    }
}

/// What every delivery is worked on with.
#[derive(Clone, Copy)]
pub(crate) struct Means<'a> {
    pub(crate) store: &'a Store,
    pub(crate) random: &'a Random,
    pub(crate) tombs: &'a Tombs,
    /// The time now, for the age of what was fetched; it decides nothing.
    pub(crate) clock: Timestamp,
}

/// A unit of work for one delivery.
pub(crate) struct Work<'a> {
    pub(crate) means: Means<'a>,
    pub(crate) settings: &'a Settings,
    how: Consistency,
    /// Time carried by the delivery.
    pub(crate) now: Timestamp,
    pub(crate) nodes: BTreeMap<NodeId, Held<Node>>,
    pub(crate) persons: BTreeMap<NodeId, Held<Person>>,
    pub(crate) claims: HashMap<Claim, Held<NodeId>>,
    pub(crate) orders: BTreeMap<ExternalId, Held<OrderRecord>>,
    pub(crate) pointers: BTreeMap<ExternalId, Held<ReturnPointer>>,
    pub(crate) loose: BTreeMap<ExternalId, Held<LooseReturnRecord>>,
    /// What products cost: only read, and none for one that nobody told of.
    pub(crate) costs: BTreeMap<ExternalId, DatedCosts>,
    pub(crate) merges: Vec<Merge>,
}

impl<'a> Work<'a> {
    pub(crate) fn new(
        means: Means<'a>,
        settings: &'a Settings,
        how: Consistency,
        now: Timestamp,
    ) -> Self {
        Self {
            means,
            settings,
            how,
            now,
            nodes: BTreeMap::new(),
            persons: BTreeMap::new(),
            claims: HashMap::new(),
            orders: BTreeMap::new(),
            pointers: BTreeMap::new(),
            loose: BTreeMap::new(),
            costs: BTreeMap::new(),
            merges: Vec::new(),
        }
    }

    /// Decides what a fact changes.
    pub(crate) async fn take(&mut self, fact: &Fact) -> Result<(), UpsertError> {
        match fact {
            Fact::Order {
                order,
                change,
                buyer,
            } => self.order_news(order, change, buyer.as_ref()).await,
            Fact::Return { id, change } => self.return_news(id, change).await,
            Fact::LooseReturn {
                id,
                news,
                currency,
                buyer,
            } => self.loose_return(id, news, *currency, buyer).await,
            Fact::Customer(customer) => self.customer_news(customer).await,
            Fact::Consent { id, news } => self.consent_news(id, news).await,
            Fact::Tags { id, stamp, news } => self.tag_news(id, *stamp, news).await,
            Fact::CustomerDeleted { id, stamp } => self.customer_deleted(id, *stamp).await,
            Fact::CustomersMerged {
                kept,
                gone,
                told_at,
            } => self.customers_merged(kept, gone, *told_at).await,
            // Of nobody: kept by themselves.
            Fact::Privacy(_) | Fact::Product { .. } => Ok(()),
        }
    }

    /// Reads what is not held yet.
    pub(crate) async fn hold(&mut self, wish: Wish) -> Result<(), StoreError> {
        let mut wanted = Wanted::default();
        let wish = wish.without(self);
        wish.claims.iter().for_each(|claim| {
            wanted.claim(claim);
        });
        wish.nodes.iter().for_each(|id| {
            wanted.node(id);
        });
        wish.persons.iter().for_each(|id| {
            wanted.person(id);
        });
        wish.orders.iter().for_each(|id| {
            wanted.order(id);
        });
        wish.pointers.iter().for_each(|id| {
            wanted.return_pointer(id);
        });
        wish.loose.iter().for_each(|id| {
            wanted.loose_return(id);
        });
        wish.costs.iter().for_each(|product| {
            wanted.cost(product);
        });
        let found = self.means.store.load(&wanted, self.how).await?;
        for claim in wish.claims {
            let holder = Held::read(found.claim(&claim)?);
            self.claims.insert(claim, holder);
        }
        for id in wish.nodes {
            let node = Held::read(found.node(&id)?);
            self.nodes.insert(id, node);
        }
        for id in wish.persons {
            let person = Held::read(found.person(&id)?);
            self.persons.insert(id, person);
        }
        for id in wish.orders {
            let order = Held::read(found.order(&id)?);
            self.orders.insert(id, order);
        }
        for id in wish.pointers {
            let pointer = Held::read(found.return_pointer(&id)?);
            self.pointers.insert(id, pointer);
        }
        for id in wish.loose {
            let record = Held::read(found.loose_return(&id)?);
            self.loose.insert(id, record);
        }
        for product in wish.costs {
            let costs = found.cost(&product)?.map(|record| record.costs);
            self.costs.insert(product, costs.unwrap_or_default());
        }
        Ok(())
    }

    /// A node that is held; a claim may point at one that was never written,
    /// and then it is as good as new.
    pub(crate) async fn node(&mut self, id: &NodeId) -> Result<&mut Node, StoreError> {
        self.hold(Wish::node(id)).await?;
        let now = self.now;
        let held = self
            .nodes
            .entry(id.clone())
            .or_insert_with(|| Held::read(None));
        Ok(held
            .now
            .get_or_insert_with(|| Node::new(id.clone(), None, now)))
    }

    /// An id of nothing yet.
    pub(crate) fn random_id(&self) -> String {
        self.means.random.id()
    }

    /// A node that did not exist.
    pub(crate) fn new_node(&mut self, external_id: Option<ExternalId>) -> NodeId {
        let id = NodeId::parse(&self.random_id()).expect("random ids are node ids");
        let node = Node::new(id.clone(), external_id, self.now);
        let held = Held {
            before: None,
            now: Some(node),
        };
        self.nodes.insert(id.clone(), held);
        id
    }

    /// The order as it should be; a stub of it if nobody knows it yet.
    pub(crate) fn order(&mut self, id: &ExternalId) -> &mut OrderRecord {
        let now = self.now;
        let held = self
            .orders
            .entry(id.clone())
            .or_insert_with(|| Held::read(None));
        held.now.get_or_insert_with(|| OrderRecord {
            version: 0,
            order: Order::unknown(id.clone()),
            touched_at: now,
            fresh: false,
            returning: false,
        })
    }

    /// Whatever differs from what was read, as guarded writes.
    pub(crate) fn into_changes(mut self) -> Result<Changes, StoreError> {
        let mut changes = Changes::new();
        self.touch();
        for (claim, held) in &self.claims {
            match (&held.before, &held.now) {
                (None, Some(node)) => changes.claim(claim, node)?,
                (Some(node), None) => changes.release(claim, node),
                (Some(from), Some(to)) if from != to => changes.claim_move(claim, from, to)?,
                (Some(_), Some(_)) | (None, None) => {}
            }
        }
        for held in self.nodes.values().filter(|held| held.changed()) {
            let node = held.now.as_ref();
            node.map_or(Ok(()), |node| changes.node_put(node))?;
        }
        for held in self.persons.values().filter(|held| held.changed()) {
            match (&held.before, &held.now) {
                (Some(_), Some(person)) => changes.person_put(person)?,
                (None, Some(person)) => changes.person_begin(person)?,
                (Some(person), None) => changes.person_delete(person),
                (None, None) => {}
            }
        }
        for merge in &self.merges {
            changes.merge_put(merge)?;
        }
        for held in self.orders.values().filter(|held| held.changed()) {
            held.now
                .as_ref()
                .map_or(Ok(()), |order| changes.order_put(order))?;
        }
        for owner in self.new_owners() {
            // One that changes is written on its version anyway.
            let held = self.nodes.get(owner).filter(|held| !held.changed());
            if let Some(node) = held.and_then(|held| held.before.as_ref()) {
                changes.node_check(node);
            }
        }
        for held in self.pointers.values().filter(|held| held.changed()) {
            let pointer = held.now.as_ref();
            pointer.map_or(Ok(()), |pointer| changes.return_pointer_put(pointer))?;
        }
        for held in self.loose.values().filter(|held| held.changed()) {
            let record = held.now.as_ref();
            record.map_or(Ok(()), |record| changes.loose_return_put(record))?;
        }
        Ok(changes)
    }

    /// Whose orders are new to them and name them. One that counts nothing
    /// leaves its node as it is, and a sweep that forgets the node meanwhile
    /// would pass it by.
    fn new_owners(&self) -> BTreeSet<&NodeId> {
        fn owner(held: &Held<OrderRecord>) -> Option<&NodeId> {
            let order = held.now.as_ref().map(|record| &record.order);
            let order = order.filter(|order| !order.redacted)?;
            let before = held.before.as_ref();
            let before = before.and_then(|record| record.order.node.as_ref());
            order.node.as_ref().filter(|node| before != Some(*node))
        }
        self.orders.values().filter_map(owner).collect()
    }

    /// Dates what changed by the delivery's time, and nothing else.
    fn touch(&mut self) {
        let at = self.now;
        for held in self.nodes.values_mut().filter(|held| held.changed()) {
            held.now.iter_mut().for_each(|node| node.touch(at));
        }
        for held in self.orders.values_mut().filter(|held| held.changed()) {
            held.now
                .iter_mut()
                .for_each(|order| order.touched_at = order.touched_at.max(at));
        }
        for held in self.loose.values_mut().filter(|held| held.changed()) {
            held.now
                .iter_mut()
                .for_each(|record| record.touched_at = record.touched_at.max(at));
        }
    }
}

/// What a step needs to have read.
#[derive(Debug, Default)]
pub(crate) struct Wish {
    pub(crate) claims: Vec<Claim>,
    pub(crate) nodes: Vec<NodeId>,
    pub(crate) persons: Vec<NodeId>,
    pub(crate) orders: Vec<ExternalId>,
    pub(crate) pointers: Vec<ExternalId>,
    pub(crate) loose: Vec<ExternalId>,
    pub(crate) costs: Vec<ExternalId>,
}

impl Wish {
    pub(crate) fn node(id: &NodeId) -> Self {
        Self {
            nodes: vec![id.clone()],
            ..Self::default()
        }
    }

    pub(crate) fn person(id: &NodeId) -> Self {
        Self {
            persons: vec![id.clone()],
            ..Self::default()
        }
    }

    pub(crate) fn claim(claim: &Claim) -> Self {
        Self {
            claims: vec![claim.clone()],
            ..Self::default()
        }
    }

    fn without(mut self, held: &Work<'_>) -> Self {
        self.claims.retain(|claim| !held.claims.contains_key(claim));
        self.nodes.retain(|id| !held.nodes.contains_key(id));
        self.persons.retain(|id| !held.persons.contains_key(id));
        self.orders.retain(|id| !held.orders.contains_key(id));
        self.pointers.retain(|id| !held.pointers.contains_key(id));
        self.loose.retain(|id| !held.loose.contains_key(id));
        self.costs.retain(|id| !held.costs.contains_key(id));
        self
    }
}
