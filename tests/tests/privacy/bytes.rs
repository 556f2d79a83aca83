//! Not a byte of who was forgotten is left.

use crm_tests::shop::Webhook;
use crm_tests::stack::Stack;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::guests::at_the_till;
use crate::kept::{
    ADA, Place, ada_buys, ada_herself, ada_is_talked_about, after, found_in, known_as, requests,
    stack_in,
};

/// The id of her second account.
const SECOND: u64 = 77_440_011_223_399;

#[tokio::test]
async fn nothing_of_ada_is_left_in_any_file_not_even_after_a_late_order() {
    let place = Place::new("bytes");
    let stack = stack_in(&place).await;
    let then = after(&stack, -24 * 40);
    stack
        .deliver([
            ada_herself(then),
            // Fresh enough for a welcome: a run, a message, a letter.
            ada_buys(1, after(&stack, -1), "20.00"),
            ada_buys(2, after(&stack, -1), "30.00"),
        ])
        .await;
    assert_eq!(stack.mailbox().await.len(), 1, "she is welcomed");
    let known = stack.customer("canary.ada@example.com").await;
    let id = known["id"].as_str().expect("an id").to_owned();
    let case = json!({"customer_id": id, "subject": "canarywish", "priority": "low"});
    let opened = stack.call("agent", "POST", "/v1/cases", Some(case)).await;
    assert_eq!(opened.status, 201, "{opened:?}");
    ada_is_talked_about(&stack, &id).await;
    ada_is_known_several_times(&stack, &id, then).await;
    // A delivery about her that nobody can read lies in the dead letters.
    let broken = json!({"id": "x", "customer": {"id": ADA}, "email": "canary.ada@example.com"});
    stack
        .deliver([Webhook::new("orders/create", &broken)])
        .await;
    stack
        .system()
        .services()
        .checkpoint()
        .expect("a checkpoint");
    assert!(!found_in(&place).is_empty(), "there is something to forget");
    assert_eq!(stack.dead_letters().await.len(), 1);
    let places = found_in(&place);
    // Of what is kept there, the letter alone has her name.
    let letter = |place: &String| place.starts_with("Adacanaria in") && place.contains("services");
    let mailbox = places.iter().any(letter);
    assert!(
        mailbox,
        "and the letter is among what is searched: {places:?}"
    );

    everything_of_ada_goes(&stack).await;
    assert_eq!(requests(&stack).await[0]["letters_removed"], 1);
    assert_eq!(stack.dead_letters().await.len(), 0);
    a_day_later(&stack);
    assert_eq!(found_in(&place), Vec::<String>::new());

    // Her money is still there, under an id that says nothing.
    let left = stack
        .get("viewer", &format!("/v1/customers/{id}"))
        .await
        .body;
    assert_eq!(
        (&left["orders_count"], &left["gross"]),
        (&json!(2), &json!("52"))
    );
    assert_eq!(left["emails"], json!([]));
    assert_eq!(left["fields"], json!({"nickname": null}));
    // That there was a call is all that is left of it, and nothing is added.
    let path = format!("/v1/customers/{id}/communications");
    let said = stack.get("agent", &path).await.body;
    let said = said["items"].as_array().expect("a list").clone();
    let call = said
        .iter()
        .find(|said| said["kind"] == "call")
        .expect("a call");
    assert_eq!(
        (&call["redacted"], &call["body"]),
        (&json!(true), &json!(""))
    );
    let more = json!({"kind": "note", "body": "canarywish"});
    assert_eq!(
        stack.call("agent", "POST", &path, Some(more)).await.status,
        409
    );
    let again = json!({"fields": {"nickname": "canarywish"}});
    let path = format!("/v1/customers/{id}");
    assert_eq!(
        stack
            .call("agent", "PATCH", &path, Some(again))
            .await
            .status,
        409
    );

    // An order from before comes late, and old news of her comes again.
    stack
        .deliver([ada_buys(3, then, "10.00"), ada_herself(then)])
        .await;
    let left = stack
        .get("viewer", &format!("/v1/customers/{id}"))
        .await
        .body;
    assert_eq!(
        (&left["orders_count"], &left["gross"]),
        (&json!(3), &json!("63"))
    );
    assert_eq!(known_as(&stack, ADA).await.body["items"], json!([]));
    a_day_later(&stack);
    assert_eq!(found_in(&place), Vec::<String>::new());
}

