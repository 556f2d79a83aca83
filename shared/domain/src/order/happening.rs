//! What happened to an order, and when.

use jiff::Timestamp;

use super::Order;
use crate::money::Amount;
use crate::returns::ReturnStatus;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: Happened,
}

/// Kinds of things that happen to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// It was placed.
    Placed,
    /// It was called off.
    Cancelled,
    /// Part of it was sent, by the source's id of the shipment.
    Shipped(String),
    /// A shipment arrived.
    Delivered(String),
    /// A return, by its id, came to a state.
    Returned(String, ReturnStatus),
    /// Merchandise was paid back, by the refund's id, in the order's currency.
    Refunded(String, Amount),
}

impl Happened {
    /// Its word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Placed => "order",
            Self::Cancelled => "order_cancelled",
            Self::Shipped(_) => "shipment",
            Self::Delivered(_) => "delivery",
            Self::Returned(..) => "return",
            Self::Refunded(..) => "refund",
        }
    }

    /// The source's id of it, where it has one beside the order's.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Placed | Self::Cancelled => None,
            Self::Shipped(id)
            | Self::Delivered(id)
            | Self::Returned(id, _)
            | Self::Refunded(id, _) => Some(id),
        }
    }
}

impl Order {
    /// All that is known to have happened, in no particular order. Nothing
    /// happens to an order before it is placed, whatever a source's clock
    /// says; what is undated, such as a return of which only samples told, is
    /// as old as the order.
    #[must_use]
    pub fn happenings(&self) -> Vec<Happening> {
        let Some((_, body)) = &self.body else {
            return Vec::new();
        };
        let placed = body.placed_at;
        let mut all = vec![(Some(placed), Happened::Placed)];
        if body.cancelled_at.is_some() {
            all.push((body.cancelled_at, Happened::Cancelled));
        }
        for (id, sent) in self.fulfilments.iter().filter(|(_, f)| f.is_sent()) {
            all.push((sent.created_at, Happened::Shipped(id.clone())));
            if let Some(at) = sent.delivered_at() {
                all.push((Some(at), Happened::Delivered(id.clone())));
            }
        }
        for (id, news) in &self.returns {
            for (at, status) in news.states() {
                all.push((at, Happened::Returned(id.clone(), status)));
            }
        }
        for (id, refund) in &self.refunds {
            let what = Happened::Refunded(id.clone(), refund.amount);
            all.push((Some(refund.at), what));
        }
        let dated = all.into_iter().map(|(at, what)| Happening {
            at: at.unwrap_or(placed).max(placed),
            what,
        });
        dated.collect()
    }
}
