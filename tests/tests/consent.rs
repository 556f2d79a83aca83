//! What people decided about marketing, and how a shop labels them, however the news arrives.

use crm_tests::shop::{Webhook, order};
use crm_tests::stack::{Answer, Stack};
use serde_json::{Value, json};

const ADA: &str = "shopify:cups.myshopify.com:1";

fn decided(customer: u64, state: &str, at: &str) -> Webhook {
    let body = json!({
        "customer_id": customer,
        "email_address": "ada@example.com",
        "email_marketing_consent": {
            "state": state,
            "opt_in_level": "single_opt_in",
            "consent_updated_at": at,
        },
    });
    Webhook::new("customers_email_marketing_consent/update", &body)
}

/// A profile as current versions of the interface send it: without consent and labels.
fn profile(topic: &str, customer: u64, at: &str, email: &str) -> Webhook {
    let body = json!({
        "id": customer,
        "email": email,
        "first_name": "Ada",
        "created_at": "2026-03-01T00:00:00Z",
        "updated_at": at,
    });
    Webhook::new(topic, &body)
}

fn labelled(verb: &str, tags: &[&str], at: &str) -> Webhook {
    let body = json!({
        "customerId": "gid://shopify/Customer/1",
        "tags": tags,
        "occurredAt": at,
    });
    Webhook::new(&format!("customer.tags_{verb}"), &body)
}

fn states(customer: &Value) -> Vec<&str> {
    let history = customer["consent_history"].as_array().expect("a list");
    let states = history.iter().map(|decided| decided["state"].as_str());
    states.map(|state| state.expect("a state")).collect()
}

#[tokio::test]
async fn consent_survives_a_profile_that_does_not_speak_of_it() {
    let stack = Stack::start().await;
    stack
        .deliver([decided(1, "subscribed", "2026-03-01T09:00:00Z")])
        .await;
    let known = stack.customer_known_as(ADA).await;
    assert_eq!(
        known["consent"]["email"]["state"], "given",
        "known by the news alone"
    );

    stack
        .deliver([profile(
            "customers/update",
            1,
            "2026-03-01T10:00:00Z",
            "ada@example.com",
        )])
        .await;
    let ada = stack.customer("ada@example.com").await;
    assert_eq!(ada["first_name"], "Ada");
    assert_eq!(
        ada["consent"],
        json!({
            "email": {
                "state": "given",
                "since": "2026-03-01T09:00:00Z",
                "source": "shopify customers_email_marketing_consent/update",
                "opt_in": "single",
            },
            "sms": null,
            "whatsapp": null,
        })
    );
}

#[tokio::test]
async fn a_withdrawal_that_arrives_before_the_yes_it_takes_back_still_takes_it_back() {
    let stack = Stack::start().await;
    let yes = decided(1, "subscribed", "2026-03-01T09:00:00Z");
    let no = decided(1, "unsubscribed", "2026-03-01T10:00:00Z");
    for webhook in [no.clone(), yes.clone(), no, yes] {
        stack.deliver([webhook]).await;
    }
    let ada = stack.customer_known_as(ADA).await;
    assert_eq!(ada["consent"]["email"]["state"], "withdrawn");
    assert_eq!(ada["consent"]["email"]["since"], "2026-03-01T10:00:00Z");
    assert_eq!(states(&ada), ["withdrawn", "given"]);
}

#[tokio::test]
async fn each_medium_is_decided_for_itself() {
    let stack = Stack::start().await;
    let texts = json!({"id": 1, "phone": null, "sms_marketing_consent": {
        "state": "subscribed", "opt_in_level": "confirmed_opt_in",
        "consent_updated_at": "2026-03-01T11:00:00Z", "consent_collected_from": "OTHER",
    }});
    stack
        .deliver([
            decided(1, "unsubscribed", "2026-03-01T10:00:00Z"),
            Webhook::new("customers_marketing_consent/update", &texts),
        ])
        .await;
    let ada = stack.customer_known_as(ADA).await;
    assert_eq!(ada["consent"]["email"]["state"], "withdrawn");
    assert_eq!(ada["consent"]["sms"]["state"], "given");
    assert_eq!(ada["consent"]["sms"]["opt_in"], "confirmed");
    assert_eq!(states(&ada), ["given", "withdrawn"]);
}

