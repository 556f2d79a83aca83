//! What was said between the store and a customer.

use crm_tests::stack::Stack;
use serde_json::{Value, json};

use crate::support::{Reply, ask, bought, id_of, merge, unmerge};

const ADA: &str = "ada@example.com";
const BO: &str = "bo@example.com";

async fn ada() -> (Stack, String) {
    let stack = Stack::start().await;
    stack
        .deliver([bought(1, 1, ADA, "2026-03-02T09:00:00Z")])
        .await;
    let id = id_of(&stack, ADA).await;
    (stack, id)
}

async fn add(stack: &Stack, role: &str, id: &str, key: &str, body: Value) -> Reply {
    let path = format!("/v1/customers/{id}/communications");
    let headers: &[_] = if key.is_empty() {
        &[]
    } else {
        &[("idempotency-key", key)]
    };
    ask(stack, (role, "POST", &path), headers, Some(body)).await
}

async fn list(stack: &Stack, role: &str, id: &str) -> Vec<Value> {
    let path = format!("/v1/customers/{id}/communications");
    let answer = stack.get(role, &path).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["items"].as_array().unwrap().clone()
}

fn texts(items: &[Value]) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let items = items.iter();
    items
        .map(|item| format!("{} {}", word(&item["kind"]), word(&item["body"])))
        .collect()
}

fn call(text: &str, at: &str) -> Value {
    json!({"kind": "call", "direction": "inbound", "body": text, "at": at})
}

#[tokio::test]
async fn calls_notes_and_what_the_system_sends_are_one_list_the_latest_first() {
    let (stack, id) = ada().await;
    let case = json!({"customer_id": id, "subject": "Where is it?", "priority": "low"});
    let case = stack
        .call("agent", "POST", "/v1/cases", Some(case))
        .await
        .body;
    let early = call("She asked for a red one.", "2026-03-01T08:00:00Z");
    assert_eq!(add(&stack, "agent", &id, "", early).await.status, 201);
    let note = json!({
        "kind": "note", "subject": "Gift", "body": "A gift for her mother.",
        "order_id": "shopify:1", "case_id": case["id"], "at": "2026-03-02T11:00:00Z",
    });
    let added = add(&stack, "sales", &id, "", note).await;
    assert_eq!(added.status, 201, "{added:?}");
    assert_eq!(added.body["order_id"], "shopify:cups.myshopify.com:1");
    let place = added.header("location");
    assert_eq!(
        place,
        format!("/v1/communications/{}", added.body["id"].as_str().unwrap())
    );
    assert_eq!(
        stack.get("viewer", place).await.body["body"],
        "A gift for her mother."
    );

    let items = list(&stack, "viewer", &id).await;
    assert_eq!(
        texts(&items),
        [
            "email -",
            "note A gift for her mother.",
            "call She asked for a red one."
        ]
    );
    // The welcome is shown as it stands with the message itself.
    let welcome = &items[0];
    assert_eq!(
        (&welcome["workflow"], &welcome["state"], &welcome["by"]),
        (&json!("welcome"), &json!("sent"), &Value::Null)
    );
    assert_eq!(welcome["order_id"], "shopify:cups.myshopify.com:1");
    let known = stack
        .get("viewer", &format!("/v1/customers/{id}"))
        .await
        .body;
    let shown = known["communications"].as_array().unwrap();
    assert_eq!(shown.len(), 3);
    assert_eq!(shown[1]["excerpt"], "A gift for her mother.");
    assert_eq!(
        shown[1].get("body"),
        None,
        "texts are in the list of their own"
    );

    // Page by page it is the same.
    let mut paged = Vec::new();
    let mut path = format!("/v1/customers/{id}/communications?limit=1");
    loop {
        let page = stack.get("viewer", &path).await.body;
        paged.extend(page["items"].as_array().unwrap().clone());
        let Some(cursor) = page["cursor"].as_str() else {
            break;
        };
        path = format!("/v1/customers/{id}/communications?limit=1&cursor={cursor}");
    }
    assert_eq!(paged, items);
}

