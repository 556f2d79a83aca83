//! Named segments: who is in them as things happen and as time passes.

use crm_tests::shop::{order, refund};
use crm_tests::stack::Stack;
use serde_json::{Value, json};

use crate::support::{call_with, customer, id_of, members, name, place, placed, record, told};

fn big_spenders() -> Value {
    json!({"all": [
        {"gross": {"at_least": 100}},
        {"days_since_last_order": {"below": 31}},
    ]})
}

/// Three prospects with tags.
async fn people() -> Stack {
    let stack = Stack::start_without_cases().await;
    let mut ada = customer(1, "Ada", "Lovelace");
    ada["tags"] = json!("press");
    let mut bo = customer(2, "Bo", "Meyer");
    bo["tags"] = json!("wholesale");
    let cy = customer(3, "Cy", "Young");
    stack.deliver([&ada, &bo, &cy].map(told)).await;
    stack
}

#[tokio::test]
async fn an_order_puts_ada_among_the_big_spenders_and_time_alone_takes_her_out() {
    let stack = people().await;
    let segment = name(&stack, "Big spenders of the last 30 days", big_spenders()).await;
    assert_eq!(members(&stack, &segment).await, [0; 0]);

    let bought = order(1, "2026-03-02T11:00:00Z", "60", 2).by(1, "c1@example.com", "Ada");
    stack.deliver([bought.created()]).await;
    assert_eq!(members(&stack, &segment).await, [1]);
    let ada = stack.customer("c1@example.com").await;
    assert_eq!(ada["assessment"]["next_change_on"], "2026-04-02");

    // 30 days later she still is; on the next day the hourly tick takes her out.
    stack.until("2026-04-01T22:30:00Z").await;
    assert_eq!(members(&stack, &segment).await, [1]);
    stack.until("2026-04-02T00:30:00Z").await;
    assert_eq!(members(&stack, &segment).await, [0; 0]);
}

#[tokio::test]
async fn the_hourly_tick_alone_takes_her_out_and_reads_nobody_who_is_not_due() {
    let stack = people().await;
    let crowd: Vec<_> = (10..60)
        .map(|n| told(&customer(n, "Xi", "Crowd")))
        .collect();
    stack.deliver(crowd).await;
    let segment = name(&stack, "Big spenders of the last 30 days", big_spenders()).await;
    let bought = order(1, "2026-03-02T11:00:00Z", "60", 2).by(1, "c1@example.com", "Ada");
    stack.deliver([bought.created()]).await;
    assert_eq!(members(&stack, &segment).await, [1]);
    stack.until("2026-04-01T22:30:00Z").await;

    let dynamo = stack.system().services().dynamo();
    dynamo.meter(true);
    dynamo.reset_consumed();
    stack.until("2026-04-02T01:00:00Z").await;
    let read: f64 = dynamo
        .consumed()
        .values()
        .map(|units| units.read_units)
        .sum();
    assert_eq!(members(&stack, &segment).await, [0; 0]);
    assert!(read < 30.0, "{read} units for one of 33 customers");
}

#[tokio::test]
async fn a_refund_and_a_label_move_people_within_one_settle() {
    let stack = people().await;
    let net = name(&stack, "Worth it", json!({"net": {"at_least": 100}})).await;
    let either = json!({"any": [{"tag": "press"}, {"tag": "wholesale"}]});
    let both = name(&stack, "Known to us", either).await;
    let neither = json!({"not": {"any": [{"tag": "press"}, {"tag": "wholesale"}]}});
    let others = name(&stack, "Everyone else", neither).await;
    assert_eq!(members(&stack, &both).await, [1, 2]);
    assert_eq!(members(&stack, &others).await, [3]);

    let bought = order(1, "2026-03-02T11:00:00Z", "60", 2).by(1, "c1@example.com", "Ada");
    stack.deliver([bought.created()]).await;
    assert_eq!(members(&stack, &net).await, [1]);
    stack
        .deliver([refund(9, 1, "2026-03-02T11:30:00Z", 1, "60")])
        .await;
    assert_eq!(members(&stack, &net).await, [0; 0]);

    let mut cy = customer(3, "Cy", "Young");
    cy["tags"] = json!("Press");
    cy["updated_at"] = json!("2026-03-02T11:00:00Z");
    stack.deliver([told(&cy)]).await;
    assert_eq!(members(&stack, &both).await, [1, 2, 3]);
    assert_eq!(members(&stack, &others).await, [0; 0]);
}

