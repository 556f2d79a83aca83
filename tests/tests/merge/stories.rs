//! What people see: one customer out of two, and two out of one.

use crm_tests::shop::{Webhook, order};
use crm_tests::stack::{Answer, Stack};
use serde_json::{Value, json};

pub fn customer(id: u64, at: &str, email: &str) -> Webhook {
    let body = json!({
        "id": id,
        "email": email,
        "first_name": "X",
        "created_at": at,
        "updated_at": at,
    });
    Webhook::new("customers/update", &body)
}

pub async fn merge(stack: &Stack, kept: &Value, joined: &Value) -> Answer {
    let path = format!("/v1/customers/{}/merge", kept.as_str().unwrap());
    let body = json!({"with": joined, "accept_limits": true});
    let answer = stack.call("agent", "POST", &path, Some(body)).await;
    stack.settle().await;
    answer
}

pub async fn unmerge(stack: &Stack, customer: &Value, merge: &Value) -> Answer {
    let path = format!("/v1/customers/{}/unmerge", customer.as_str().unwrap());
    let body = json!({ "merge_id": merge });
    let answer = stack.call("agent", "POST", &path, Some(body)).await;
    stack.settle().await;
    answer
}

async fn by_id(stack: &Stack, id: &Value) -> Value {
    let path = format!("/v1/customers/{}", id.as_str().unwrap());
    stack.get("viewer", &path).await.body
}

/// Ada is registered and has bought; a guest has bought under her other
/// address. Gives both ids.
async fn ada_and_a_guest(stack: &Stack) -> (Value, Value) {
    stack
        .deliver([
            order(1, "2026-03-02T09:00:00Z", "100", 1)
                .by(1, "ada@example.com", "Ada")
                .created(),
            order(2, "2026-03-02T10:00:00Z", "30", 1)
                .by_guest("ada@work.example")
                .created(),
        ])
        .await;
    let ada = stack.customer("ada@example.com").await["id"].clone();
    let guest = stack.customer("ada@work.example").await["id"].clone();
    assert_ne!(ada, guest);
    (ada, guest)
}

#[tokio::test]
async fn ada_and_her_work_self_are_one_customer_and_then_two_with_what_each_bought_meanwhile() {
    let stack = Stack::start().await;
    let (ada, guest) = ada_and_a_guest(&stack).await;
    assert_eq!(stack.mailbox().await.len(), 2);

    let made = merge(&stack, &ada, &guest).await;
    assert_eq!((made.status, &made.body["by"]), (201, &json!("staff")));
    let both = by_id(&stack, &guest).await;
    assert_eq!(both["id"], ada, "the old id leads to her");
    assert_eq!(
        (&both["orders_count"], &both["gross"]),
        (&json!(2), &json!("130"))
    );
    assert_eq!(both["assessment"]["f"], 2);
    assert_eq!(both["merges"][0]["undone"], Value::Null);
    assert_eq!(
        both["emails"],
        json!(["ada@example.com", "ada@work.example"])
    );

    // The guest's address buys again while they are one.
    stack
        .deliver([order(3, "2026-03-02T11:00:00Z", "7", 1)
            .by_guest("ada@work.example")
            .created()])
        .await;
    assert_eq!(by_id(&stack, &ada).await["gross"], "137");

    let parted = unmerge(&stack, &guest, &made.body["id"]).await;
    assert_eq!(parted.status, 200, "{parted:?}");
    let (hers, theirs) = (by_id(&stack, &ada).await, by_id(&stack, &guest).await);
    assert_eq!((&hers["id"], &hers["gross"]), (&ada, &json!("100")));
    assert_eq!((&theirs["id"], &theirs["gross"]), (&guest, &json!("37")));
    assert_eq!(
        (&hers["assessment"]["f"], &theirs["assessment"]["f"]),
        (&json!(1), &json!(2))
    );
    for customer in [&hers, &theirs] {
        let merge = &customer["merges"][0];
        assert_eq!(merge["id"], made.body["id"]);
        assert_eq!(merge["undone"]["kept_customer_id"], ada);
        assert_eq!(merge["undone"]["joined_customer_id"], guest);
        assert_eq!(customer["merges"].as_array().map(Vec::len), Some(1));
    }
    assert_eq!(stack.mailbox().await.len(), 2, "nobody is welcomed again");
    assert!(stack.dead_letters().await.is_empty());
}