#[tokio::test]
async fn the_same_request_again_adds_nothing_and_another_under_its_key_is_refused() {
    let (stack, id) = ada().await;
    let body = call("Once.", "2026-03-02T10:00:00Z");
    let first = add(&stack, "agent", &id, "key-1", body.clone()).await;
    let again = add(&stack, "agent", &id, "key-1", body).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.body, again.body);
    let other = call("Twice.", "2026-03-02T10:00:00Z");
    let refused = add(&stack, "agent", &id, "key-1", other).await;
    assert_eq!(
        (refused.status, &refused.body["field"]),
        (409, &json!("Idempotency-Key"))
    );
    assert_eq!(
        list(&stack, "agent", &id).await.len(),
        2,
        "with the welcome"
    );
}

#[tokio::test]
async fn what_is_wrong_is_named_and_other_people_s_orders_and_cases_are_nothing_of_hers() {
    let (stack, id) = ada().await;
    stack
        .deliver([bought(2, 2, BO, "2026-03-02T09:00:00Z")])
        .await;
    let bo = id_of(&stack, BO).await;
    let case = json!({"customer_id": bo, "subject": "Broken", "priority": "low"});
    let case = stack
        .call("agent", "POST", "/v1/cases", Some(case))
        .await
        .body;
    for (field, value) in [
        ("at", json!("2026-03-02T12:00:01Z")),
        ("order_id", json!("shopify:2")),
        ("case_id", case["id"].clone()),
        ("case_id", json!("nobodyscase")),
        ("direction", json!(null)),
        ("kind", json!("fax")),
        ("body", json!("x".repeat(10_001))),
        ("mood", json!("good")),
    ] {
        let mut body = call("Hello.", "2026-03-02T10:00:00Z");
        body[field] = value;
        let refused = add(&stack, "agent", &id, "", body).await;
        assert!([400, 422].contains(&refused.status), "{refused:?}");
        assert_eq!(refused.body["field"], field);
    }
    let nobody = add(
        &stack,
        "agent",
        "nobodyhere",
        "",
        call("?", "2026-03-02T10:00:00Z"),
    )
    .await;
    assert_eq!(nobody.status, 404);
    let viewer = add(&stack, "viewer", &id, "", call("?", "2026-03-02T10:00:00Z")).await;
    assert_eq!(viewer.status, 403);
}

#[tokio::test]
async fn who_may_only_look_does_not_see_what_the_staff_tell_each_other() {
    let (stack, id) = ada().await;
    let comment = json!({"kind": "internal_comment", "body": "Always asks for a discount."});
    let added = add(&stack, "agent", &id, "", comment).await;
    let path = format!("/v1/communications/{}", added.body["id"].as_str().unwrap());
    for (role, sees) in [
        ("viewer", false),
        ("agent", true),
        ("marketer", true),
        ("admin", true),
    ] {
        let listed = texts(&list(&stack, role, &id).await).join("; ");
        assert_eq!(listed.contains("discount"), sees, "{role}");
        let known = stack.get(role, &format!("/v1/customers/{id}")).await.body;
        let shown = known["communications"].to_string() + &known["timeline"].to_string();
        assert_eq!(shown.contains("discount"), sees, "{role}");
        let status = if sees { 200 } else { 404 };
        assert_eq!(stack.get(role, &path).await.status, status, "{role}");
    }
}