#[tokio::test]
async fn a_preview_counts_who_will_be_in_and_who_enters_and_leaves() {
    let stack = people().await;
    let preview = async |body: Value| {
        let path = "/v1/named-segments/preview";
        let run = stack.call("marketer", "POST", path, Some(body)).await;
        assert_eq!(run.status, 202, "{run:?}");
        stack.settle().await;
        let id = run.body["id"].as_str().unwrap().to_owned();
        let run = stack
            .get("viewer", &format!("/v1/segments/refresh/{id}"))
            .await;
        assert_eq!(
            (&run.body["state"], &run.body["kind"]),
            (&json!("done"), &json!("named_segment_preview"))
        );
        run.body["result"].clone()
    };
    let press = json!({"tag": "press"});
    let foreseen = preview(json!({ "condition": press })).await;
    assert_eq!(
        foreseen,
        json!({"customers": 3, "members": 1, "entering": 1, "leaving": 0, "unreadable": 0})
    );
    let segment = name(&stack, "Press", press).await;
    assert_eq!(members(&stack, &segment).await, [1]);

    let cy = id_of(&stack, 3).await;
    assert_eq!(place(&stack, &segment, &cy, "include").await.status, 200);
    let wholesale = json!({"tag": "wholesale"});
    let foreseen = preview(json!({"condition": wholesale, "segment": segment})).await;
    assert_eq!(
        foreseen,
        json!({"customers": 3, "members": 2, "entering": 1, "leaving": 1, "unreadable": 0})
    );

    // A changed definition moves everyone at once.
    let path = format!("/v1/named-segments/{segment}");
    let body = json!({"name": "Press", "condition": wholesale});
    let changed = stack.call("sales", "PUT", &path, Some(body)).await;
    assert_eq!((changed.status, &changed.body["version"]), (200, &json!(2)));
    stack.settle().await;
    assert_eq!(members(&stack, &segment).await, [2, 3]);
    let shown = stack.get("viewer", &path).await.body;
    assert_eq!(
        (&shown["members"], &shown["changed_by"]),
        (&json!(2), &json!("local-sales"))
    );

    // And nobody is left in one that is given up.
    let gone = stack.call("admin", "DELETE", &path, None).await;
    assert_eq!(gone.status, 200);
    stack.settle().await;
    assert_eq!(stack.get("viewer", &path).await.status, 404);
    for (method, path, body, field) in [
        (
            "GET",
            format!("/v1/customers?named_segment={segment}"),
            None,
            "named_segment",
        ),
        (
            "GET",
            format!("/v1/exports/customers.csv?vip=true&named_segment={segment}"),
            None,
            "named_segment",
        ),
        (
            "POST",
            "/v1/customers/search".to_owned(),
            Some(
                json!({"condition": {"any": [{"vip": true}, {"not": {"named_segment": segment}}]}}),
            ),
            "condition.any.1.not.named_segment",
        ),
    ] {
        let refused = stack.call("sales", method, &path, body).await;
        assert_eq!(
            (refused.status, &refused.body["field"]),
            (422, &json!(field)),
            "{path}"
        );
    }
    let bo = id_of(&stack, 2).await;
    let bo = record(&stack, &bo).await;
    assert_eq!(bo.within().map(std::collections::BTreeSet::len), None);
}

#[tokio::test]
async fn what_is_decided_by_hand_beats_the_definition_through_merge_and_unmerge() {
    let stack = people().await;
    let segment = name(&stack, "Press", json!({"tag": "press"})).await;
    let (ada, bo, cy) = (
        id_of(&stack, 1).await,
        id_of(&stack, 2).await,
        id_of(&stack, 3).await,
    );
    assert_eq!(place(&stack, &segment, &ada, "exclude").await.status, 200);
    stack.until("2026-03-02T12:30:00Z").await;
    assert_eq!(place(&stack, &segment, &cy, "include").await.status, 200);
    assert_eq!(members(&stack, &segment).await, [3]);
    let listed = stack
        .get("viewer", &format!("/v1/named-segments/{segment}/members"))
        .await;
    assert_eq!(listed.body["items"][0]["placed"], "include");
    assert_eq!(placed(&stack, &segment, "exclude").await, [1]);
    assert_eq!(placed(&stack, &segment, "include").await, [3]);
    // Her page says so too, with the name.
    let page = stack
        .get("viewer", &format!("/v1/customers/{ada}?sections=segments"))
        .await;
    let shown = json!([{
        "id": segment, "name": "Press", "member": false,
        "placed": "exclude", "placed_at": "2026-03-02T12:00:00Z",
    }]);
    assert_eq!(page.body["named_segments"], shown);

    // Bo takes Cy in, and with her what was said of her.
    let merge = async |with: &str| {
        let path = format!("/v1/customers/{bo}/merge");
        let body = json!({"with": with, "accept_limits": true});
        let merged = stack.call("agent", "POST", &path, Some(body)).await;
        assert_eq!(merged.status, 201, "{merged:?}");
        stack.settle().await;
        merged.body["id"].clone()
    };
    let first = merge(&cy).await;
    assert_eq!(members(&stack, &segment).await, [2, 3]);
    // Then Ada, left out before Cy was put in: the latest word counts.
    let second = merge(&ada).await;
    assert_eq!(members(&stack, &segment).await, [1, 2, 3]);
    assert_eq!(placed(&stack, &segment, "include").await, [1, 2, 3]);
    assert_eq!(placed(&stack, &segment, "exclude").await, [0; 0]);
    stack.until("2026-03-02T13:00:00Z").await;
    assert_eq!(place(&stack, &segment, &ada, "exclude").await.status, 200);
    assert_eq!(members(&stack, &segment).await, [0; 0]);

    for merge in [second, first] {
        let path = format!("/v1/customers/{bo}/unmerge");
        let body = json!({ "merge_id": merge });
        let parted = stack.call("agent", "POST", &path, Some(body)).await;
        assert_eq!(parted.status, 200, "{parted:?}");
        stack.settle().await;
    }
    assert_eq!(members(&stack, &segment).await, [3]);

    // Taken back, the definition decides again.
    for customer in [&ada, &cy] {
        let path = format!("/v1/named-segments/{segment}/members/{customer}");
        let taken = stack.call("admin", "DELETE", &path, None).await;
        assert_eq!((taken.status, &taken.body["placed"]), (200, &json!(null)));
    }
    stack.settle().await;
    assert_eq!(members(&stack, &segment).await, [1]);
    assert_eq!(placed(&stack, &segment, "include").await, [0; 0]);
    assert_eq!(placed(&stack, &segment, "exclude").await, [0; 0]);
}

