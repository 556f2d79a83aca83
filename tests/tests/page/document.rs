//! The document in parts, and what reading it costs.

use std::collections::BTreeSet;

use crm_tests::shop::{Webhook, order, refund};
use crm_tests::stack::Stack;
use serde_json::{Value, json};

use crate::support::{Reply, ask, bought, id_of, merge, set};

const ADA: &str = "ada@example.com";

/// What an ordinary customer's whole document may cost to read, in read units: six orders in
/// half a year, a case, a call, a field set, a welcome.
const ORDINARY_UNITS: f64 = 12.0;

async fn ordinary() -> (Stack, String) {
    let stack = Stack::start().await;
    for n in 1..=6 {
        let at = format!("2026-0{}-01T09:00:00Z", 1 + n % 3);
        stack.deliver([bought(n, 1, ADA, &at)]).await;
    }
    let id = id_of(&stack, ADA).await;
    let case = json!({"customer_id": id, "subject": "Where is it?", "priority": "low"});
    stack.call("agent", "POST", "/v1/cases", Some(case)).await;
    let said = json!({"kind": "note", "body": "Likes blue."});
    let path = format!("/v1/customers/{id}/communications");
    stack.call("agent", "POST", &path, Some(said)).await;
    set(&stack, &id, json!({"nps": 9})).await;
    (stack, id)
}

/// The answer, after which the tables' own meter has to show what its header says.
async fn measured(stack: &Stack, path: &str) -> Reply {
    let dynamo = stack.system().services().dynamo();
    dynamo.meter(true);
    dynamo.reset_consumed();
    let reply = ask(stack, ("viewer", "GET", path), &[], None).await;
    let consumed = dynamo.consumed();
    dynamo.meter(false);
    assert_eq!(reply.status, 200, "{reply:?}");
    let units: f64 = consumed.values().map(|units| units.read_units).sum();
    assert!(
        (units - reply.read_units()).abs() < 1e-9,
        "{path}: {units} and {reply:?}"
    );
    reply
}

