//! News of orders.

use crm_domain::identity::{ExternalId, NodeId};
use crm_domain::money::Amount;
use crm_domain::order::{FinancialStatus, Order, OrderStatus};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Event, News, Written};

/// An order entered its customer's totals: when it first counted, or when it
/// turned out to be another customer's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCounted {
    /// The order.
    pub order_id: ExternalId,
    /// Whose it is.
    pub node_id: NodeId,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// Whether it is news, and not history brought in.
    pub fresh: bool,
    /// Whether the first order of its customer, as the source knows them, is
    /// news as well; of a person of several customers it may be so of one
    /// alone.
    #[serde(default = "yes")]
    pub newcomer: bool,
}

/// Events from before this was told go to whoever asks for newcomers.
fn yes() -> bool {
    true
}

/// What was noted of an order when it counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counting {
    /// Whether it was news.
    pub fresh: bool,
    /// Whether its customer's first order was.
    pub newcomer: bool,
}

/// An order left its customer's totals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderUncounted {
    /// The order.
    pub order_id: ExternalId,
    /// Whose it is.
    pub node_id: NodeId,
}

/// An order's status, worth or owner changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderChanged {
    /// The order.
    pub order_id: ExternalId,
    /// Whose it is.
    pub node_id: NodeId,
    /// Where it stands now.
    pub status: OrderStatus,
    /// Whether it is in the totals.
    pub counted: bool,
}

/// What an order's change is told as, if it is: being counted comes first,
/// and a fact about an order that is not known yet is no news.
#[must_use]
pub fn change(
    before: Option<&Order>,
    after: &Order,
    counting: Counting,
    written: Written,
) -> Option<Event> {
    let order_id = after.id.clone();
    let was_counted = before.is_some_and(|order| order.counted.is_some());
    let same_owner = before.is_some_and(|order| order.node == after.node);
    let news = match (&after.counted, &after.node) {
        (Some(counted), Some(node)) if !was_counted || !same_owner => {
            News::OrderCounted(OrderCounted {
                order_id,
                node_id: node.clone(),
                placed_at: counted.placed_at,
                fresh: counting.fresh,
                newcomer: counting.newcomer,
            })
        }
        (None, node) if was_counted => News::OrderUncounted(OrderUncounted {
            order_id,
            node_id: node.clone().or_else(|| before?.node.clone())?,
        }),
        (counted, node) => {
            let now = Outside::of(after)?;
            if before.and_then(Outside::of).as_ref() == Some(&now) {
                return None;
            }
            News::OrderChanged(OrderChanged {
                order_id,
                node_id: node.clone()?,
                status: now.status,
                counted: counted.is_some(),
            })
        }
    };
    Some(written.event(&format!("order/{}", after.id), news))
}

/// What somebody who looks at the order from outside would see change.
#[derive(PartialEq)]
struct Outside {
    node: Option<NodeId>,
    status: OrderStatus,
    paid: FinancialStatus,
    amounts: (Amount, Amount),
    units: (i64, i64),
}

impl Outside {
    fn of(order: &Order) -> Option<Self> {
        let seen = order.summary()?;
        Some(Self {
            node: order.node.clone(),
            status: seen.status,
            paid: seen.financial_status,
            amounts: (seen.gross, seen.refunded),
            units: (seen.units, seen.units_returned),
        })
    }
}