#[tokio::test]
async fn a_name_is_somebodys_alone_and_a_change_names_what_it_has_seen() {
    let stack = people().await;
    let make = async |name: &str, condition: Value| {
        let body = json!({"name": name, "condition": condition});
        stack
            .call("marketer", "POST", "/v1/named-segments", Some(body))
            .await
    };
    let press = json!({"tag": "press"});
    let first = make("Press", press.clone()).await;
    assert_eq!(first.status, 201);
    for (name, condition, status, field) in [
        ("PRESS", press.clone(), 409, "name"),
        ("", press.clone(), 400, "name"),
        (" Press", press.clone(), 422, "name"),
        ("Orders", json!({"order_number": "1"}), 422, "condition"),
        (
            "Others",
            json!({"not": {"named_segment": first.body["id"]}}),
            422,
            "condition",
        ),
        ("Bad", json!({"tag": 1}), 400, "condition.tag"),
    ] {
        let refused = make(name, condition).await;
        assert_eq!(
            (refused.status, &refused.body["field"]),
            (status, &json!(field)),
            "{name}"
        );
    }
    let listed = stack.get("viewer", "/v1/named-segments").await.body;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(listed["items"][0]["condition"], press);
    // The same request again is the same segment.
    let id = first.body["id"].as_str().unwrap();
    let path = format!("/v1/named-segments/{id}");
    let body = json!({"name": "Press", "condition": press});
    let same = stack
        .call("marketer", "PUT", &path, Some(body.clone()))
        .await;
    assert_eq!(same.body["version"], 1);
    let body = json!({"name": "Reporters", "condition": press});
    let stale = call_with(
        &stack,
        "marketer",
        "PUT",
        &path,
        Some(body.clone()),
        &[("if-match", "\"7\"")],
    )
    .await;
    assert_eq!(stale.status, 412);
    let done = call_with(
        &stack,
        "marketer",
        "PUT",
        &path,
        Some(body.clone()),
        &[("if-match", "\"1\"")],
    )
    .await;
    assert_eq!((done.status, &done.body["version"]), (200, &json!(2)));
    // Whoever did not hear that asks once more, and is told that it stands.
    let seen = [("if-match", "\"1\"")];
    let again = call_with(&stack, "marketer", "PUT", &path, Some(body), &seen).await;
    assert_eq!((again.status, &again.body), (200, &done.body));
    let new = json!({"name": "Once", "condition": press});
    let key = [("idempotency-key", "k1")];
    let one = call_with(
        &stack,
        "marketer",
        "POST",
        "/v1/named-segments",
        Some(new.clone()),
        &key,
    )
    .await;
    let two = call_with(
        &stack,
        "marketer",
        "POST",
        "/v1/named-segments",
        Some(new),
        &key,
    )
    .await;
    assert_eq!((one.status, two.status), (201, 201));
    assert_eq!(one.body["id"], two.body["id"]);
}

#[tokio::test]
async fn there_are_fifty_named_segments_at_most() {
    let stack = Stack::start_without_cases().await;
    for n in 0..51 {
        let body = json!({"name": format!("Segment {n}"), "condition": {"vip": true}});
        let made = stack
            .call("marketer", "POST", "/v1/named-segments", Some(body))
            .await;
        assert_eq!(made.status, if n < 50 { 201 } else { 409 }, "{n}");
    }
    stack.settle().await;
    assert_eq!(stack.dead_letters().await.len(), 0);
}
