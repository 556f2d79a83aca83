//! Everyone anew, as of a date, or by other settings: asked for and read.

use crm_tests::shop::order;
use crm_tests::stack::Stack;
use serde_json::{Value, json};

/// Three customers: Ada bought twice, Bo and Cleo once.
async fn shop() -> Stack {
    let stack = Stack::start().await;
    for (id, at, who) in [
        (1, "2026-01-05T09:00:00Z", "ada"),
        (2, "2026-02-20T09:00:00Z", "ada"),
        (3, "2026-02-10T09:00:00Z", "bo"),
        (4, "2026-01-20T09:00:00Z", "cleo"),
    ] {
        let customer = u64::from(who.as_bytes()[0]);
        let email = format!("{who}@example.com");
        let order = order(id, at, "60", 1).by(customer, &email, who);
        stack.deliver([order.created()]).await;
    }
    stack
}

async fn run(stack: &Stack, path: &str, body: Value) -> Value {
    let asked = stack.call("admin", "POST", path, Some(body)).await;
    assert_eq!(asked.status, 202, "{asked:?}");
    assert_eq!(asked.body["result"], Value::Null);
    stack.settle().await;
    let id = asked.body["id"].as_str().unwrap();
    let done = stack
        .get("viewer", &format!("/v1/segments/refresh/{id}"))
        .await;
    assert_eq!(done.status, 200, "{done:?}");
    assert_eq!(done.body["state"], "done", "{done:?}");
    done.body
}

async fn assessment(stack: &Stack, who: &str, query: &str) -> (u16, Value) {
    let customer = stack.customer(&format!("{who}@example.com")).await;
    let id = customer["id"].as_str().unwrap();
    let path = format!("/v1/customers/{id}/assessment?{query}");
    let answer = stack.get("viewer", &path).await;
    (answer.status, answer.body)
}

#[tokio::test]
async fn a_refresh_looks_at_everyone_and_leaves_the_figures_of_the_day() {
    let stack = shop().await;
    let before = stack.get("viewer", "/v1/population").await.body;
    let done = run(&stack, "/v1/segments/refresh", json!({})).await;
    assert_eq!(
        (&done["kind"], &done["on"]),
        (&json!("refresh"), &json!("2026-03-02"))
    );
    assert!(done["requested_by"].is_string());
    assert_eq!(done["progress"]["done"], done["progress"]["slices"]);
    assert_eq!(done["result"]["customers"], 3);

    let figures = stack.get("viewer", "/v1/population").await.body;
    assert_eq!(figures["on"], "2026-03-02");
    assert_eq!(figures["buyers"]["customers"], 3);
    assert_eq!(figures["segments"]["Active"]["customers"], 1);
    let version = |figures: &Value| figures["cutoffs"]["version"].as_u64();
    assert_eq!(
        version(&figures),
        version(&before).map(|version| version + 1)
    );
    let before = stack.get("viewer", "/v1/population?on=2026-03-01").await;
    assert_eq!(before.status, 404);
}

#[tokio::test]
async fn asking_again_while_a_run_is_under_way_finds_it() {
    let stack = shop().await;
    let ask = |path: &'static str, body: Value| stack.call("admin", "POST", path, Some(body));
    let refresh = "/v1/segments/refresh";
    let first = ask(refresh, json!({})).await.body;
    let again = ask(refresh, json!({})).await.body;
    assert_eq!(first["id"], again["id"]);
    let past = ask(refresh, json!({"as_of": "2026-02-01"})).await.body;
    let other_past = ask(refresh, json!({"as_of": "2026-02-02"})).await.body;
    let diff = ask("/v1/settings/diff", json!({"cost_table": true}))
        .await
        .body;
    let ids = [&first, &past, &other_past, &diff].map(|run| run["id"].to_string());
    assert_eq!(std::collections::BTreeSet::from(ids).len(), 4);

    stack.settle().await;
    let later = ask(refresh, json!({})).await.body;
    assert_ne!(first["id"], later["id"]);
    stack.settle().await;
    assert_eq!(stack.dead_letters().await, [] as [Value; 0]);
}

#[tokio::test]
async fn the_same_key_makes_one_run_even_after_it_is_over() {
    let stack = shop().await;
    let ask = async |key: &str, body: Value| {
        let token = stack.system().identity().token("admin").unwrap();
        let request = http::Request::builder()
            .method("POST")
            .uri("/v1/segments/refresh")
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .header("idempotency-key", key)
            .body(body.to_string().into_bytes());
        let answer = stack.send(request.unwrap()).await;
        stack.settle().await;
        answer
    };
    let first = ask("k1", json!({})).await.body;
    let again = ask("k1", json!({})).await.body;
    assert_eq!(
        (&first["id"], &again["state"]),
        (&again["id"], &json!("done"))
    );
    assert_ne!(ask("k2", json!({})).await.body["id"], first["id"]);
    let other = ask("k1", json!({"as_of": "2026-03-01"})).await;
    assert_eq!(
        (other.status, &other.body["field"]),
        (409, &json!("Idempotency-Key"))
    );
}

