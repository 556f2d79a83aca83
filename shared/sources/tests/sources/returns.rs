//! Return documents, which name their order in two ways or not at all.

use crm_domain::fact::Fact;
use crm_domain::order::OrderChange;
use crm_domain::returns::{ReturnChange, ReturnStatus};
use serde_json::{Value, json};

use crate::fixtures::{fact, return_document, trouble};

/// The order and the news.
fn read(topic: &str, body: &Value) -> (Option<String>, ReturnChange) {
    match fact(topic, body) {
        Fact::Order {
            order,
            change: OrderChange::Return(id, change),
            buyer: None,
        } => {
            assert_eq!(id, "77");
            (Some(order.id().to_owned()), change)
        }
        Fact::Return { id, change } => {
            assert_eq!(id.as_str(), "shopify:ada.myshopify.com:77");
            (None, change)
        }
        other => panic!("{other:?} is no return"),
    }
}

#[test]
fn a_return_tells_its_lines_its_state_and_what_goes_out_for_it() {
    let (order, change) = read("returns/approve", &return_document());
    assert_eq!(order.as_deref(), Some("5001"));
    assert_eq!(change.status, Some(ReturnStatus::Open));
    let lines = change.lines.unwrap();
    assert_eq!((lines.units, lines.units_exchanged), (2, 1));
    assert_eq!(lines.reason.as_deref(), Some("defective"));
    assert_eq!(change.stamp.updated_at, None);
}

#[test]
fn every_topic_tells_its_state() {
    for (topic, word, status) in [
        ("returns/request", "requested", ReturnStatus::Requested),
        ("returns/approve", "open", ReturnStatus::Open),
        ("returns/decline", "declined", ReturnStatus::Declined),
        ("returns/cancel", "canceled", ReturnStatus::Cancelled),
        ("returns/close", "closed", ReturnStatus::Closed),
        ("returns/reopen", "open", ReturnStatus::Open),
        ("returns/process", "closed", ReturnStatus::Closed),
    ] {
        let body = json!({"id": 77, "order_id": 5_001, "status": word});
        let (order, change) = read(topic, &body);
        assert_eq!(order.as_deref(), Some("5001"), "{topic}");
        assert_eq!(change.status, Some(status), "{topic}");
        assert_eq!(change.lines, None, "{topic}");
    }
}

#[test]
fn an_update_tells_only_what_was_taken_off_and_no_order() {
    let body = json!({
        "admin_graphql_api_id": "gid://shopify/Return/77",
        "return_line_items": {"removals": [{"delta": 2}, {"delta": -1}]},
    });
    let (order, change) = read("returns/update", &body);
    assert_eq!(order, None);
    assert_eq!((change.status, change.units_removed), (None, 3));
}

#[test]
fn an_empty_list_of_lines_is_not_a_return_of_nothing() {
    let mut body = return_document();
    body["return_line_items"] = json!([]);
    assert_eq!(read("returns/request", &body).1.lines, None);
}

#[test]
fn a_state_nobody_knows_is_not_guessed() {
    let mut body = return_document();
    body["status"] = json!("vanished");
    assert_eq!(trouble("returns/close", &body), "status");
    body["status"] = json!("open");
    body["return_line_items"][1]["quantity"] = json!(null);
    assert_eq!(
        trouble("returns/approve", &body),
        "return_line_items[1].quantity"
    );
}
