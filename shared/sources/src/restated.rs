//! An order that waits to be counted and whose buyer was forgotten: told once
//! more in our own words, without whoever bought it.

use crm_domain::fact::Fact;
use crm_domain::identity::ExternalId;
use crm_domain::order::OrderChange;
use serde::{Deserialize, Serialize};

use crate::delivery::Delivery;
use crate::unreadable::{Problem, Unreadable};

/// The topic of such a delivery, which no other sender uses.
pub const TOPIC: &str = "crm/order-restated";

#[derive(Serialize, Deserialize)]
struct Restated {
    order: ExternalId,
    change: OrderChange,
}

/// The same order news in a delivery that names nobody: whose the order is has
/// to stand on its record already.
///
/// # Panics
///
/// Never: an order is plain data.
#[must_use]
pub fn of(delivery: &Delivery, order: &ExternalId, change: &OrderChange) -> Delivery {
    let mut change = change.clone();
    change.redact();
    let told = Restated {
        order: order.clone(),
        change,
    };
    Delivery {
        topic: TOPIC.to_owned(),
        body: serde_json::to_vec(&told).expect("an order is plain data"),
        webhook_id: None,
        event_id: None,
        ..delivery.clone()
    }
}

pub(crate) fn read(delivery: &Delivery) -> Result<Fact, Unreadable> {
    let unreadable = |field: &str, problem| Unreadable {
        dialect: delivery.dialect,
        field: field.to_owned(),
        problem,
    };
    let told: Result<Restated, _> = serde_json::from_slice(&delivery.body);
    let told = told.map_err(|_| unreadable("body", Problem::WrongForm))?;
    let here = told.order.source() == delivery.source && told.order.shop() == delivery.shop;
    if !here {
        return Err(unreadable("order", Problem::Unknown));
    }
    Ok(Fact::Order {
        order: told.order,
        change: told.change,
        buyer: None,
    })
}