#[tokio::test]
async fn a_past_date_is_answered_after_a_run_has_looked_at_it() {
    let stack = shop().await;
    let (status, problem) = assessment(&stack, "ada", "as_of=2026-02-01").await;
    assert_eq!((status, &problem["field"]), (404, &json!("as_of")));
    assert!(
        problem["limit"]
            .as_str()
            .unwrap()
            .contains("/v1/segments/refresh")
    );

    let done = run(
        &stack,
        "/v1/segments/refresh",
        json!({"as_of": "2026-02-01"}),
    )
    .await;
    assert_eq!(
        (&done["kind"], &done["on"]),
        (&json!("as_of"), &json!("2026-02-01"))
    );
    let (status, ada) = assessment(&stack, "ada", "as_of=2026-02-01").await;
    assert_eq!(status, 200, "{ada}");
    assert_eq!(
        (&ada["on"], &ada["stage"]),
        (&json!("2026-02-01"), &json!("New"))
    );
    assert_eq!(ada["why"]["facts"]["orders"], 1);
    let (_, bo) = assessment(&stack, "bo", "as_of=2026-02-01").await;
    assert_eq!(bo["stage"], "Prospect", "{bo}");

    // What they are now is what it was.
    let now = stack.customer("ada@example.com").await;
    assert_eq!(now["assessment"]["stage"], "Active");
}

#[tokio::test]
async fn proposed_settings_tell_who_would_enter_and_leave_and_change_nothing() {
    let stack = shop().await;
    // New for 10 days instead of 30: Bo's order is 20 days old, Cleo's 41.
    let proposed = json!({"lifecycle": {"new_days": 10}});
    let done = run(&stack, "/v1/settings/diff", proposed).await;
    let segments = &done["result"]["segments"];
    assert_eq!(done["result"]["customers"], 3, "{done}");
    assert_eq!(
        segments["New"],
        json!({"now": 1, "then": 0, "enter": 0, "leave": 1})
    );
    assert_eq!(
        segments["Single-order"],
        json!({"now": 1, "then": 2, "enter": 1, "leave": 0})
    );
    let settings = stack.get("viewer", "/v1/settings").await.body;
    assert_eq!(settings["lifecycle"]["new_days"], 30);
    let bo = stack.customer("bo@example.com").await;
    assert_eq!(bo["assessment"]["segment"], "New");
}

#[tokio::test]
async fn a_run_that_cannot_be_is_refused_with_its_field() {
    let stack = Stack::start().await;
    for (path, body, status, field) in [
        (
            "/v1/segments/refresh",
            json!({"as_of": "2026-03-03"}),
            422,
            "as_of",
        ),
        (
            "/v1/segments/refresh",
            json!({"as_of": "yesterday"}),
            400,
            "as_of",
        ),
        ("/v1/segments/refresh", json!({"as_of": 7}), 400, "as_of"),
        (
            "/v1/segments/refresh",
            json!({"asof": "2026-03-01"}),
            400,
            "asof",
        ),
        (
            "/v1/settings/diff",
            json!({"vip": {"enter_share": "0.9"}}),
            422,
            "vip.enter_share",
        ),
        ("/v1/settings/diff", json!({"version": 7}), 409, "version"),
    ] {
        let answer = stack.call("admin", "POST", path, Some(body)).await;
        assert_eq!(
            (answer.status, &answer.body["field"]),
            (status, &json!(field)),
            "{answer:?}"
        );
    }
    let answer = stack.get("viewer", "/v1/segments/refresh/nosuchrun").await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn what_was_asked_for_is_forgotten_with_its_run() {
    let stack = shop().await;
    let asked = json!({"as_of": "2026-02-01"});
    let run = stack
        .call("admin", "POST", "/v1/segments/refresh", Some(asked))
        .await;
    let run = run.body["id"].as_str().unwrap().to_owned();
    let functions = &stack.system().wiring().functions;
    let facts = &functions["Api"].variables["FACTS_TABLE"];
    let client = aws_sdk_dynamodb::Client::new(&stack.system().services().sdk_config());
    let end = async |pk: &str, sk: &str| {
        let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
        let get = client.get_item().table_name(facts);
        let get = get.key("pk", text(pk)).key("sk", text(sk));
        let item = get.send().await.unwrap().item.unwrap();
        item["expires_at"].as_n().unwrap().clone()
    };
    let of_run = end(&format!("G#{run}"), "G").await;
    assert_eq!(end("Q#as_of#2026-02-01", "Q").await, of_run);
}
