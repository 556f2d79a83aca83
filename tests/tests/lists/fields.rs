//! Lists by what the store itself knows of its customers.

use crm_tests::stack::Stack;
use serde_json::{Value, json};

use crate::support::{by_condition, customer, id_of, members, name, table, told};

/// Three prospects, of a store with a field of its own.
async fn people() -> Stack {
    let stack = Stack::start_without_cases().await;
    let fields = json!({"custom_fields": [
        {"name": "loyalty_tier", "type": "choice", "choices": ["bronze", "gold"]},
        {"name": "nps", "type": "whole", "min": "0", "max": "10"},
        {"name": "birthday", "type": "date"},
        {"name": "credit", "type": "decimal"},
    ]});
    let done = stack
        .call("admin", "PUT", "/v1/settings", Some(fields))
        .await;
    assert_eq!(done.status, 200, "{done:?}");
    let everyone = [1, 2, 3].map(|n| told(&customer(n, "Ada", "Lovelace")));
    stack.deliver(everyone).await;
    stack
}

async fn set(stack: &Stack, number: u64, fields: Value) {
    let id = id_of(stack, number).await;
    let path = format!("/v1/customers/{id}");
    let body = json!({ "fields": fields });
    let done = stack.call("agent", "PATCH", &path, Some(body)).await;
    assert_eq!(done.status, 200, "{done:?}");
    stack.settle().await;
}

fn field(name: &str, test: Value) -> Value {
    let mut test = test;
    test["name"] = json!(name);
    json!({ "field": test })
}

#[tokio::test]
async fn a_field_that_is_set_moves_a_customer_and_one_taken_back_moves_them_out() {
    let stack = people().await;
    let gold = field("loyalty_tier", json!({"is": "GOLD"}));
    let gold = name(&stack, "Gold", gold).await;
    let promoters = field("nps", json!({"at_least": 9}));
    let promoters = name(&stack, "Promoters", promoters).await;
    let unasked = name(&stack, "Not asked", field("nps", json!({"set": false}))).await;
    assert_eq!(members(&stack, &unasked).await, [1, 2, 3]);

    set(&stack, 1, json!({"loyalty_tier": "gold", "nps": 8})).await;
    set(&stack, 2, json!({"loyalty_tier": "bronze", "nps": 9})).await;
    assert_eq!(members(&stack, &gold).await, [1]);
    assert_eq!(members(&stack, &promoters).await, [2]);
    assert_eq!(members(&stack, &unasked).await, [3]);

    set(&stack, 1, json!({"nps": 10, "loyalty_tier": null})).await;
    set(&stack, 2, json!({"nps": null})).await;
    assert_eq!(members(&stack, &gold).await, [0; 0]);
    assert_eq!(members(&stack, &promoters).await, [1]);
    assert_eq!(members(&stack, &unasked).await, [2, 3]);
}

#[tokio::test]
async fn fields_are_searched_for_by_value_range_and_absence_and_taken_along_as_a_table() {
    let stack = people().await;
    set(&stack, 1, json!({"nps": 3, "credit": "99.99"})).await;
    set(
        &stack,
        2,
        json!({"nps": 7, "credit": "100", "birthday": "1815-12-10"}),
    )
    .await;
    for (condition, found) in [
        (field("nps", json!({"is": "7"})), vec![2]),
        (field("nps", json!({"at_least": 3, "below": 7})), vec![1]),
        (field("credit", json!({"at_least": "100"})), vec![2]),
        (field("credit", json!({"below": "100"})), vec![1]),
        (field("birthday", json!({"is": "1815-12-10"})), vec![2]),
        (field("birthday", json!({"set": true})), vec![2]),
        (field("nps", json!({"set": false})), vec![3]),
        (
            json!({"not": field("nps", json!({"at_least": 0}))}),
            vec![3],
        ),
        // What the store has no field for, nobody has.
        (field("shoe_size", json!({"set": true})), vec![]),
    ] {
        assert_eq!(by_condition(&stack, &condition).await, found, "{condition}");
    }
    let promoters = field("nps", json!({"at_least": 7}));
    let promoters = name(&stack, "Promoters", promoters).await;
    let path = format!("/v1/exports/customers.csv?named_segment={promoters}");
    let table = table(&stack, "marketer", &path).await;
    assert_eq!(table.lines().count(), 2, "{table}");
    assert!(table.contains("c2@example.com"), "{table}");
}

#[tokio::test]
async fn a_field_goes_with_its_profile_when_people_are_joined_and_parted() {
    let stack = people().await;
    let gold = field("loyalty_tier", json!({"is": "gold"}));
    let gold = name(&stack, "Gold", gold).await;
    set(&stack, 2, json!({"loyalty_tier": "gold"})).await;
    let (one, two) = (id_of(&stack, 1).await, id_of(&stack, 2).await);
    let path = format!("/v1/customers/{one}/merge");
    let body = json!({"with": two, "accept_limits": true});
    let merged = stack.call("agent", "POST", &path, Some(body)).await;
    assert_eq!(merged.status, 201, "{merged:?}");
    stack.settle().await;
    assert_eq!(members(&stack, &gold).await, [1, 2], "one person of two");
    let path = format!("/v1/customers/{one}/unmerge");
    let body = json!({"merge_id": merged.body["id"]});
    let parted = stack.call("agent", "POST", &path, Some(body)).await;
    assert_eq!(parted.status, 200, "{parted:?}");
    stack.settle().await;
    assert_eq!(members(&stack, &gold).await, [2]);
}
