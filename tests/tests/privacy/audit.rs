//! Who looked at whom, and who changed what.

use crm_tests::stack::Stack;
use serde_json::{Value, json};

use crate::kept::{ada_buys, ada_herself, after};

async fn entries(stack: &Stack, query: &str) -> Vec<Value> {
    let answer = stack.get("admin", &format!("/v1/audit{query}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["items"].as_array().cloned().expect("a list")
}

fn actions(entries: &[Value]) -> Vec<&str> {
    entries
        .iter()
        .map(|entry| entry["action"].as_str().expect("an action"))
        .collect()
}

#[tokio::test]
async fn every_look_at_ada_and_every_change_is_noted_with_who_and_when() {
    let stack = Stack::start().await;
    let then = after(&stack, -48);
    stack
        .deliver([ada_herself(then), ada_buys(1, then, "20.00")])
        .await;
    let ada = stack.customer("canary.ada@example.com").await;
    let id = ada["id"].as_str().expect("an id");
    stack.until("2026-03-02T13:00:00Z").await;
    let case = json!({"customer_id": id, "subject": "where is it", "priority": "low"});
    stack.call("agent", "POST", "/v1/cases", Some(case)).await;
    stack.until("2026-03-02T14:00:00Z").await;
    stack
        .call(
            "admin",
            "PUT",
            "/v1/settings",
            Some(json!({"audit_days": 30})),
        )
        .await;

    let about = entries(&stack, &format!("?person={id}")).await;
    assert_eq!(
        actions(&about),
        ["POST /v1/cases", "GET /v1/customers/{id}"]
    );
    assert_eq!(about[0]["at"], "2026-03-02T13:00:00Z");
    assert_ne!(about[0]["by"], about[1]["by"]);
    assert!(about[0]["by"].as_str().is_some_and(|by| !by.is_empty()));

    let all = entries(&stack, "?from=2026-03-02&to=2026-03-02&limit=2").await;
    assert_eq!(all.len(), 2, "a page");
    let all = entries(&stack, "?from=2026-03-02&to=2026-03-02&limit=100").await;
    let seen = actions(&all);
    assert!(
        seen.contains(&"PUT /v1/settings") && seen.contains(&"GET /v1/customers"),
        "{seen:?}"
    );
    assert!(
        entries(&stack, "?from=2026-02-01&to=2026-02-20")
            .await
            .is_empty()
    );
    let text = Value::from(all).to_string();
    assert!(!text.contains("canary"), "an entry holds ids alone");

    let answer = stack
        .get("admin", "/v1/audit?from=2026-01-01&to=2026-03-02")
        .await;
    assert_eq!(answer.status, 422, "more than a month without a customer");
    assert_eq!(stack.get("agent", "/v1/audit").await.status, 403);
}

#[tokio::test]
async fn pages_of_entries_miss_none_and_repeat_none() {
    let stack = Stack::start().await;
    let then = after(&stack, -48);
    stack.deliver([ada_herself(then)]).await;
    let path = "/v1/customers?email=canary.ada%40example.com";
    for minute in 0..7 {
        stack
            .until(&format!("2026-03-02T12:{:02}:00Z", minute + 1))
            .await;
        stack.get("viewer", path).await;
    }
    let (mut times, mut cursor) = (Vec::new(), String::new());
    loop {
        let query = format!("/v1/audit?from=2026-03-02&to=2026-03-02&limit=3{cursor}");
        let page = stack.get("admin", &query).await.body;
        let items = page["items"].as_array().expect("a list").iter();
        let looks = items.filter(|entry| entry["action"] == "GET /v1/customers");
        times.extend(looks.map(|entry| entry["at"].as_str().expect("a time").to_owned()));
        let Some(next) = page["cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    let expected = (1..=7)
        .rev()
        .map(|minute| format!("2026-03-02T12:{minute:02}:00Z"));
    assert_eq!(times, expected.collect::<Vec<_>>());
}

/// Entries of one instant are in no order.
async fn a_minute_later(stack: &Stack) {
    let later = stack.now() + jiff::SignedDuration::from_mins(1);
    stack.until(&later.to_string()).await;
}

#[tokio::test]
async fn whoever_is_concerned_has_an_entry_though_the_path_names_another() {
    let stack = Stack::start().await;
    let then = after(&stack, -48);
    stack
        .deliver([ada_herself(then), ada_buys(1, then, "20.00")])
        .await;
    let bo = crm_tests::shop::order(2, "2026-03-01T09:00:00Z", "5", 1).by_guest("bo@example.com");
    stack.deliver([bo.created()]).await;
    let id = async |email: &str| {
        stack.customer(email).await["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let (ada, bo) = (
        id("canary.ada@example.com").await,
        id("bo@example.com").await,
    );
    let looks = ["GET /v1/customers/{id}"];

    let case = json!({"customer_id": ada, "subject": "where is it", "priority": "low"});
    let case = stack.call("agent", "POST", "/v1/cases", Some(case)).await;
    let case = case.body["id"].as_str().expect("an id").to_owned();
    a_minute_later(&stack).await;
    stack.get("viewer", &format!("/v1/cases/{case}")).await;
    let about = entries(&stack, &format!("?person={ada}")).await;
    for action in ["GET /v1/cases/{id}", "POST /v1/cases"] {
        assert!(actions(&about).contains(&action), "{action}");
    }
    let look = about
        .iter()
        .find(|entry| entry["action"] == "GET /v1/cases/{id}")
        .expect("a look");
    assert_eq!(look["resource"], json!(case));

    // Bo is made part of Ada, and both are told of it; so they are when it ends.
    a_minute_later(&stack).await;
    let path = format!("/v1/customers/{ada}/merge");
    let form = json!({ "with": bo });
    let merge = stack.call("agent", "POST", &path, Some(form)).await;
    assert_eq!(merge.status, 201, "{merge:?}");
    a_minute_later(&stack).await;
    let back = json!({"merge_id": merge.body["id"]});
    let path = format!("/v1/customers/{ada}/unmerge");
    let parted = stack.call("agent", "POST", &path, Some(back)).await;
    assert_eq!(parted.status, 200, "{parted:?}");
    let of_bo = entries(&stack, &format!("?person={bo}")).await;
    let both = [
        "POST /v1/customers/{id}/unmerge",
        "POST /v1/customers/{id}/merge",
    ];
    // All are of one moment, so none is the newer one.
    let mut told = actions(&of_bo);
    told.sort_unstable();
    let mut expected = [&both[..], &looks[..]].concat();
    expected.sort_unstable();
    assert_eq!(told, expected);
    assert!(of_bo.iter().all(|entry| entry["customer_id"] == json!(bo)));
    let of_ada = entries(&stack, &format!("?person={ada}")).await;
    assert!(both.iter().all(|both| actions(&of_ada).contains(both)));

    // A pair is about two.
    a_minute_later(&stack).await;
    let pair = format!(
        "/v1/duplicates/{}-{}/reject",
        ada.clone().min(bo.clone()),
        ada.max(bo.clone())
    );
    stack.call("agent", "POST", &pair, None).await;
    let of_bo = entries(&stack, &format!("?person={bo}")).await;
    assert!(actions(&of_bo).contains(&"POST /v1/duplicates/{id}/reject"));
}

#[tokio::test]
async fn a_look_at_both_while_they_were_one_is_told_of_either_once_they_are_parted() {
    let stack = Stack::start().await;
    let buys = |id, email| {
        let order = crm_tests::shop::order(id, "2026-03-01T09:00:00Z", "5", 1);
        order.by_guest(email).created()
    };
    stack
        .deliver([buys(1, "ada@example.com"), buys(2, "bo@example.com")])
        .await;
    let id = async |email: &str| {
        let found = stack.customer(email).await;
        found["id"].as_str().unwrap().to_owned()
    };
    let (ada, bo) = (id("ada@example.com").await, id("bo@example.com").await);
    let look = async |id: &str| {
        a_minute_later(&stack).await;
        let path = format!("/v1/customers/{id}");
        assert_eq!(stack.get("viewer", &path).await.status, 200);
        a_minute_later(&stack).await;
        stack.now() - jiff::SignedDuration::from_mins(1)
    };
    let before = look(&ada).await;
    let path = format!("/v1/customers/{ada}/merge");
    let merge = stack.call("agent", "POST", &path, Some(json!({ "with": bo })));
    let merge = merge.await.body;
    let of_both = look(&ada).await;
    let path = format!("/v1/customers/{ada}/unmerge");
    let back = json!({"merge_id": merge["id"]});
    assert_eq!(
        stack.call("agent", "POST", &path, Some(back)).await.status,
        200
    );
    let of_bo = look(&bo).await;
    let after = look(&ada).await;

    let about = entries(&stack, &format!("?person={bo}&limit=100")).await;
    let looks = about
        .iter()
        .filter(|e| e["action"] == "GET /v1/customers/{id}");
    let times: Vec<_> = looks.map(|look| look["at"].clone()).collect();
    assert_eq!(times[..2], [json!(of_bo), json!(of_both)]);
    assert!(!times.contains(&json!(before)) && !times.contains(&json!(after)));
    // Each request once, though both are named in some.
    let ends = about
        .iter()
        .filter(|e| e["action"] == "POST /v1/customers/{id}/unmerge");
    assert_eq!(ends.count(), 1);
    let page = stack
        .get("admin", &format!("/v1/audit?person={bo}&limit=1"))
        .await;
    assert_eq!(page.body["items"][0]["at"], json!(of_bo));
    let next = page.body["cursor"].as_str().expect("there is more");
    let path = format!("?person={bo}&limit=2&cursor={next}");
    let next = entries(&stack, &path).await;
    assert_eq!(actions(&next)[0], "POST /v1/customers/{id}/unmerge");
    assert_eq!(next[1]["at"], json!(of_both));
}