#[tokio::test]
async fn a_note_is_put_right_by_its_author_or_an_admin_and_what_it_said_is_kept() {
    let (stack, id) = ada().await;
    let note = json!({"kind": "note", "subject": "Gift", "body": "For her mother."});
    let added = add(&stack, "agent", &id, "", note).await;
    let path = format!("/v1/communications/{}", added.body["id"].as_str().unwrap());
    let tag = added.header("etag").to_owned();
    let father = Some(json!({"body": "For her father."}));
    let stranger = ask(&stack, ("sales", "PATCH", &path), &[], father.clone()).await;
    assert_eq!(stranger.status, 403);

    let righted = ask(
        &stack,
        ("agent", "PATCH", &path),
        &[("if-match", &tag)],
        father,
    )
    .await;
    assert_eq!(righted.status, 200, "{righted:?}");
    let stale = Some(json!({"subject": "Present"}));
    let late = ask(
        &stack,
        ("admin", "PATCH", &path),
        &[("if-match", &tag)],
        stale.clone(),
    )
    .await;
    assert_eq!(
        (late.status, &late.body["field"]),
        (412, &json!("If-Match"))
    );
    let admin = ask(&stack, ("admin", "PATCH", &path), &[], stale).await;
    assert_eq!(admin.status, 200, "{admin:?}");

    let now = stack.get("agent", &path).await.body;
    assert_eq!(
        (&now["subject"], &now["body"]),
        (&json!("Present"), &json!("For her father."))
    );
    let corrections = now["corrections"].as_array().unwrap();
    let before: Vec<_> = corrections
        .iter()
        .map(|one| (&one["subject"], &one["body"], &one["by"]))
        .collect();
    assert_eq!(
        before,
        [
            (
                &json!("Gift"),
                &json!("For her mother."),
                &json!("local-agent")
            ),
            (
                &json!("Gift"),
                &json!("For her father."),
                &json!("local-admin")
            ),
        ]
    );
    // The same words again are no correction; none at all are refused.
    let same = Some(json!({"body": "For her father."}));
    let same = ask(&stack, ("agent", "PATCH", &path), &[], same).await;
    assert_eq!(same.body["corrections"].as_array().unwrap().len(), 2);
    let empty = ask(&stack, ("agent", "PATCH", &path), &[], Some(json!({}))).await;
    assert_eq!(empty.status, 422);
    // Who looked at it and who changed it is found by the customer.
    let trail = stack
        .get("admin", &format!("/v1/audit?person={id}&limit=100"))
        .await
        .body;
    let trail = trail["items"].as_array().unwrap().iter();
    let trail: Vec<_> = trail
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    for action in [
        "POST /v1/customers/{id}/communications",
        "GET /v1/communications/{id}",
        "PATCH /v1/communications/{id}",
    ] {
        assert!(trail.contains(&action), "{action} is not in {trail:?}");
    }
    // A message of the system's is nobody's to put right.
    let items = list(&stack, "agent", &id).await;
    let welcome = items
        .iter()
        .find(|item| item["workflow"] == "welcome")
        .unwrap();
    let path = format!("/v1/communications/{}", welcome["id"].as_str().unwrap());
    assert_eq!(stack.get("agent", &path).await.status, 404);
}

#[tokio::test]
async fn what_was_said_follows_the_customer_into_a_merge_and_out_of_it() {
    let (stack, ada) = ada().await;
    stack
        .deliver([bought(2, 2, BO, "2026-03-02T09:00:00Z")])
        .await;
    let bo = id_of(&stack, BO).await;
    let words = |text: &str, at: &str| call(text, at);
    add(
        &stack,
        "agent",
        &ada,
        "",
        words("Ada's.", "2026-03-02T10:00:00Z"),
    )
    .await;
    add(
        &stack,
        "agent",
        &bo,
        "",
        words("Bo's.", "2026-03-02T10:30:00Z"),
    )
    .await;
    let made = merge(&stack, &ada, &bo).await;
    add(
        &stack,
        "agent",
        &bo,
        "",
        words("While one.", "2026-03-02T11:00:00Z"),
    )
    .await;
    let calls = |items: Vec<Value>| {
        let calls = items.into_iter().filter(|item| item["kind"] == "call");
        texts(&calls.collect::<Vec<_>>())
    };
    assert_eq!(
        calls(list(&stack, "agent", &ada).await),
        ["call While one.", "call Bo's.", "call Ada's."]
    );
    unmerge(&stack, &ada, &made).await;
    assert_eq!(calls(list(&stack, "agent", &ada).await), ["call Ada's."]);
    assert_eq!(
        calls(list(&stack, "agent", &bo).await),
        ["call While one.", "call Bo's."]
    );
}