/// She has a second account, which somebody merged with the first, and bought
/// at the till twice: one of these may be her, the other is somebody else as
/// far as the store's people know. And she is in a list by hand.
async fn ada_is_known_several_times(stack: &Stack, id: &str, then: Timestamp) {
    let mut second = ada_herself(then);
    second.body = String::from_utf8(second.body)
        .expect("a text")
        .replace(&ADA.to_string(), &SECOND.to_string())
        .replace("canary.ada@example.com", "canarytag@example.com")
        .into_bytes();
    let till = |order| at_the_till(order, then);
    stack.deliver([second, till(5), till(6)]).await;
    let with = stack.customer("canarytag@example.com").await["id"].clone();
    let path = format!("/v1/customers/{id}/merge");
    let body = json!({"with": with, "accept_limits": true});
    let merged = stack.call("agent", "POST", &path, Some(body)).await;
    assert_eq!(merged.status, 201, "{merged:?}");
    stack.settle().await;

    let pairs = stack
        .get("agent", "/v1/duplicates?state=open&limit=50")
        .await;
    let pairs = pairs.body["items"].as_array().cloned().expect("a list");
    assert!(pairs.len() > 1, "{pairs:?}");
    let reject = format!(
        "/v1/duplicates/{}/reject",
        pairs[0]["id"].as_str().expect("an id")
    );
    assert_eq!(stack.call("agent", "POST", &reject, None).await.status, 200);

    let named = json!({"name": "Friends", "condition": {"gross": {"at_least": 1000}}});
    let named = stack
        .call("admin", "POST", "/v1/named-segments", Some(named))
        .await;
    let segment = named.body["id"].as_str().expect("an id");
    let path = format!("/v1/named-segments/{segment}/members/{id}");
    let placed = Some(json!({"placed": "include"}));
    assert_eq!(stack.call("admin", "PUT", &path, placed).await.status, 200);
    stack.settle().await;
    let members = format!("/v1/named-segments/{segment}/members");
    let members = stack.get("admin", &members).await.body;
    assert_eq!(members["count"], 1, "{members}");
}

/// She wants to be forgotten, and somebody says that all of her is meant.
async fn everything_of_ada_goes(stack: &Stack) {
    let body = json!({
        "customer": {"id": ADA, "email": "canary.ada@example.com", "phone": "+436641112223"},
        "orders_to_redact": [1, 2, 5, 6],
    });
    stack
        .deliver([Webhook::new("customers/redact", &body)])
        .await;
    let asked = requests(stack).await[0].clone();
    assert_eq!(asked["doubt"], "joined_with_others");
    let path = format!(
        "/v1/privacy/requests/{}/carry-out",
        asked["id"].as_str().expect("an id")
    );
    let all = Some(json!({"scope": "person"}));
    assert_eq!(stack.call("admin", "POST", &path, all).await.status, 202);
    stack.settle().await;
    let done = &requests(stack).await[0];
    assert_eq!(
        (&done["kind"], &done["state"]),
        (&json!("redact"), &json!("done"))
    );
    for id in [ADA, SECOND] {
        assert_eq!(known_as(stack, id).await.body["items"], json!([]));
    }
}

/// Streams keep what they carry for a day; then it is gone from there too.
/// The mailbox is the world outside: what was sent is not ours any more.
pub fn a_day_later(stack: &crm_tests::stack::Stack) {
    let services = stack.system().services();
    services
        .mail()
        .forget("canary.ada@example.com")
        .expect("mail");
    let later = stack.now() + SignedDuration::from_hours(25);
    let trimmed = services.dynamo().trim_streams(later);
    trimmed.expect("streams are trimmed");
    services.checkpoint().expect("a checkpoint");
}
