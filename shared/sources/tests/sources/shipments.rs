//! Parcels and what happens to them.

use crm_domain::order::{FulfilmentStatus, OrderChange, OrderStatus};
use serde_json::json;

use crate::fixtures::{change, fulfilment, order, order_of, shipment, trouble};

#[test]
fn a_parcel_sent_and_arrived_makes_the_order_delivered() {
    let mut order = order();
    order["fulfillment_status"] = json!("fulfilled");
    let mut known = order_of("orders/fulfilled", &order);
    assert_eq!(known.status(), OrderStatus::Shipped, "so far as is told");
    known.apply(&change("fulfillments/create", &fulfilment()));
    assert_eq!(known.status(), OrderStatus::Shipped);
    known.apply(&change("fulfillment_events/create", &shipment()));
    assert_eq!(known.status(), OrderStatus::Delivered);
    // Taken back in the same second: the deletion is the later.
    known.apply(&change("fulfillment_events/delete", &shipment()));
    known.apply(&change("fulfillment_events/create", &shipment()));
    assert_eq!(known.status(), OrderStatus::Shipped);
}

#[test]
fn a_parcel_may_say_itself_that_it_arrived() {
    let mut body = fulfilment();
    body["shipment_status"] = json!("delivered");
    let OrderChange::Fulfilment(id, sent) = change("fulfillments/update", &body) else {
        panic!("a parcel");
    };
    assert_eq!(id, "4001");
    assert_eq!(
        sent.arrived_at,
        Some("2025-03-02T08:00:00Z".parse().unwrap())
    );
}

#[test]
fn a_parcels_states_are_known_or_refused() {
    for (word, status) in [
        ("pending", FulfilmentStatus::Pending),
        ("open", FulfilmentStatus::Pending),
        ("success", FulfilmentStatus::Sent),
        ("cancelled", FulfilmentStatus::Cancelled),
        ("error", FulfilmentStatus::Cancelled),
        ("failure", FulfilmentStatus::Cancelled),
    ] {
        let mut body = fulfilment();
        body["status"] = json!(word);
        let OrderChange::Fulfilment(_, sent) = change("fulfillments/update", &body) else {
            panic!("a parcel");
        };
        assert_eq!(sent.state.unwrap().1, status);
    }
    let mut body = fulfilment();
    body["status"] = json!("teleported");
    assert_eq!(trouble("fulfillments/update", &body), "status");
    let mut body = shipment();
    body["fulfillment_id"] = json!(null);
    assert_eq!(
        trouble("fulfillment_events/create", &body),
        "fulfillment_id"
    );
}
