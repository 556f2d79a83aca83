//! Who was forgotten stays so, and may come back as somebody new.

use crm_store::{Changes, Committed};
use crm_tests::shop::{Webhook, order, refund};
use crm_tests::stack::Stack;
use serde_json::json;

use crate::kept::{ADA, ada_buys, ada_herself, ada_wants_out, after, bought, known_as, requests};
use crate::races::Hand;

#[tokio::test]
async fn who_buys_after_being_forgotten_is_somebody_new() {
    let stack = Stack::start().await;
    let then = after(&stack, -48);
    stack
        .deliver([ada_herself(then), ada_buys(1, then, "20.00")])
        .await;
    let before = stack.customer("canary.ada@example.com").await["id"].clone();
    stack.deliver([ada_wants_out()]).await;

    let now = after(&stack, 1);
    stack.deliver([ada_buys(2, now, "5.00")]).await;
    let new = stack.customer("canary.ada@example.com").await;
    assert_ne!(new["id"], before);
    assert_eq!(
        (&new["orders_count"], &new["gross"]),
        (&json!(1), &json!("6"))
    );

    // What is older than her wish still goes where it belongs, and tells the
    // new customer nothing.
    stack
        .deliver([
            ada_buys(3, then, "7.00"),
            ada_herself(then),
            refund(9, 1, &now.to_string(), 1, "20.00"),
        ])
        .await;
    let new = stack.customer_known_as(&format!("shopify:{ADA}")).await;
    assert_eq!(
        (&new["orders_count"], &new["phone"]),
        (&json!(1), &json!(null))
    );
    let path = format!("/v1/customers/{}", before.as_str().expect("an id"));
    let old = stack.get("viewer", &path).await.body;
    assert_eq!(
        (&old["orders_count"], &old["gross"]),
        (&json!(2), &json!("29"))
    );
    assert_eq!(
        (&old["refunded"], &old["external_ids"]),
        (&json!("20"), &json!([]))
    );
}

#[tokio::test]
async fn a_wish_that_comes_again_and_again_is_one() {
    let stack = Stack::start().await;
    let then = after(&stack, -48);
    stack
        .deliver([ada_herself(then), ada_buys(1, then, "20.00")])
        .await;
    stack.deliver([ada_wants_out(), ada_wants_out()]).await;
    stack.deliver([ada_wants_out()]).await;
    assert_eq!(requests(&stack).await.len(), 1);

    // News without an order bring nobody back, however new they are.
    let now = after(&stack, 1);
    let deleted = Webhook::new("customers/delete", &json!({"id": ADA}));
    stack.deliver([ada_herself(now), deleted]).await;
    assert_eq!(known_as(&stack, ADA).await.body["items"], json!([]));
}

#[tokio::test]
async fn who_was_never_known_is_not_made_known_by_a_late_order() {
    let stack = Stack::start().await;
    let then = after(&stack, -48);
    stack.deliver([ada_wants_out()]).await;
    let request = &requests(&stack).await[0];
    assert_eq!(
        (&request["nothing_held"], &request["state"]),
        (&json!(true), &json!("done"))
    );
    assert_eq!(request["external_id"], json!(null));

    stack.deliver([ada_buys(1, then, "20.00")]).await;
    assert_eq!(known_as(&stack, ADA).await.body["items"], json!([]));
    let by_email = "/v1/customers?email=canary.ada%40example.com";
    assert_eq!(stack.get("viewer", by_email).await.body["items"], json!([]));
    for segment in ["Single-order", "New"] {
        let path = format!("/v1/customers?segment={segment}");
        assert_eq!(stack.get("viewer", &path).await.body["items"], json!([]));
    }
    assert_eq!(bought(&stack).await, ["21"], "the money counts");
}

#[tokio::test]
async fn nobody_writes_a_forgotten_person_back_or_ties_their_money_to_somebody() {
    let stack = Stack::start().await;
    let then = after(&stack, -48);
    let bo = order(7, &then.to_string(), "11.00", 1).by(55_001, "bo@example.com", "Bo");
    stack
        .deliver([ada_herself(then), ada_buys(1, then, "20.00"), bo.created()])
        .await;
    let ada = stack.customer("canary.ada@example.com").await["id"].clone();
    let bo = stack.customer("bo@example.com").await["id"].clone();
    let (ada, bo) = (ada.as_str().expect("an id"), bo.as_str().expect("an id"));
    let named = json!({"name": "Friends", "condition": {"gross": {"at_least": 100}}});
    let named = stack
        .call("admin", "POST", "/v1/named-segments", Some(named))
        .await;
    assert_eq!(named.status, 201, "{named:?}");
    let segment = named.body["id"].as_str().expect("an id");
    stack.deliver([ada_wants_out()]).await;

    let case = json!({"customer_id": ada, "subject": "canarywish", "priority": "low"});
    let merge = |id: &str, with: &str| {
        let path = format!("/v1/customers/{id}/merge");
        (path, json!({"with": with, "accept_limits": true}))
    };
    let (of_ada, with_bo) = merge(ada, bo);
    let (of_bo, with_ada) = merge(bo, ada);
    for (method, path, body) in [
        ("POST", "/v1/cases".to_owned(), case),
        ("POST", of_ada.clone(), with_bo.clone()),
        ("POST", format!("{of_ada}/preview"), with_bo),
        ("POST", of_bo.clone(), with_ada.clone()),
        ("POST", format!("{of_bo}/preview"), with_ada),
        (
            "PUT",
            format!("/v1/named-segments/{segment}/members/{ada}"),
            json!({"placed": "include"}),
        ),
    ] {
        let refused = stack.call("admin", method, &path, Some(body)).await;
        assert_eq!(refused.status, 409, "{path} answered {refused:?}");
    }
    let left = stack.get("viewer", &format!("/v1/customers/{ada}")).await;
    assert_eq!(left.body["id"], json!(ada), "she is a person of her own");
}

