//! News of returns that belong to no order.

use crm_domain::identity::{ExternalId, NodeId};
use crm_domain::returns::LooseReturn;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Event, News, Written};

/// A return without an order was booked, or corrected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnRecorded {
    /// The return.
    pub return_id: ExternalId,
    /// Whose it is.
    pub node_id: NodeId,
    /// When it was booked.
    pub returned_at: Timestamp,
}

/// A return and whose it is.
pub type Booked<'a> = (&'a NodeId, &'a LooseReturn);

/// What a loose return's change is told as, if it is: the first booking, and
/// every later one with another amount, number of units, date or owner.
#[must_use]
pub fn change(
    id: &ExternalId,
    before: Option<Booked<'_>>,
    after: Booked<'_>,
    written: Written,
) -> Option<Event> {
    let seen = |(node, booked): Booked<'_>| (node.clone(), booked.at, booked.amount, booked.units);
    if before.map(seen) == Some(seen(after)) {
        return None;
    }
    let (node, booked) = after;
    let news = News::ReturnRecorded(ReturnRecorded {
        return_id: id.clone(),
        node_id: node.clone(),
        returned_at: booked.at,
    });
    Some(written.event(&format!("return/{id}"), news))
}