#[tokio::test]
async fn a_person_of_several_nodes_has_the_latest_decision_of_all_whichever_came_first() {
    // A guest ticks the box; later she signs up with that address, and takes it back.
    let guest = order(1, "2026-03-01T09:00:00Z", "10", 1)
        .by_guest("ada@example.com")
        .with(
            "2026-03-01T09:00:00Z",
            "buyer_accepts_marketing",
            json!(true),
        )
        .created();
    let account = profile(
        "customers/create",
        1,
        "2026-03-01T10:00:00Z",
        "ada@example.com",
    );
    let no = decided(1, "unsubscribed", "2026-03-01T11:00:00Z");
    for webhooks in [
        [guest.clone(), account.clone(), no.clone()],
        [no.clone(), account.clone(), guest.clone()],
        [no, guest, account],
    ] {
        let stack = Stack::start().await;
        for webhook in webhooks {
            stack.deliver([webhook]).await;
        }
        let ada = stack.customer("ada@example.com").await;
        assert_eq!(ada["orders_count"], 1);
        assert_eq!(ada["consent"]["email"]["state"], "withdrawn");
        assert_eq!(states(&ada), ["withdrawn", "given"]);
        assert_eq!(ada["consent_history"][1]["source"], "shopify orders/create");
        assert_eq!(ada["consent_history"][1]["at"], "2026-03-01T09:00:00Z");
    }
}

#[tokio::test]
async fn the_latest_decision_may_be_a_yes_on_another_node() {
    let stack = Stack::start().await;
    stack
        .deliver([
            decided(1, "unsubscribed", "2026-03-01T09:00:00Z"),
            profile(
                "customers/create",
                1,
                "2026-03-01T10:00:00Z",
                "ada@example.com",
            ),
            decided(2, "subscribed", "2026-03-01T11:00:00Z"),
            Webhook::new(
                "customers/merge",
                &json!({
                    "admin_graphql_api_customer_kept_id": "gid://shopify/Customer/1",
                    "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/2",
                    "status": "completed",
                }),
            ),
        ])
        .await;
    let ada = stack.customer("ada@example.com").await;
    assert_eq!(ada["external_ids"].as_array().map(Vec::len), Some(2));
    assert_eq!(ada["consent"]["email"]["state"], "given");
    assert_eq!(states(&ada), ["given", "withdrawn"]);
}

#[tokio::test]
async fn labels_added_and_taken_away_out_of_order_end_as_the_last_word_on_each() {
    let told = [
        labelled("added", &["vip", "gift"], "2026-03-01T09:00:00Z"),
        labelled("removed", &["vip"], "2026-03-01T10:00:00Z"),
        labelled("added", &["press"], "2026-03-01T11:00:00Z"),
        labelled("removed", &["press"], "2026-03-01T12:00:00Z"),
        labelled("added", &["press"], "2026-03-01T13:00:00Z"),
    ];
    let mut dice = fastrand::Rng::with_seed(7);
    for _ in 0..5 {
        let mut told = [told.clone(), told.clone()].concat();
        dice.shuffle(&mut told);
        let stack = Stack::start().await;
        stack.deliver(told).await;
        stack
            .deliver([profile(
                "customers/update",
                1,
                "2026-03-02T09:00:00Z",
                "ada@example.com",
            )])
            .await;
        let ada = stack.customer("ada@example.com").await;
        assert_eq!(ada["tags"], json!(["gift", "press"]));
    }
}

#[tokio::test]
async fn an_order_of_an_older_interface_lists_all_labels_as_of_then() {
    let stack = Stack::start().await;
    let mut shown = json!({"id": 1, "email": "ada@example.com", "tags": "regular, press"});
    let listing = |shown: &Value, at: &str| {
        let placed = order(1, "2026-03-01T10:00:00Z", "10", 1);
        placed
            .with(at, "customer", shown.clone())
            .told("orders/updated")
    };
    stack
        .deliver([
            labelled("added", &["gift"], "2026-03-01T12:00:00Z"),
            labelled("added", &["vip"], "2026-03-01T09:00:00Z"),
            listing(&shown, "2026-03-01T11:00:00Z"),
            labelled("removed", &["press"], "2026-03-01T11:30:00Z"),
        ])
        .await;
    let ada = stack.customer("ada@example.com").await;
    assert_eq!(ada["tags"], json!(["gift", "regular"]));

    shown["tags"] = json!("");
    stack
        .deliver([listing(&shown, "2026-03-01T13:00:00Z")])
        .await;
    assert_eq!(stack.customer("ada@example.com").await["tags"], json!([]));
}

#[tokio::test]
async fn whoever_is_deleted_leaves_no_label_and_no_name_but_the_proof() {
    let stack = Stack::start().await;
    stack
        .deliver([
            profile(
                "customers/create",
                1,
                "2026-03-01T08:00:00Z",
                "ada@example.com",
            ),
            decided(1, "unsubscribed", "2026-03-01T09:00:00Z"),
            labelled("added", &["gift"], "2026-03-01T09:00:00Z"),
            Webhook::new("customers/delete", &json!({"id": 1})),
            labelled("added", &["late"], "2026-03-01T10:00:00Z"),
        ])
        .await;
    let ada = stack.customer_known_as(ADA).await;
    assert_eq!(
        (&ada["first_name"], &ada["tags"]),
        (&Value::Null, &json!([]))
    );
    assert_eq!(states(&ada), ["withdrawn"]);
    assert_eq!(stack.dead_letters().await, Vec::<Value>::new());
}