#[tokio::test]
async fn a_suggested_pair_of_somebody_who_was_forgotten_is_accepted_by_nobody() {
    let stack = Stack::start().await;
    let then = after(&stack, -48);
    let mut twin = ada_herself(then);
    twin.body = String::from_utf8(twin.body)
        .expect("a text")
        .replace(&ADA.to_string(), "55001")
        .replace("canary.ada@example.com", "bo@example.com")
        .into_bytes();
    stack.deliver([ada_herself(then), twin]).await;
    let pairs = stack.get("agent", "/v1/duplicates?state=open").await.body;
    let pair = pairs["items"][0]["id"].as_str().expect("a pair").to_owned();
    // The pair goes with her; one that a late comparison wrote again is as good as none.
    let store = Hand::of(&stack).store();
    let written = store.duplicate_fetch(&pair).await.expect("an answer");
    let mut written = written.expect("a pair");
    stack.deliver([ada_wants_out()]).await;
    let gone = store.duplicate_fetch(&pair).await.expect("an answer");
    assert_eq!(gone, None);
    written.version = 0;
    let mut again = Changes::new();
    again.duplicate_put(&written).expect("plain data");
    let again = store.commit(again).await.expect("an answer");
    assert_eq!(again, Committed::Done);
    let path = format!("/v1/duplicates/{pair}/accept");
    let refused = stack.call("agent", "POST", &path, None).await;
    assert_eq!(refused.status, 409, "{refused:?}");
}

#[tokio::test]
async fn a_new_account_under_her_address_gets_nothing_of_what_she_bought_before() {
    let stack = Stack::start().await;
    let then = after(&stack, -49);
    stack.deliver([ada_herself(then)]).await;
    let before = stack.customer("canary.ada@example.com").await["id"].clone();
    let mut wish = ada_wants_out();
    wish.triggered_at = Some(after(&stack, -2));
    stack.deliver([wish]).await;
    // Somebody with another id goes by her address an hour later, and a
    // guest's order under it comes two days late.
    let account = json!({
        "id": 402, "email": "canary.ada@example.com", "first_name": "Fay",
        "updated_at": after(&stack, -1).to_string(),
    });
    let late = order(9, &then.to_string(), "7.00", 1).by_guest("canary.ada@example.com");
    let own = after(&stack, 0).to_string();
    let own = order(10, &own, "5.00", 1).by_guest("canary.ada@example.com");
    stack
        .deliver([
            Webhook::new("customers/create", &account),
            late.created(),
            own.created(),
        ])
        .await;
    let new = stack.customer_known_as("shopify:402").await;
    assert_eq!(
        (&new["first_name"], &new["gross"]),
        (&json!("Fay"), &json!("5"))
    );
    let path = format!("/v1/customers/{}", before.as_str().expect("an id"));
    let old = stack.get("viewer", &path).await.body;
    assert_eq!((&old["gross"], &old["emails"]), (&json!("7"), &json!([])));
}

#[tokio::test]
async fn what_she_bought_in_the_very_second_of_her_wish_is_hers_and_begins_nobody() {
    let stack = Stack::start().await;
    let (then, now) = (after(&stack, -48), stack.now());
    stack.deliver([ada_herself(then)]).await;
    let before = stack.customer("canary.ada@example.com").await["id"].clone();
    stack.deliver([ada_wants_out()]).await;
    stack.deliver([ada_buys(1, now, "20.00")]).await;
    assert_eq!(known_as(&stack, ADA).await.body["items"], json!([]));
    let path = format!("/v1/customers/{}", before.as_str().expect("an id"));
    assert_eq!(stack.get("viewer", &path).await.body["gross"], "21");

    // One from a second later that was told before: whoever it begins has a name.
    let later = now + jiff::SignedDuration::from_secs(1);
    let told = now.to_string();
    let order = order(2, &later.to_string(), "5.00", 1)
        .by(ADA, "canary.ada@example.com", "Adacanaria")
        .with(&told, "note", json!(null));
    stack.deliver([order.created()]).await;
    let new = stack.customer("canary.ada@example.com").await;
    assert_eq!(
        (&new["first_name"], &new["gross"]),
        (&json!("Adacanaria"), &json!("5"))
    );
}

#[tokio::test]
async fn a_named_segment_that_names_her_is_shown_for_somebody_to_change() {
    let stack = Stack::start().await;
    let then = after(&stack, -48);
    stack.deliver([ada_herself(then)]).await;
    let mut ids = Vec::new();
    for (name, email) in [
        ("Wishes", "canary.ada@example.com"),
        ("Friends of canary.ada@example.com", "bo@example.com"),
        ("Others", "xcanary.ada@example.com"),
    ] {
        let named = json!({"name": name, "condition": {"any": [{"email": email}]}});
        let named = stack
            .call("admin", "POST", "/v1/named-segments", Some(named))
            .await;
        assert_eq!(named.status, 201, "{named:?}");
        ids.push(named.body["id"].clone());
    }
    stack.deliver([ada_wants_out()]).await;
    let done = &requests(&stack).await[0];
    assert_eq!(
        (&done["state"], &done["named_in"]),
        (&json!("done"), &json!([ids[0], ids[1]]))
    );
}
