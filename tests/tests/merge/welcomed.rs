//! Nobody is welcomed again for having been merged, or parted.

use crm_tests::shop::order;
use crm_tests::stack::Stack;
use serde_json::Value;

use crate::stories::{customer, merge, unmerge};

async fn two_customers() -> (Stack, Value, Value) {
    let stack = Stack::start().await;
    let at = "2026-03-02T08:00:00Z";
    stack
        .deliver([
            customer(1, at, "ada@example.com"),
            customer(2, at, "bo@example.com"),
        ])
        .await;
    let id = async |email: &str| stack.customer(email).await["id"].clone();
    let (ada, bo) = (id("ada@example.com").await, id("bo@example.com").await);
    (stack, ada, bo)
}

async fn buys(stack: &Stack, number: u64, customer: u64, email: &str) {
    let at = format!("2026-03-02T10:{number:02}:00Z");
    let order = order(number, &at, "10", 1).by(customer, email, "X");
    stack.deliver([order.created()]).await;
}

#[tokio::test]
async fn the_welcome_of_two_who_were_one_is_not_sent_to_either_again() {
    let (stack, ada, bo) = two_customers().await;
    let made = merge(&stack, &ada, &bo).await;
    buys(&stack, 1, 2, "bo@example.com").await;
    assert_eq!(stack.mailbox().await.len(), 1, "they are welcomed");

    unmerge(&stack, &bo, &made.body["id"]).await;
    buys(&stack, 2, 2, "bo@example.com").await;
    buys(&stack, 3, 1, "ada@example.com").await;
    assert_eq!(stack.mailbox().await.len(), 1);

    merge(&stack, &bo, &ada).await;
    buys(&stack, 4, 1, "ada@example.com").await;
    assert_eq!(stack.mailbox().await.len(), 1);
}

#[tokio::test]
async fn who_was_never_welcomed_is_once_parted_from_who_had_been() {
    let (stack, ada, bo) = two_customers().await;
    buys(&stack, 1, 1, "ada@example.com").await;
    let made = merge(&stack, &ada, &bo).await;
    unmerge(&stack, &ada, &made.body["id"]).await;
    assert_eq!(stack.mailbox().await.len(), 1);
    buys(&stack, 2, 2, "bo@example.com").await;
    let letters = stack.mailbox().await;
    assert_eq!(letters.len(), 2);
    assert!(letters[1]["to"].to_string().contains("bo@example.com"));
}

#[tokio::test]
async fn the_first_order_of_an_old_customer_s_other_account_welcomes_nobody() {
    let (stack, ada, bo) = two_customers().await;
    let long_ago = order(9, "2025-03-02T10:00:00Z", "10", 1);
    let long_ago = long_ago.by(1, "ada@example.com", "X");
    stack.deliver([long_ago.created()]).await;
    merge(&stack, &ada, &bo).await;
    // New by itself, and so asked about; the person is not.
    buys(&stack, 1, 2, "bo@example.com").await;
    assert_eq!(stack.mailbox().await.len(), 0);
    let measures = stack.system().functions().measures().all();
    let not_due = measures.get("workflow_dispatcher.welcomes_not_due");
    assert_eq!(not_due, Some(&1.0));
}

#[tokio::test]
async fn two_who_were_welcomed_apart_are_not_welcomed_together() {
    let (stack, ada, bo) = two_customers().await;
    buys(&stack, 1, 1, "ada@example.com").await;
    buys(&stack, 2, 2, "bo@example.com").await;
    let made = merge(&stack, &ada, &bo).await;
    buys(&stack, 3, 2, "bo@example.com").await;
    unmerge(&stack, &ada, &made.body["id"]).await;
    buys(&stack, 4, 1, "ada@example.com").await;
    assert_eq!(stack.mailbox().await.len(), 2);
}