#[tokio::test]
async fn news_told_again_writes_nothing() {
    let stack = Stack::start().await;
    let news = [
        decided(1, "subscribed", "2026-03-01T09:00:00Z"),
        labelled("added", &["gift"], "2026-03-01T09:00:00Z"),
    ];
    stack.deliver(news.clone()).await;
    let count = |name: &str| stack.system().functions().measures().all()[name];
    let written = count("customer_upsert.deliveries_recorded");
    stack.deliver(news).await;
    assert!((count("customer_upsert.deliveries_recorded") - written).abs() < 1e-9);
    assert!((count("customer_upsert.deliveries_unchanged") - 2.0).abs() < 1e-9);
}

async fn told_staff(stack: &Stack, id: &Value, medium: &str, body: Value) -> Answer {
    let path = format!(
        "/v1/customers/{}/consent/{medium}",
        id.as_str().expect("an id")
    );
    let answer = stack.call("marketer", "PUT", &path, Some(body)).await;
    stack.settle().await;
    answer
}

#[tokio::test]
async fn an_opt_out_by_telephone_holds_until_a_later_yes() {
    let stack = Stack::start().await;
    stack
        .deliver([decided(1, "subscribed", "2026-03-01T09:00:00Z")])
        .await;
    let id = stack.customer_known_as(ADA).await["id"].clone();
    let no = json!({"state": "withdrawn"});
    let answer = told_staff(&stack, &id, "email", no.clone()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let expected = json!({
        "state": "withdrawn", "since": "2026-03-02T12:00:00Z", "source": "staff", "opt_in": null,
    });
    assert_eq!(answer.body["consent"]["email"], expected);
    let ada = stack.customer_known_as(ADA).await;
    assert_eq!(ada["consent"]["email"], expected);
    assert_eq!(states(&ada), ["withdrawn", "given"]);

    // Said again, an hour later, it is the same; an older yes changes nothing now.
    stack.until("2026-03-02T13:00:00Z").await;
    told_staff(&stack, &id, "email", no).await;
    let older = json!({"state": "given", "decided_at": "2026-03-01T10:00:00Z"});
    told_staff(&stack, &id, "email", older.clone()).await;
    told_staff(&stack, &id, "email", older).await;
    let ada = stack.customer_known_as(ADA).await;
    assert_eq!(ada["consent"]["email"], expected);
    assert_eq!(states(&ada), ["withdrawn", "given", "given"]);

    stack
        .deliver([decided(1, "subscribed", "2026-03-02T12:30:00Z")])
        .await;
    let ada = stack.customer_known_as(ADA).await;
    assert_eq!(ada["consent"]["email"]["state"], "given");

    let texts = json!({"state": "given", "opt_in": "confirmed"});
    let answer = told_staff(&stack, &id, "sms", texts).await;
    assert_eq!(answer.body["consent"]["sms"]["opt_in"], "confirmed");
    assert_eq!(answer.body["consent"]["whatsapp"], json!(null));
}

#[tokio::test]
async fn a_decision_that_cannot_be_is_refused_by_name() {
    let stack = Stack::start().await;
    stack
        .deliver([profile(
            "customers/create",
            1,
            "2026-03-01T10:00:00Z",
            "ada@example.com",
        )])
        .await;
    let id = stack.customer_known_as(ADA).await["id"].clone();
    for (medium, body, status, field) in [
        ("fax", json!({"state": "given"}), 400, "medium"),
        ("email", json!({"state": "perhaps"}), 400, "state"),
        (
            "email",
            json!({"state": "withdrawn", "opt_in": "single"}),
            422,
            "opt_in",
        ),
        (
            "email",
            json!({"state": "given", "decided_at": "2026-03-03T00:00:00Z"}),
            422,
            "decided_at",
        ),
        (
            "email",
            json!({"state": "given", "decided_at": "0001-01-01T00:00:00Z"}),
            422,
            "decided_at",
        ),
        (
            "email",
            json!({"state": "given", "decided_at": "yesterday"}),
            400,
            "decided_at",
        ),
        ("email", json!({"state": "given", "by": "x"}), 400, "by"),
    ] {
        let refused = told_staff(&stack, &id, medium, body).await;
        assert_eq!(
            (refused.status, &refused.body["field"]),
            (status, &json!(field))
        );
    }
    let path = format!(
        "/v1/customers/{}/consent/email",
        id.as_str().expect("an id")
    );
    let body = Some(json!({"state": "given"}));
    assert_eq!(stack.call("viewer", "PUT", &path, body).await.status, 403);
    let nobody = told_staff(
        &stack,
        &json!("aaaaaaaa"),
        "email",
        json!({"state": "given"}),
    )
    .await;
    assert_eq!(nobody.status, 404);
    assert_eq!(
        stack.customer_known_as(ADA).await["consent"]["email"],
        json!(null)
    );
}