#[tokio::test]
async fn a_customer_who_was_parted_is_in_no_list_but_the_own() {
    let stack = Stack::start().await;
    let (ada, guest) = ada_and_a_guest(&stack).await;
    let made = merge(&stack, &ada, &guest).await;
    let new = async || {
        let found = stack.get("viewer", "/v1/customers?segment=New").await.body;
        let ids = found["items"].as_array().cloned().unwrap_or_default();
        ids.iter()
            .map(|item| item["id"].clone())
            .collect::<Vec<_>>()
    };
    // Two orders lately: she is active, and neither of them new.
    assert_eq!(new().await, Vec::<Value>::new());
    unmerge(&stack, &ada, &made.body["id"]).await;
    let mut ids = new().await;
    ids.sort_by_key(Value::to_string);
    let mut expected = vec![ada, guest];
    expected.sort_by_key(Value::to_string);
    assert_eq!(ids, expected);
}

#[tokio::test]
async fn whom_an_address_joined_may_be_parted_and_stays_apart_whatever_is_told_again() {
    let stack = Stack::start().await;
    stack
        .deliver([order(1, "2026-03-02T09:00:00Z", "30", 1)
            .by_guest("home@example.com")
            .created()])
        .await;
    let guest = stack.customer("home@example.com").await["id"].clone();
    let at = "2026-03-02T10:00:00Z";
    stack.deliver([customer(1, at, "home@example.com")]).await;
    let known = "shopify:cups.myshopify.com:1";
    let both = stack.customer_known_as(known).await;
    assert_eq!(
        (&both["id"], &both["merges"][0]["by"]),
        (&guest, &json!("email"))
    );

    let parted = unmerge(&stack, &guest, &both["merges"][0]["id"]).await;
    let ada = parted.body["undone"]["joined_customer_id"].clone();
    assert_ne!(ada, guest);
    // Told again, and of both: the address is common to them, and one holds it.
    let at = "2026-03-02T11:00:00Z";
    stack
        .deliver([
            customer(1, at, "home@example.com"),
            order(2, at, "5", 1).by_guest("home@example.com").created(),
            order(3, at, "8", 1)
                .by(1, "home@example.com", "Ada")
                .created(),
        ])
        .await;
    let (hers, theirs) = (by_id(&stack, &ada).await, by_id(&stack, &guest).await);
    assert_eq!((&hers["id"], &hers["gross"]), (&ada, &json!("8")));
    assert_eq!((&theirs["id"], &theirs["gross"]), (&guest, &json!("35")));
    assert_eq!(stack.customer("home@example.com").await["id"], guest);

    // Only a person joins them again, and may.
    assert_eq!(merge(&stack, &ada, &guest).await.status, 201);
    let again = by_id(&stack, &guest).await;
    assert_eq!((&again["id"], &again["gross"]), (&ada, &json!("43")));
    assert_eq!(again["merges"].as_array().map(Vec::len), Some(2));
}

/// `customers/merge` of 2 into 1, as told at an instant.
fn merged_at_the_shop(at: &str) -> Webhook {
    let body = json!({
        "admin_graphql_api_customer_kept_id": "gid://shopify/Customer/1",
        "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/2",
        "status": "completed",
    });
    let mut told = Webhook::new("customers/merge", &body);
    told.triggered_at = Some(at.parse().unwrap());
    told
}

async fn pairs(stack: &Stack, state: &str) -> Vec<Value> {
    let path = format!("/v1/duplicates?state={state}");
    let page = stack.get("viewer", &path).await.body;
    page["items"].as_array().cloned().unwrap()
}

