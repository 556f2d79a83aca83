//! Who is suggested as customers come and change.

use crm_tests::shop::order;
use crm_tests::stack::Stack;
use serde_json::{Value, json};

use crate::support::{LAMPS, customer, decide, matched, nobody_is_suggested, only_pair, pairs};

#[tokio::test]
async fn ada_with_one_telephone_in_two_shops_is_suggested_and_not_joined() {
    let stack = Stack::start().await;
    let ada = customer(1, "Ada", "Lovelace").with("phone", "+442079460018");
    let cups = ada.clone().with("email", "ada@example.com");
    let lamps = ada.with("email", "countess@example.com");
    stack.deliver([cups.told_at("09:00")]).await;
    nobody_is_suggested(&stack).await;
    stack
        .deliver([lamps.told_at("09:00").from_shop(LAMPS)])
        .await;

    let pair = only_pair(&stack).await;
    assert!(matched(&pair).contains(&"phone"), "{pair}");
    assert!(pair["score"].as_f64().unwrap() >= 0.5);
    let both = pair["customers"].as_array().unwrap();
    let addresses: Vec<_> = both.iter().map(|side| &side["emails"]).collect();
    assert_eq!(both.len(), 2);
    assert!(addresses.contains(&&json!(["ada@example.com"])));
    assert!(addresses.contains(&&json!(["countess@example.com"])));
    let one = stack.customer("ada@example.com").await;
    let other = stack.customer("countess@example.com").await;
    assert_ne!(one["id"], other["id"]);
}

#[tokio::test]
async fn what_is_delivered_again_suggests_nothing_twice() {
    let stack = Stack::start().await;
    let ada = customer(1, "Ada", "Lovelace").with("phone", "+442079460018");
    let told = [ada.told_at("09:00"), ada.told_at("09:00").from_shop(LAMPS)];
    stack.deliver(told.clone()).await;
    let before = only_pair(&stack).await;
    stack.deliver(told).await;
    assert_eq!(only_pair(&stack).await, before);
}

#[tokio::test]
async fn a_changed_address_takes_a_suggestion_back_and_the_old_one_renews_it() {
    let stack = Stack::start().await;
    let at_home =
        |id| customer(id, "Augusta", "Byron").living_at("12 Foundry Lane", "Sheffield", "S3 8EN");
    stack
        .deliver([at_home(1).told_at("09:00"), at_home(2).told_at("09:00")])
        .await;
    let pair = only_pair(&stack).await;
    assert!(matched(&pair).contains(&"street"), "{pair}");

    let moved =
        customer(2, "Josephine", "Clarke").living_at("40 Harbour Road", "Bristol", "BS1 4QA");
    stack.deliver([moved.told_at("10:00")]).await;
    nobody_is_suggested(&stack).await;
    assert_eq!(pairs(&stack, "rejected").await.len(), 0);

    stack.deliver([at_home(2).told_at("11:00")]).await;
    assert_eq!(only_pair(&stack).await["id"], pair["id"]);
}

#[tokio::test]
async fn more_that_matches_makes_a_suggestion_likelier() {
    let stack = Stack::start().await;
    let ada = customer(1, "Ada", "Lovelace").with("phone", "+442079460018");
    let unlike = customer(2, "Bo", "Smith").with("phone", "+442079460018");
    stack
        .deliver([ada.told_at("09:00"), unlike.told_at("09:00")])
        .await;
    let before = only_pair(&stack).await;
    let alike = customer(2, "Ada", "Lovelace").with("phone", "+442079460018");
    stack.deliver([alike.told_at("10:00")]).await;
    let after = only_pair(&stack).await;
    assert!(after["score"].as_f64() > before["score"].as_f64());
    assert_eq!(after["found_at"], before["found_at"]);
}

#[tokio::test]
async fn who_is_joined_by_an_address_is_suggested_no_more() {
    let stack = Stack::start().await;
    let ada = customer(1, "Ada", "Lovelace").with("phone", "+442079460018");
    let with_address = ada.clone().with("email", "ada@example.com");
    stack
        .deliver([
            with_address.told_at("09:00"),
            ada.told_at("09:00").from_shop(LAMPS),
        ])
        .await;
    only_pair(&stack).await;
    stack
        .deliver([with_address.told_at("10:00").from_shop(LAMPS)])
        .await;
    nobody_is_suggested(&stack).await;
}

#[tokio::test]
async fn a_third_who_is_like_a_joined_person_is_suggested_once() {
    let stack = Stack::start().await;
    let ada = customer(1, "Ada", "Lovelace").with("phone", "+442079460018");
    let with_address = ada.clone().with("email", "ada@example.com");
    let like_her = customer(3, "Ada", "Lovelace").with("phone", "+442079460018");
    stack
        .deliver([
            with_address.told_at("09:00"),
            ada.told_at("09:00").from_shop(LAMPS),
            like_her.told_at("09:00"),
        ])
        .await;
    assert_eq!(pairs(&stack, "open").await.len(), 3);
    stack
        .deliver([with_address.told_at("10:00").from_shop(LAMPS)])
        .await;

    let pair = only_pair(&stack).await;
    let both = pair["customers"].as_array().unwrap();
    assert_eq!(both.len(), 2, "{pair}");
    let joined = stack.customer("ada@example.com").await;
    assert!(both.iter().any(|side| side["id"] == joined["id"]));
}

