//! Everything that is held, to whoever asks what it is.

use crm_tests::shop::{Webhook, order, refund};
use crm_tests::stack::Stack;
use serde_json::{Value, json};

use crate::kept::{ADA, CANARIES, ada_buys, ada_herself, ada_is_talked_about, after, requests};

fn ada_asks(ticket: u64) -> Webhook {
    let body = json!({
        "shop_id": 954_889,
        "shop_domain": "cups.myshopify.com",
        "customer": {"id": ADA, "email": "canary.ada@example.com", "phone": "+436641112223"},
        "orders_requested": [1],
        "data_request": {"id": ticket},
    });
    Webhook::new("customers/data_request", &body)
}

fn kinds(document: &Value) -> Vec<String> {
    let facts = document["facts"].as_array().expect("facts").iter();
    let mut kinds: Vec<_> = facts
        .map(|fact| fact["kind"].as_str().unwrap_or("?").to_owned())
        .collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

#[tokio::test]
async fn ada_is_told_everything_that_is_held_of_her() {
    let stack = Stack::start().await;
    let then = after(&stack, -1);
    stack
        .deliver([ada_herself(then), ada_buys(1, then, "20.00")])
        .await;
    stack
        .deliver([refund(9, 1, &then.to_string(), 1, "4.00")])
        .await;
    let ada = stack.customer("canary.ada@example.com").await;
    let case = json!({"customer_id": ada["id"], "subject": "canarywish", "priority": "low"});
    stack.call("agent", "POST", "/v1/cases", Some(case)).await;
    ada_is_talked_about(&stack, ada["id"].as_str().expect("an id")).await;
    stack.deliver([ada_asks(1), ada_asks(1), ada_asks(2)]).await;

    let asked = requests(&stack).await;
    assert_eq!(asked.len(), 2, "two tickets, one of them told twice");
    let request = asked
        .iter()
        .find(|request| request["state"] == "ready")
        .expect("one is ready");
    assert_eq!(
        request["due_by"],
        (stack.now() + jiff::SignedDuration::from_hours(720)).to_string()
    );
    let path = format!(
        "/v1/privacy/requests/{}/document",
        request["id"].as_str().expect("an id")
    );
    assert_eq!(stack.get("agent", &path).await.status, 403);
    let answer = stack.get("admin", &path).await;
    assert_eq!(answer.status, 200);
    let (document, text) = (&answer.body, answer.body.to_string());
    for canary in CANARIES {
        assert!(text.contains(canary), "{canary} is missing");
    }
    assert_eq!(
        kinds(document),
        [
            "audit",
            "case",
            "communication",
            "field_change",
            "message",
            "order",
            "privacy",
            "run"
        ]
    );
    let text_of = |kind: &str| {
        let facts = document["facts"].as_array().expect("facts").iter();
        let own: Vec<_> = facts.filter(|fact| fact["kind"] == kind).collect();
        serde_json::to_string(&own).expect("plain data")
    };
    assert!(text_of("communication").contains("She said: canarywish"));
    assert!(text_of("field_change").contains("canarywish"));
    assert_eq!(
        document["profiles"][0]["fields"]["nickname"]["v"],
        "canarywish"
    );
    let order = document["facts"].as_array().expect("facts").iter();
    let order = order
        .clone()
        .find(|fact| fact["kind"] == "order")
        .expect("an order");
    assert!(order["order"]["refunds"]["9"].is_object(), "{order}");
    assert_eq!(document["customer"]["consent"]["email"]["state"], "given");
    assert!(document["customer"]["assessment"]["segment"].is_string());
    assert!(
        !document["history"]
            .as_array()
            .expect("a history")
            .is_empty()
    );

    let done = path.replace("document", "carry-out");
    assert_eq!(
        stack.call("admin", "POST", &done, None).await.body["state"],
        "done"
    );
}

#[tokio::test]
async fn who_is_unknown_is_told_that_nothing_is_held() {
    let stack = Stack::start().await;
    stack.deliver([ada_asks(1)]).await;
    let request = &requests(&stack).await[0];
    assert_eq!(
        (&request["state"], &request["nothing_held"]),
        (&json!("done"), &json!(true))
    );
    assert_eq!(request["external_id"], json!(null));
    let path = format!(
        "/v1/privacy/requests/{}/document",
        request["id"].as_str().expect("an id")
    );
    assert_eq!(stack.get("admin", &path).await.body["nothing_held"], true);
    assert_eq!(stack.dead_letters().await.len(), 0);
}

#[tokio::test]
async fn who_is_joined_with_another_is_told_nothing_of_them_unless_somebody_says_so() {
    for (scope, tells) in [(json!({}), false), (json!({"scope": "person"}), true)] {
        let stack = Stack::start().await;
        let then = after(&stack, -48);
        let kim = order(7, &then.to_string(), "11.00", 1).by(55_001, "kim@example.com", "Kim");
        stack
            .deliver([ada_herself(then), ada_buys(1, then, "20.00"), kim.created()])
            .await;
        let ada = stack.customer("canary.ada@example.com").await["id"].clone();
        let kim = stack.customer("kim@example.com").await["id"].clone();
        let path = format!("/v1/customers/{}/merge", kim.as_str().expect("an id"));
        let body = json!({"with": ada, "accept_limits": true});
        let joined = stack.call("agent", "POST", &path, Some(body)).await;
        assert_eq!(joined.status, 201, "{joined:?}");
        stack.deliver([ada_asks(1)]).await;
        let request = requests(&stack).await[0].clone();
        assert_eq!(
            (&request["state"], &request["doubt"]),
            (&json!("needs_a_person"), &json!("joined_with_others"))
        );
        let path = format!(
            "/v1/privacy/requests/{}",
            request["id"].as_str().expect("an id")
        );
        let document = format!("{path}/document");
        assert_eq!(stack.get("admin", &document).await.status, 409);
        let decided = stack
            .call("admin", "POST", &format!("{path}/carry-out"), Some(scope))
            .await;
        assert_eq!(decided.body["state"], "ready", "{decided:?}");
        let told = stack.get("admin", &document).await;
        assert_eq!(told.status, 200, "{told:?}");
        let text = told.body.to_string();
        assert!(text.contains("Adacanaria") && text.contains("Canarygasse"));
        assert_eq!(text.contains("kim@example.com"), tells, "{text}");
        assert_eq!(
            text.contains("shopify:cups.myshopify.com:7\""),
            tells,
            "{text}"
        );
    }
}

/// Asks an API of its own for a page of a document.
async fn page(api: &api::Function, stack: &Stack, id: &str, cursor: Option<&str>) -> Value {
    let parameters = cursor.map(|cursor| json!({"cursor": cursor}));
    let path = format!("/v1/privacy/requests/{id}/document");
    let event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {},
        "queryStringParameters": parameters.unwrap_or(json!({})),
        "requestContext": {
            "stage": "$default",
            "http": {"method": "GET", "path": path},
            "authorizer": {"jwt": {"claims": {"sub": "admin-1", "cognito:groups": "[admin]"}}},
        },
    });
    let event = serde_json::from_value(event).expect("an event");
    let mut metrics = crm_lambda::Metrics::new("told");
    let answer = api.handle(stack.now(), &mut metrics, event).await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.status_code, 200, "{answer:?}");
    let Some(aws_lambda_events::encodings::Body::Text(text)) = answer.body else {
        panic!("a document is text");
    };
    serde_json::from_str(&text).expect("JSON")
}

