//! Two who change one customer at the same moment.

use std::collections::BTreeSet;
use std::sync::Mutex;

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use crm_lambda::Metrics;
use crm_local::services::Fault;
use crm_tests::stack::Stack;
use serde_json::{Value, json};

use crate::support::{Reply, ask, bought, id_of, merge, set, whole};

const ADA: &str = "ada@example.com";
const BO: &str = "bo@example.com";
const THEN: &str = "2026-03-01T09:00:00Z";

/// Ada and Bo, who are one person by now.
async fn two_of_one() -> (Stack, String, String) {
    let stack = Stack::start().await;
    let told = [bought(1, 1, ADA, THEN), bought(2, 2, BO, THEN)];
    stack.deliver(told).await;
    let (ada, bo) = (id_of(&stack, ADA).await, id_of(&stack, BO).await);
    merge(&stack, &ada, &bo).await;
    (stack, ada, bo)
}

/// Sets somebody's `nps`, if they are still as they were seen.
async fn rate(stack: &Stack, id: &str, nps: u8, seen: Option<&str>) -> Reply {
    let path = format!("/v1/customers/{id}");
    let body = Some(json!({"fields": {"nps": nps}}));
    let seen: Vec<_> = seen.map(|tag| ("if-match", tag)).into_iter().collect();
    ask(stack, ("agent", "PATCH", &path), &seen, body).await
}

/// Has somebody rate Bo, whole, just before the next write of several items:
/// by functions of their own, over the same tables.
fn rate_before_the_next_write(stack: &Stack, bo: &str, seen: Option<&str>) {
    let system = stack.system();
    let function = &system.wiring().functions["Api"];
    let variables = function.variables.clone().into_iter().collect();
    let twin = api::Function::new(&system.services().sdk_config(), &variables).unwrap();
    let (now, event) = (stack.now(), rating(bo, 3, seen));
    let deed = Mutex::new(Some(move || {
        let mut metrics = Metrics::new("twin");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        let reply = twin.handle(now, &mut metrics, event);
        let reply = runtime.unwrap().block_on(reply).unwrap();
        assert_eq!(reply.status_code, 200, "{reply:?}");
    }));
    system.services().on_call(move |_, operation, _| {
        let mut deed = deed.lock().unwrap();
        let due = deed.take_if(|_| operation == "TransactWriteItems");
        drop(deed);
        if let Some(deed) = due {
            std::thread::spawn(deed).join().unwrap();
        }
        Fault::None
    });
}

/// The request that the gateway hands over.
fn rating(id: &str, nps: u8, seen: Option<&str>) -> ApiGatewayV2httpRequest {
    let path = format!("/v1/customers/{id}");
    let mut event = json!({
        "rawPath": path,
        "headers": {"content-type": "application/json"},
        "body": json!({"fields": {"nps": nps}}).to_string(),
        "requestContext": {
            "http": {"method": "PATCH", "path": path},
            "authorizer": {"jwt": {"claims": {"sub": "sales-1", "cognito:groups": "[sales]"}}},
        },
    });
    if let Some(tag) = seen {
        event["headers"]["if-match"] = tag.into();
    }
    serde_json::from_value(event).unwrap()
}

#[tokio::test]
async fn of_two_who_saw_the_same_person_by_two_ids_one_is_told_of_the_other() {
    let (stack, ada, bo) = two_of_one().await;
    set(&stack, &ada, json!({"nps": 5})).await;
    let path = format!("/v1/customers/{ada}");
    let seen = ask(&stack, ("agent", "GET", &path), &[], None).await;
    let tag = seen.header("etag");

    rate_before_the_next_write(&stack, &bo, Some(tag));
    let late = rate(&stack, &ada, 9, Some(tag)).await;
    stack.system().services().no_faults();
    assert_eq!(
        (late.status, &late.body["field"]),
        (412, &json!("If-Match"))
    );
    stack.settle().await;
    let known = whole(&stack, &ada).await;
    assert_eq!(known["fields"]["nps"]["value"], 3);
    let told = [(None, Some("5")), (Some("5"), Some("3"))];
    assert_eq!(sets(&known), BTreeSet::from(told));
}

#[tokio::test]
async fn who_does_not_say_what_was_seen_changes_what_the_other_one_left() {
    let (stack, ada, bo) = two_of_one().await;
    rate_before_the_next_write(&stack, &bo, None);
    let late = rate(&stack, &ada, 9, None).await;
    stack.system().services().no_faults();
    assert_eq!(late.status, 200, "{late:?}");
    stack.settle().await;
    let known = whole(&stack, &bo).await;
    assert_eq!(known["fields"]["nps"]["value"], 9);
    let told = [(None, Some("3")), (Some("3"), Some("9"))];
    assert_eq!(sets(&known), BTreeSet::from(told));
}

/// Old and new value of each change of the history, in no particular order:
/// all are of one instant.
fn sets(known: &Value) -> BTreeSet<(Option<&str>, Option<&str>)> {
    let history = known["field_history"].as_array().unwrap();
    let sets = history.iter().flat_map(|change| {
        let sets = change["set"].as_array().unwrap();
        sets.iter()
            .map(|set| (set["old"].as_str(), set["new"].as_str()))
    });
    sets.collect()
}