#[tokio::test]
async fn one_address_twice_in_a_shop_joins_nobody_and_is_suggested() {
    let stack = Stack::start().await;
    let one = customer(1, "Ada", "Lovelace").with("email", "ada@example.com");
    let other = customer(2, "Ada", "King").with("email", "ada@example.com");
    stack
        .deliver([one.told_at("09:00"), other.told_at("09:00")])
        .await;
    let pair = only_pair(&stack).await;
    assert!(matched(&pair).contains(&"email"), "{pair}");
}

const AT: &str = "2026-03-02T09:00:00Z";

fn bill() -> Value {
    json!({"first_name": "Ada", "last_name": "Lovelace", "address1": "12 Foundry Lane",
        "city": "Sheffield", "zip": "S3 8EN", "phone": "+442079460018"})
}

#[tokio::test]
async fn guests_who_left_no_identifier_stay_apart() {
    let stack = Stack::start().await;
    let nameless = |id| {
        let name = json!({"first_name": "Ada", "last_name": "Lovelace"});
        let told = order(id, AT, "10", 1).with(AT, "billing_address", name);
        told.created()
    };
    stack.deliver([nameless(1), nameless(2)]).await;
    let ada = customer(1, "Ada", "Lovelace").living_at("12 Foundry Lane", "Sheffield", "S3 8EN");
    stack.deliver([ada.told_at("09:00")]).await;
    nobody_is_suggested(&stack).await;
}

#[tokio::test]
async fn a_guest_at_the_till_is_suggested_by_a_telephone_or_by_a_name_at_a_street() {
    for left in ["phone", "address1"] {
        let stack = Stack::start().await;
        let mut bill = bill();
        let other = if left == "phone" { "address1" } else { "phone" };
        bill.as_object_mut().unwrap().remove(other);
        let told = order(1, AT, "10", 1).with(AT, "source_name", json!("pos"));
        let told = told.with(AT, "billing_address", bill);
        let ada =
            customer(1, "Ada", "Lovelace").living_at("12 Foundry Lane", "Sheffield", "S3 8EN");
        let ada = ada.with("phone", "+442079460018");
        stack.deliver([told.created(), ada.told_at("09:00")]).await;

        let pair = only_pair(&stack).await;
        let by = if left == "phone" { "phone" } else { "street" };
        assert!(matched(&pair).contains(&by), "{pair}");
        assert!(pair["score"].as_f64().unwrap() >= 0.5);
        let both = pair["customers"].as_array().unwrap();
        assert_eq!(both.len(), 2, "suggested, not joined");
        assert_eq!(decide(&stack, &pair, "accept").await.status, 200);
        nobody_is_suggested(&stack).await;
        let ada = stack.customer_known_as("shopify:1").await;
        assert_eq!(ada["orders_count"], 1);
    }
}

#[tokio::test]
async fn who_buys_at_a_market_place_alone_stays_apart_until_the_first_order_at_the_shop() {
    let stack = Stack::start().await;
    let there = |id, customer, source: &str| {
        let email = format!("x{customer}@marketplace.amazon.com");
        let mut told = order(id, AT, "10", 1).by(customer, &email, "Ada");
        for (field, value) in [("source_name", json!(source)), ("billing_address", bill())] {
            told = told.with(AT, field, value);
        }
        let mut told = told.created();
        let mut body: Value = serde_json::from_slice(&told.body).unwrap();
        body["customer"]["default_address"] = bill();
        body["customer"]["phone"] = json!("+442079460018");
        told.body = body.to_string().into_bytes();
        told
    };
    stack
        .deliver([there(1, 11, "amazon-us"), there(2, 12, "amazon-us")])
        .await;
    nobody_is_suggested(&stack).await;
    // One order at the shop is no news of a name or an address, and yet says more.
    stack.deliver([there(3, 11, "web")]).await;
    nobody_is_suggested(&stack).await;
    stack.deliver([there(4, 12, "web")]).await;
    only_pair(&stack).await;
}

#[tokio::test]
async fn who_is_deleted_at_the_source_is_compared_with_nobody() {
    let stack = Stack::start().await;
    let ada = customer(1, "Ada", "Lovelace").with("phone", "+442079460018");
    stack
        .deliver([ada.told_at("09:00"), ada.told_at("09:00").from_shop(LAMPS)])
        .await;
    only_pair(&stack).await;
    let mut deleted = ada.told_at("10:00");
    deleted.topic = "customers/delete".to_owned();
    stack.deliver([deleted]).await;
    nobody_is_suggested(&stack).await;
}