#[tokio::test]
async fn a_long_document_comes_in_pages_that_leave_nothing_out_and_repeat_nothing() {
    let stack = Stack::start().await;
    let then = after(&stack, -48);
    stack.deliver([ada_herself(then)]).await;
    stack
        .deliver((1..=50).map(|id| ada_buys(id, then, "2.00")))
        .await;
    stack.deliver([ada_asks(1)]).await;
    let id = requests(&stack).await[0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let system = stack.system();
    let variables = system.wiring().functions["Api"].variables.clone();
    let short = ("DOCUMENT_BYTES".to_owned(), "10000".to_owned());
    let variables = variables.into_iter().chain([short]).collect();
    let api = api::Function::new(&system.services().sdk_config(), &variables).expect("an API");

    let (mut orders, mut pages, mut cursor) = (Vec::new(), 0, None);
    loop {
        let document = page(&api, &stack, &id, cursor.as_deref()).await;
        assert_eq!(
            document["customer"].is_object(),
            pages == 0,
            "the first page alone"
        );
        let facts = document["facts"].as_array().expect("facts").iter();
        let own = facts.filter(|fact| fact["kind"] == "order");
        orders.extend(own.map(|fact| fact["order"]["id"].to_string()));
        pages += 1;
        cursor = document["cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    assert!(pages > 2, "{pages}");
    orders.sort();
    let all = orders.len();
    orders.dedup();
    assert_eq!((all, orders.len()), (50, 50));
}
