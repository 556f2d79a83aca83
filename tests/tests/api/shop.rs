//! Customers and orders as the rest of the system would have recorded them.

use std::collections::BTreeMap;

use crm_domain::customer::{Node, ProfileStamp};
use crm_domain::identity::{Email, ExternalId, NodeId};
use crm_domain::money::{Amount, Currency};
use crm_domain::order::{
    Acquisition, Channel, FinancialStatus, Line, Order, OrderBody, OrderChange, OrderSnapshot,
};
use crm_domain::person::Person;
use crm_domain::returns::{LooseReturn, Refund};
use crm_domain::segment::{Rules, Subject, assess};
use crm_domain::settings::Settings;
use crm_domain::stamp::Stamp;
use crm_store::{Changes, Claim, Committed, LooseReturnRecord, OrderRecord, PersonRecord, Store};
use jiff::{SignedDuration, Timestamp};

use crate::support::now;

/// A customer in the making.
pub struct Customer {
    pub node: Node,
    orders: Vec<OrderRecord>,
    returns: Vec<LooseReturnRecord>,
}

pub fn external(text: &str) -> ExternalId {
    ExternalId::parse(text).unwrap()
}

pub fn customer(id: &str, external_id: &str, email: &str) -> Customer {
    let id = NodeId::parse(id).unwrap();
    let mut node = Node::new(id, Some(external(external_id)), now());
    node.profile.first_name = Some(format!("First {}", node.id));
    node.profile.email = Email::parse(email).ok();
    node.claimed_email.clone_from(&node.profile.email);
    node.told = Some(ProfileStamp {
        whole: true,
        stamp: stamp(),
    });
    node.currency = Currency::parse("EUR").ok();
    Customer {
        node,
        orders: Vec::new(),
        returns: Vec::new(),
    }
}

fn stamp() -> Stamp {
    Stamp {
        updated_at: Some(now()),
        triggered_at: None,
        rank: 0,
        digest: 1,
    }
}

pub fn days_ago(days: i64) -> Timestamp {
    now() - SignedDuration::from_hours(24 * days)
}

fn body(id: &str, placed_at: Timestamp, units: i64, price: &str) -> OrderBody {
    OrderBody {
        name: format!("#{id}"),
        placed_at,
        financial_status: FinancialStatus::Paid,
        has_payment_terms: false,
        terms: None,
        cancelled_at: None,
        is_test: false,
        fulfilled: false,
        channel: Channel::Web,
        currency: Currency::parse("EUR").unwrap(),
        lines: vec![Line {
            id: None,
            unit_cost: None,
            product: None,
            title: String::new(),
            quantity: units,
            unit_price: price.parse().unwrap(),
            discount: Amount::ZERO,
            tax_included: Amount::ZERO,
            is_gift_card: false,
        }],
        acquisition: Acquisition::default(),
        tags: Vec::new(),
    }
}

impl Customer {
    /// With an order of some units at a price, of which some came back.
    pub fn order(
        mut self,
        id: &str,
        placed_at: Timestamp,
        units: i64,
        price: &str,
        back: i64,
    ) -> Self {
        let of = self.node.external_id.clone().unwrap();
        let mut order = Order::unknown(of.beside(id).unwrap());
        order.node = Some(self.node.id.clone());
        let price: Amount = price.parse().unwrap();
        let refund = Refund {
            at: now(),
            amount: price.times(back).unwrap(),
            units_returned: back,
            units_cancelled: 0,
            back_in_stock: BTreeMap::new(),
            written_off: BTreeMap::new(),
            on_credit: false,
            return_id: None,
            stamp: stamp(),
        };
        let refunds = (back > 0).then(|| (format!("r{id}"), refund));
        order.apply(&OrderChange::Body(Box::new(OrderSnapshot {
            stamp: stamp(),
            body: body(id, placed_at, units, &price.to_string()),
            refunds: refunds.into_iter().collect(),
            fulfilments: BTreeMap::new(),
        })));
        order.counted = order.contribution(&Settings::default()).unwrap();
        self.node.totals.replace(None, order.counted.as_ref());
        self.orders.push(OrderRecord {
            version: 0,
            order,
            touched_at: now(),
            fresh: false,
            returning: false,
        });
        self
    }

    /// With a return of no order.
    pub fn loose_return(mut self, id: &str, at: Timestamp, amount: &str, units: i64) -> Self {
        let amount: Amount = amount.parse().unwrap();
        let counted = (amount, units);
        self.node.totals.replace_loose_return(None, Some(counted));
        self.returns.push(LooseReturnRecord {
            version: 0,
            id: self.node.external_id.clone().unwrap().beside(id).unwrap(),
            node: self.node.id.clone(),
            news: LooseReturn {
                at,
                amount,
                units,
                stamp: stamp(),
            },
            counted,
            touched_at: now(),
        });
        self
    }

    pub fn assessed(mut self) -> Self {
        let settings = Settings::default();
        let on = settings.date_of(now());
        self.node.assessment = Some(assess(
            &Subject::of_node(&self.node),
            &Rules::alone(&settings),
            on,
            None,
        ));
        self
    }

    pub async fn record(self, store: &Store) -> NodeId {
        let id = self.node.id.clone();
        let mut changes = Changes::new();
        changes.node_put(&self.node).unwrap();
        let external = self.node.external_id.clone().unwrap();
        store
            .shop_register(external.source(), external.shop())
            .await
            .unwrap();
        changes.claim(&Claim::Id(external), &id).unwrap();
        if let Some(email) = self.node.claimed_email {
            changes.claim(&Claim::Email(email), &id).unwrap();
        }
        commit(store, changes).await;
        for order in &self.orders {
            let mut changes = Changes::new();
            changes.order_put(order).unwrap();
            commit(store, changes).await;
        }
        for loose in &self.returns {
            let mut changes = Changes::new();
            changes.loose_return_put(loose).unwrap();
            commit(store, changes).await;
        }
        id
    }
}

async fn commit(store: &Store, changes: Changes) {
    assert_eq!(store.commit(changes).await.unwrap(), Committed::Done);
}

/// Joins two recorded customers under the first, and assesses them together.
pub async fn join(store: &Store, root: &NodeId, other: &NodeId) {
    let ids = [root.clone(), other.clone()];
    let how = crm_store::Consistency::Strong;
    let mut nodes = store.nodes_fetch(&ids, how).await.unwrap();
    let mut person = Person::of(&nodes[0]);
    let mut changes = Changes::new();
    for node in &mut nodes {
        node.root = Some(root.clone());
        node.assessment = None;
        changes.node_put(node).unwrap();
        node.version += 1;
    }
    person.sum(&nodes);
    let settings = Settings::default();
    let on = settings.date_of(now());
    person.assessment = Some(assess(
        &Subject::of_person(&person),
        &Rules::alone(&settings),
        on,
        None,
    ));
    changes.person_put(&person).unwrap();
    commit(store, changes).await;
    let joined = store.person_fetch(other, how).await.unwrap().unwrap();
    assert!(matches!(joined, PersonRecord::Joined(_, nodes) if nodes.len() == 2));
}