fn keys(body: &Value) -> BTreeSet<&str> {
    body.as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[tokio::test]
async fn a_whole_document_costs_a_handful_of_units_and_each_part_has_its_own_fields() {
    let (stack, id) = ordinary().await;
    let path = format!("/v1/customers/{id}");
    let whole = measured(&stack, &path).await;
    println!("whole document: {} read units", whole.read_units());
    assert!(
        whole.read_units() <= ORDINARY_UNITS,
        "{}",
        whole.read_units()
    );

    let mut seen = BTreeSet::new();
    for (section, fields, most) in [
        (
            "profile",
            vec!["emails", "labels", "address", "acquisition"],
            3.0,
        ),
        (
            "fields",
            vec!["fields", "field_history", "field_history_cursor"],
            3.0,
        ),
        ("consent", vec!["consent", "consent_history"], 1.5),
        (
            "financial",
            vec!["gross", "net", "average_order_value", "account"],
            3.0,
        ),
        ("orders", vec!["orders", "orders_cursor"], 2.5),
        (
            "returns",
            vec!["returns", "returns_cursor", "return_rates"],
            3.0,
        ),
        ("preferred", vec!["preferred"], 6.0),
        ("cases", vec!["cases", "cases_cursor", "open_cases"], 2.0),
        (
            "communications",
            vec!["communications", "communications_cursor"],
            2.0,
        ),
        ("assessment", vec!["assessment", "why"], 5.0),
        ("segments", vec!["named_segments"], 1.5),
        ("value", vec!["value"], 2.5),
        ("identities", vec!["identities", "merges"], 1.5),
        ("timeline", vec!["timeline", "timeline_cursor"], 7.5),
    ] {
        let part = measured(&stack, &format!("{path}?sections={section}")).await;
        println!("{section}: {} read units", part.read_units());
        let has = keys(&part.body);
        for field in fields {
            assert!(has.contains(field), "{section} without {field}");
        }
        for field in has.iter().filter(|field| **field != "id") {
            assert!(seen.insert((*field).to_owned()), "{field} is in two parts");
            assert_eq!(
                part.body[*field], whole.body[*field],
                "{field} of {section}"
            );
        }
        assert!(
            part.read_units() <= most,
            "{section}: {}",
            part.read_units()
        );
    }
    seen.insert("id".to_owned());
    let all: BTreeSet<_> = keys(&whole.body).into_iter().map(str::to_owned).collect();
    assert_eq!(seen, all, "the parts make the whole");

    let path = format!("{path}?sections=orders,consent");
    let two = ask(&stack, ("viewer", "GET", &path), &[], None).await.body;
    assert!(two["orders"].is_array() && two["consent"].is_object() && two.get("value").is_none());
}

#[tokio::test]
async fn a_person_of_several_profiles_is_metered_too() {
    let (stack, id) = ordinary().await;
    stack
        .deliver([bought(9, 9, "bo@example.com", "2026-02-01T09:00:00Z")])
        .await;
    let bo = id_of(&stack, "bo@example.com").await;
    merge(&stack, &id, &bo).await;
    let reply = measured(&stack, &format!("/v1/customers/{bo}")).await;
    assert_eq!(reply.body["identities"].as_array().unwrap().len(), 2);
    assert_eq!(reply.body["merges"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_unknown_part_and_a_cursor_of_a_part_not_asked_for_are_refused() {
    let (stack, id) = ordinary().await;
    for (query, field) in [
        ("sections=orders,nothing", "sections"),
        ("sections=", "sections"),
        ("sections=orders&timeline_cursor=x", "timeline_cursor"),
        ("sections=profile&cases_limit=5", "cases_limit"),
        ("cases_limit=101", "cases_limit"),
        ("timeline_limit=0", "timeline_limit"),
        ("timeline_cursor=x", "timeline_cursor"),
        ("section=orders", "section"),
    ] {
        let path = format!("/v1/customers/{id}?{query}");
        let reply = ask(&stack, ("viewer", "GET", &path), &[], None).await;
        assert!([400, 422].contains(&reply.status), "{reply:?}");
        assert_eq!(reply.body["field"], field, "{query}");
    }
    let named = stack
        .get("viewer", &format!("/v1/customers/{id}?sections=x"))
        .await;
    assert!(named.body["limit"].as_str().unwrap().contains("timeline"));
}

/// Of three goods: cups, plates, and a bowl; lines 1, 2 and 3 of the order.
fn table_ware(id: u64, at: &str, units: [u64; 3]) -> crm_tests::shop::OrderForm {
    let goods = [(9001, "Cup"), (9002, "Plate"), (9003, "Bowl")];
    let lines = goods.iter().zip(units).enumerate();
    let lines = lines.map(|(n, ((product, title), quantity))| {
        json!({
            "id": id * 10 + 1 + n as u64, "product_id": product, "title": title,
            "quantity": quantity, "price": "10.00",
        })
    });
    let lines: Vec<_> = lines.filter(|line| line["quantity"] != 0).collect();
    order(id, at, "10.00", 1)
        .by(1, ADA, "Ada")
        .with(at, "line_items", json!(lines))
}

fn kind_of(product: u64, kind: &str, at: &str) -> Webhook {
    let body = json!({"id": product, "title": "x", "product_type": kind, "updated_at": at});
    Webhook::new("products/update", &body)
}

#[tokio::test]
async fn preferred_are_the_goods_and_kinds_of_most_units_that_stayed() {
    let stack = Stack::start().await;
    stack
        .deliver([
            table_ware(1, "2026-01-05T09:00:00Z", [5, 3, 0]).created(),
            table_ware(2, "2026-02-05T09:00:00Z", [0, 0, 4]).created(),
            // A test counts nowhere.
            table_ware(3, "2026-02-06T09:00:00Z", [0, 99, 0])
                .with("2026-02-06T09:00:00Z", "test", json!(true))
                .created(),
        ])
        .await;
    let id = id_of(&stack, ADA).await;
    let shown = async |stack: &Stack| {
        let known = stack
            .get("viewer", &format!("/v1/customers/{id}?sections=preferred"))
            .await;
        known.body["preferred"].clone()
    };
    let goods = |shown: &Value, list: &str| -> Vec<String> {
        let list = shown[list].as_array().unwrap().iter();
        list.map(|one| format!("{} {}", one["name"].as_str().unwrap(), one["units"]))
            .collect()
    };
    let first = shown(&stack).await;
    assert_eq!(goods(&first, "products"), ["Cup 5", "Bowl 4", "Plate 3"]);
    assert_eq!(
        first["products"][0]["id"],
        "shopify:cups.myshopify.com:9001"
    );
    assert_eq!(first["categories"], json!([]));
    assert_eq!(
        (&first["orders_seen"], &first["complete"]),
        (&json!(3), &json!(true))
    );

    // Three cups come back, whether or not they can be sold again.
    stack
        .deliver([
            refund(1, 1, "2026-02-20T09:00:00Z", 3, "30.00"),
            kind_of(9001, "Drinking", "2026-02-01T09:00:00Z"),
            kind_of(9002, "Eating", "2026-02-01T09:00:00Z"),
            kind_of(9003, "Eating", "2026-02-02T09:00:00Z"),
            // Older news comes late.
            kind_of(9003, "Drinking", "2026-01-01T09:00:00Z"),
        ])
        .await;
    let then = shown(&stack).await;
    assert_eq!(goods(&then, "products"), ["Bowl 4", "Plate 3", "Cup 2"]);
    assert_eq!(goods(&then, "categories"), ["Eating 7", "Drinking 2"]);
}
