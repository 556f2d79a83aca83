//! What staff decide, and that it stays so.

use crm_tests::stack::Stack;
use serde_json::{Value, json};

use crate::support::{LAMPS, customer, decide, decide_with, nobody_is_suggested, only_pair, pairs};

/// Ada in two shops, suggested to be one; and the pair.
async fn suggested() -> (Stack, Value) {
    let stack = Stack::start().await;
    let ada = customer(1, "Ada", "Lovelace").with("phone", "+442079460018");
    stack
        .deliver([
            ada.told_at("09:00"),
            ada.clone()
                .with("email", "ada@example.com")
                .told_at("09:00")
                .from_shop(LAMPS),
        ])
        .await;
    let pair = only_pair(&stack).await;
    (stack, pair)
}

async fn known_as(stack: &Stack, shop: &str) -> Value {
    let found = stack.customer_known_as(&format!("shopify:{shop}:1")).await;
    found["id"].clone()
}

async fn are_one(stack: &Stack) -> bool {
    known_as(stack, "cups.myshopify.com").await == known_as(stack, LAMPS).await
}

#[tokio::test]
async fn a_rejected_pair_stays_rejected_whatever_is_delivered_later() {
    let (stack, pair) = suggested().await;
    let rejected = decide(&stack, &pair, "reject").await;
    assert_eq!(rejected.status, 200, "{rejected:?}");
    assert_eq!(rejected.body["state"], "rejected");
    stack.settle().await;
    nobody_is_suggested(&stack).await;

    // More of her is the same now, even the address that would join by itself.
    let ada = customer(1, "Ada", "Lovelace")
        .with("phone", "+442079460018")
        .with("email", "ada@example.com")
        .living_at("12 Foundry Lane", "Sheffield", "S3 8EN");
    stack
        .deliver([ada.told_at("10:00"), ada.told_at("10:00").from_shop(LAMPS)])
        .await;
    nobody_is_suggested(&stack).await;
    assert!(!are_one(&stack).await);
    assert_eq!(pairs(&stack, "rejected").await.len(), 1);
}

#[tokio::test]
async fn an_accepted_pair_is_one_person_and_never_again_after_it_was_taken_back() {
    let (stack, pair) = suggested().await;
    let accepted = decide(&stack, &pair, "accept").await;
    assert_eq!(accepted.status, 200, "{accepted:?}");
    assert_eq!(accepted.body["state"], "accepted");
    assert_eq!(accepted.body["customers"].as_array().unwrap().len(), 1);
    stack.settle().await;
    assert!(are_one(&stack).await);
    nobody_is_suggested(&stack).await;

    let id = known_as(&stack, LAMPS).await;
    let path = format!("/v1/customers/{}/unmerge", id.as_str().unwrap());
    let merge = json!({"merge_id": accepted.body["decided"]["merge_id"]});
    let parted = stack.call("agent", "POST", &path, Some(merge)).await;
    assert_eq!(parted.status, 200, "{parted:?}");
    stack.settle().await;
    assert!(!are_one(&stack).await);
    let ada = customer(1, "Ada", "Lovelace").with("phone", "+442079460018");
    let ada = ada.living_at("12 Foundry Lane", "Sheffield", "S3 8EN");
    stack
        .deliver([ada.told_at("10:00"), ada.told_at("10:00").from_shop(LAMPS)])
        .await;
    nobody_is_suggested(&stack).await;
    assert!(!are_one(&stack).await);
}

#[tokio::test]
async fn the_same_decision_again_is_fine_and_the_other_one_is_not() {
    let (stack, pair) = suggested().await;
    let first = decide(&stack, &pair, "accept").await;
    let again = decide(&stack, &pair, "accept").await;
    assert_eq!((first.status, again.status), (200, 200));
    assert_eq!(first.body["decided"], again.body["decided"]);
    let other = decide(&stack, &pair, "reject").await;
    assert_eq!((other.status, &other.body["field"]), (409, &json!("state")));

    let (stack, pair) = suggested().await;
    let first = decide(&stack, &pair, "reject").await;
    let again = decide(&stack, &pair, "reject").await;
    assert_eq!((first.status, again.status), (200, 200));
    assert_eq!(first.body["decided"], again.body["decided"]);
    assert_eq!(decide(&stack, &pair, "accept").await.status, 409);
    assert!(!are_one(&stack).await);
}

#[tokio::test]
async fn of_two_who_decide_at_once_one_is_told_that_the_other_was_faster() {
    for _ in 0..10 {
        let (stack, pair) = suggested().await;
        let (accepted, rejected) = tokio::join!(
            decide(&stack, &pair, "accept"),
            decide(&stack, &pair, "reject")
        );
        stack.settle().await;
        let mut statuses = [accepted.status, rejected.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{accepted:?} {rejected:?}");
        assert_eq!(are_one(&stack).await, accepted.status == 200);
        nobody_is_suggested(&stack).await;
    }
}

#[tokio::test]
async fn a_pair_beyond_the_limits_has_to_be_accepted_in_words() {
    let stack = Stack::start().await;
    let one = customer(1, "Ada", "Lovelace").with("email", "ada@example.com");
    let other = customer(2, "Ada", "Lovelace").with("email", "ada@example.com");
    stack
        .deliver([one.told_at("09:00"), other.told_at("09:00")])
        .await;
    let pair = only_pair(&stack).await;
    let refused = decide(&stack, &pair, "accept").await;
    let field = json!("accept_limits");
    assert_eq!((refused.status, &refused.body["field"]), (409, &field));
    let second = pair["customers"][1]["id"].clone();
    let in_words = json!({"accept_limits": true, "keep": second});
    let accepted = decide_with(&stack, &pair, "accept", Some(in_words)).await;
    assert_eq!(accepted.status, 200, "{accepted:?}");
    assert_eq!(accepted.body["customers"][0]["id"], second);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_name() {
    let (stack, pair) = suggested().await;
    let nobody = json!({"id": "aaaaaaaa-bbbbbbbb"});
    assert_eq!(decide(&stack, &nobody, "accept").await.status, 404);
    assert_eq!(
        decide(&stack, &json!({"id": "x"}), "reject").await.status,
        404
    );
    for (what, body, status, field) in [
        ("accept", json!({"keep": "aaaaaaaa"}), 422, "keep"),
        ("accept", json!({"keep": "x"}), 400, "keep"),
        (
            "accept",
            json!({"accept_limits": "yes"}),
            400,
            "accept_limits",
        ),
        ("reject", json!({"keep": "aaaaaaaa"}), 400, "keep"),
    ] {
        let refused = decide_with(&stack, &pair, what, Some(body)).await;
        let told = (refused.status, refused.body["field"].as_str());
        assert_eq!(told, (status, Some(field)));
    }
    for (parameter, field) in [
        ("state=shut", "state"),
        ("sort=name", "sort"),
        ("cursor=x", "cursor"),
    ] {
        let refused = stack
            .get("viewer", &format!("/v1/duplicates?{parameter}"))
            .await;
        let told = (refused.status, refused.body["field"].as_str());
        assert_eq!(told, (400, Some(field)));
    }
    assert_eq!(only_pair(&stack).await, pair, "nothing was decided");
}

#[tokio::test]
async fn readers_see_pairs_and_decide_nothing() {
    let (stack, pair) = suggested().await;
    let path = format!("/v1/duplicates/{}/accept", pair["id"].as_str().unwrap());
    assert_eq!(stack.call("viewer", "POST", &path, None).await.status, 403);
    let search = stack
        .call("agent", "POST", "/v1/duplicates/search", None)
        .await;
    assert_eq!(search.status, 403);
}