#[tokio::test]
async fn what_the_shop_merges_after_a_person_parted_it_is_asked_of_a_person_again() {
    let stack = Stack::start().await;
    let at = "2026-03-02T10:00:00Z";
    let told = [(1, "a@example.com"), (2, "b@example.com")];
    let told = told.map(|(id, email)| customer(id, at, email));
    stack.deliver(told).await;
    let old = merged_at_the_shop("2026-03-02T11:00:00Z");
    stack.deliver([old.clone()]).await;
    let kept = stack.customer_known_as("shopify:1").await;
    unmerge(&stack, &kept["id"], &kept["merges"][0]["id"]).await;
    stack.until("2026-03-02T14:00:00Z").await;
    stack.deliver([old]).await;
    assert_eq!(pairs(&stack, "open").await, Vec::<Value>::new());

    // Nothing of the two is alike but what the shop says.
    let new = merged_at_the_shop("2026-03-02T13:00:00Z");
    stack.deliver([new.clone(), new.clone()]).await;
    let open = pairs(&stack, "open").await;
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!(open[0]["score"], 1.0);
    let matched = open[0]["matched"].as_array().unwrap();
    assert!(matched.contains(&json!({"field": "merged_at_source", "similarity": 1.0})));
    assert_eq!(open[0]["customers"].as_array().map(Vec::len), Some(2));
    stack
        .call("admin", "POST", "/v1/duplicates/search", None)
        .await;
    stack.settle().await;
    assert_eq!(pairs(&stack, "open").await, open, "a search leaves it");

    // They are two, says a person, and the shop's news is old by then.
    let decide = async |what: &str| {
        let path = format!("/v1/duplicates/{}/{what}", open[0]["id"].as_str().unwrap());
        let body = json!({"accept_limits": true});
        let body = (what == "accept").then_some(body);
        let decided = stack.call("agent", "POST", &path, body).await;
        assert_eq!(decided.status, 200, "{decided:?}");
        stack.settle().await;
    };
    decide("reject").await;
    stack.deliver([new]).await;
    assert_eq!(pairs(&stack, "open").await, Vec::<Value>::new());
    assert_eq!(pairs(&stack, "rejected").await.len(), 1);

    // Once more, and a person agrees.
    stack.until("2026-03-02T16:00:00Z").await;
    stack
        .deliver([merged_at_the_shop("2026-03-02T15:00:00Z")])
        .await;
    assert_eq!(pairs(&stack, "open").await.len(), 1);
    let apart = stack.customer_known_as("shopify:2").await;
    assert_eq!(apart["external_ids"].as_array().map(Vec::len), Some(1));
    decide("accept").await;
    let both = stack.customer_known_as("shopify:2").await;
    assert_eq!(both["external_ids"].as_array().map(Vec::len), Some(2));
    assert!(stack.dead_letters().await.is_empty());
}

#[tokio::test]
async fn what_the_shop_merged_and_a_person_parted_is_not_joined_by_the_old_news() {
    let stack = Stack::start().await;
    let at = "2026-03-02T10:00:00Z";
    stack
        .deliver([
            customer(1, at, "a@example.com"),
            customer(2, at, "b@example.com"),
        ])
        .await;
    let told = Webhook::new(
        "customers/merge",
        &json!({
            "admin_graphql_api_customer_kept_id": "gid://shopify/Customer/1",
            "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/2",
            "status": "completed",
        }),
    );
    stack.deliver([told.clone()]).await;
    let kept = stack.customer_known_as("shopify:1").await;
    assert_eq!(kept["merges"][0]["by"], "source", "{kept}");
    let ids = &kept["merges"][0]["joined"]["ids"];
    unmerge(&stack, &kept["id"], &kept["merges"][0]["id"]).await;
    stack.deliver([told]).await;
    assert_eq!(by_id(&stack, &ids[0]).await["id"], ids[0]);
}
