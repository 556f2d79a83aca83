//! Who is who, as addresses change hands, and who is what, as rules change.

use crm_tests::shop::{Webhook, order};
use crm_tests::stack::Stack;
use serde_json::{Value, json};

fn customer(topic: &str, id: u64, at: &str, email: Option<&str>) -> Webhook {
    let body = json!({
        "id": id,
        "email": email,
        "first_name": "X",
        "created_at": "2026-03-01T00:00:00Z",
        "updated_at": at,
    });
    Webhook::new(topic, &body)
}

async fn ids_of(stack: &Stack, email: &str) -> Value {
    let email = email.replace('@', "%40");
    let found = stack
        .get("viewer", &format!("/v1/customers?email={email}"))
        .await;
    let items = found.body["items"].as_array().expect("a list").iter();
    items.map(|item| item["external_ids"].clone()).collect()
}

#[tokio::test]
async fn a_store_decides_how_many_ids_of_a_shop_one_address_joins() {
    let stack = Stack::start().await;
    let at = "2026-03-01T01:00:00Z";
    let told = |id| customer("customers/create", id, at, Some("ada@example.com"));
    stack.deliver([told(1), told(2)]).await;
    let alone = json!([["shopify:cups.myshopify.com:1"]]);
    assert_eq!(ids_of(&stack, "ada@example.com").await, alone);

    let two = json!({"identity": {"ids_per_shop": 2}});
    let saved = stack.call("admin", "PUT", "/v1/settings", Some(two)).await;
    assert_eq!(saved.status, 200, "{saved:?}");
    stack.until("2026-03-02T13:00:00Z").await;
    stack.deliver([told(3)]).await;
    let both = json!([[
        "shopify:cups.myshopify.com:1",
        "shopify:cups.myshopify.com:3"
    ]]);
    assert_eq!(ids_of(&stack, "ada@example.com").await, both);
}

#[tokio::test]
async fn an_address_that_was_given_up_belongs_to_whoever_takes_it_next() {
    let stack = Stack::start().await;
    let ada = "shopify:cups.myshopify.com:1";
    let bo = "shopify:cups.myshopify.com:2";
    stack
        .deliver([customer(
            "customers/create",
            1,
            "2026-03-01T01:00:00Z",
            Some("shared@example.com"),
        )])
        .await;
    stack
        .deliver([customer(
            "customers/update",
            1,
            "2026-03-01T02:00:00Z",
            Some("ada@example.com"),
        )])
        .await;
    stack
        .deliver([customer(
            "customers/create",
            2,
            "2026-03-01T03:00:00Z",
            Some("shared@example.com"),
        )])
        .await;
    assert_eq!(ids_of(&stack, "ada@example.com").await, json!([[ada]]));
    assert_eq!(ids_of(&stack, "shared@example.com").await, json!([[bo]]));

    // A guest's order under the address is Bo's, and not Ada's.
    stack
        .deliver([order(1, "2026-03-02T09:00:00Z", "10", 1)
            .by_guest("shared@example.com")
            .created()])
        .await;
    assert_eq!(stack.customer_known_as(bo).await["orders_count"], 1);
    assert_eq!(stack.customer_known_as(ada).await["orders_count"], 0);
}

const CUPS: &str = "cups.myshopify.com";
const LAMPS: &str = "lamps.myshopify.com";
const VASES: &str = "vases.myshopify.com";

/// What a shop tells of its only customer at an hour of 1 March.
fn told(shop: &str, hour: u8, email: Option<&str>) -> Webhook {
    let at = format!("2026-03-01T{hour:02}:00:00Z");
    customer("customers/update", 1, &at, email).from_shop(shop)
}

#[tokio::test]
async fn an_address_that_changed_hands_joins_nobody_whatever_is_heard_first() {
    let (bo, ada) = (
        [format!("shopify:{CUPS}:1")],
        [format!("shopify:{LAMPS}:1")],
    );
    let before = told(CUPS, 1, Some("shared@example.com"));
    let moved = told(CUPS, 2, Some("bo@example.com"));
    let deleted = customer("customers/delete", 1, "2026-03-01T02:00:00Z", None);
    let deleted = Webhook {
        triggered_at: Some("2026-03-01T02:00:00Z".parse().unwrap()),
        ..deleted
    };
    let taken = told(LAMPS, 3, Some("shared@example.com"));
    for left in [&moved, &deleted] {
        for order in [[left, &taken], [&taken, left]] {
            let stack = Stack::start().await;
            for webhook in [&before].into_iter().chain(order) {
                stack.deliver([webhook.clone()]).await;
            }
            assert_eq!(ids_of(&stack, "shared@example.com").await, json!([ada]));
            let known = stack.customer_known_as(&bo[0]).await;
            assert_eq!(known["external_ids"], json!(bo));
            assert!(stack.dead_letters().await.is_empty());
        }
    }
    // Nobody has said that they are two: what joins others joins them still.
    let stack = Stack::start().await;
    let again = told(LAMPS, 4, Some("bo@example.com"));
    for webhook in [before, taken, moved, again] {
        stack.deliver([webhook]).await;
    }
    let both = stack.customer("bo@example.com").await;
    assert_eq!(both["external_ids"], json!([&bo[..], &ada[..]].concat()));
    let merges = both["merges"].as_array().unwrap().iter();
    let ends: Vec<_> = merges.map(|merge| &merge["undone"]).collect();
    let taken_back: Vec<_> = ends.iter().filter(|end| end.is_object()).collect();
    assert_eq!((ends.len(), taken_back.len()), (2, 1));
    assert_eq!(taken_back[0]["caller"], Value::Null, "nobody did");
}

#[tokio::test]
async fn who_had_an_address_at_one_time_stays_one_when_one_of_them_leaves_it() {
    let stack = Stack::start().await;
    for (shop, hour, email) in [
        (CUPS, 1, "shared@example.com"),
        (LAMPS, 3, "shared@example.com"),
        (CUPS, 4, "bo@example.com"),
    ] {
        stack.deliver([told(shop, hour, Some(email))]).await;
    }
    let both = ids_of(&stack, "shared@example.com").await;
    assert_eq!(both[0].as_array().map(Vec::len), Some(2), "{both}");
    assert_eq!(both, ids_of(&stack, "bo@example.com").await);
}

#[tokio::test]
async fn those_who_took_an_address_together_stay_one_when_its_former_owner_goes() {
    let stack = Stack::start().await;
    for (shop, hour, email) in [
        (CUPS, 1, "shared@example.com"),
        (LAMPS, 3, "shared@example.com"),
        (VASES, 4, "shared@example.com"),
        (CUPS, 2, "bo@example.com"),
    ] {
        stack.deliver([told(shop, hour, Some(email))]).await;
    }
    let ids = [LAMPS, VASES].map(|shop| format!("shopify:{shop}:1"));
    assert_eq!(ids_of(&stack, "shared@example.com").await, json!([ids]));
    let bo = stack.customer("bo@example.com").await;
    assert_eq!(bo["external_ids"], json!([format!("shopify:{CUPS}:1")]));
}

#[tokio::test]
async fn an_address_that_was_freed_before_the_merge_finds_the_survivor() {
    let stack = Stack::start().await;
    let (one, two) = ("2026-03-01T01:00:00Z", "2026-03-01T02:00:00Z");
    let told = |id, at| customer("customers/update", id, at, Some("ada@example.com"));
    stack.deliver([told(1, one)]).await;
    // Two customers of one shop are not joined by the address they share.
    stack.deliver([told(2, two)]).await;
    let redacted = json!({"shop_id": 1, "customer": {"id": 1, "email": "ada@example.com"}, "orders_to_redact": []});
    let merged = json!({
        "admin_graphql_api_customer_kept_id": "gid://shopify/Customer/2",
        "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/1",
        "status": "completed",
    });
    let topics = [("customers/redact", redacted), ("customers/merge", merged)];
    for (topic, body) in topics {
        stack.deliver([Webhook::new(topic, &body)]).await;
    }

    let survivor = "shopify:cups.myshopify.com:2";
    assert_eq!(ids_of(&stack, "ada@example.com").await, json!([[survivor]]));
    let later = order(1, "2026-03-02T11:30:00Z", "10", 1).by_guest("ada@example.com");
    stack.deliver([later.created()]).await;
    assert_eq!(stack.customer_known_as(survivor).await["orders_count"], 1);
}

#[tokio::test]
async fn an_order_stays_whose_it_was_though_its_address_is_free_by_then() {
    let stack = Stack::start().await;
    let at = "2026-03-02T09:00:00Z";
    let placed = order(1, at, "10", 1).by_guest("shared@example.com");
    let bought = Webhook {
        triggered_at: Some(at.parse().unwrap()),
        ..placed.created()
    };
    stack
        .deliver([told(CUPS, 1, Some("shared@example.com"))])
        .await;
    stack.deliver([bought.clone()]).await;
    stack.deliver([told(CUPS, 2, Some("bo@example.com"))]).await;
    let later = "2026-03-02T10:00:00Z";
    let sent = placed.with(later, "fulfillment_status", json!("fulfilled"));
    for again in [bought, sent.told("orders/fulfilled")] {
        stack.deliver([again]).await;
        assert_eq!(stack.customer("bo@example.com").await["orders_count"], 1);
        assert_eq!(ids_of(&stack, "shared@example.com").await, json!([]));
    }
    // Somebody finds that the address was misspelt.
    let mended = sent.with("2026-03-02T11:00:00Z", "email", json!("cy@example.com"));
    stack.deliver([mended.told("orders/updated")]).await;
    assert_eq!(stack.customer("cy@example.com").await["orders_count"], 1);
    assert_eq!(stack.customer("bo@example.com").await["orders_count"], 0);
}

#[tokio::test]
async fn who_registers_anew_after_being_deleted_goes_by_the_address_again() {
    let stack = Stack::start().await;
    stack
        .deliver([order(1, "2026-03-01T09:00:00Z", "10", 1)
            .by_guest("ada@example.com")
            .created()])
        .await;
    stack
        .deliver([customer(
            "customers/create",
            1,
            "2026-03-01T10:00:00Z",
            Some("ada@example.com"),
        )])
        .await;
    stack
        .deliver([customer(
            "customers/delete",
            1,
            "2026-03-01T11:00:00Z",
            None,
        )])
        .await;
    stack
        .deliver([customer(
            "customers/create",
            2,
            "2026-03-01T12:00:00Z",
            Some("ada@example.com"),
        )])
        .await;

    // The guest she was, the customer she was and the one she is now are one person.
    let ada = stack.customer("ada@example.com").await;
    assert_eq!(ada["orders_count"], 1);
    let known = ada["external_ids"].as_array().expect("a list");
    assert!(
        known.contains(&json!("shopify:cups.myshopify.com:2")),
        "{known:?}"
    );
}

#[tokio::test]
async fn a_nameless_guest_who_turns_out_to_be_ada_is_welcomed_as_her_and_the_old_id_leads_to_her() {
    let stack = Stack::start().await;
    let nameless = order(1, "2026-03-02T09:00:00Z", "10", 1);
    stack.deliver([nameless.created()]).await;
    let guests = stack.get("viewer", "/v1/customers?segment=New").await.body["items"].clone();
    let guest = guests[0]["id"].as_str().expect("one guest").to_owned();
    assert_eq!(stack.mailbox().await, Vec::<Value>::new());

    let form = json!({"customer_id": guest, "subject": "Where is it?", "priority": "normal"});
    let case = stack.call("agent", "POST", "/v1/cases", Some(form)).await;
    assert_eq!(case.status, 201, "{case:?}");
    let hers = nameless
        .with("2026-03-02T10:00:00Z", "note", Value::Null)
        .by(1, "ada@example.com", "Ada");
    stack.deliver([hers.told("orders/updated")]).await;

    let ada = stack.customer("ada@example.com").await;
    assert_eq!(ada["orders_count"], 1);
    let by_old_id = stack.get("viewer", &format!("/v1/customers/{guest}")).await;
    assert_eq!((by_old_id.status, &by_old_id.body["id"]), (200, &ada["id"]));
    let nobody = stack
        .get("viewer", "/v1/customers?segment=Prospect")
        .await
        .body["items"]
        .clone();
    assert_eq!(nobody, json!([]), "no ghost stays behind");
    assert_eq!(stack.mailbox().await.len(), 1);
}

#[tokio::test]
async fn a_rule_that_changes_reaches_everyone_with_the_next_hour() {
    let stack = Stack::start().await;
    stack
        .deliver([
            order(1, "2026-03-01T09:00:00Z", "0", 1)
                .by(1, "ada@example.com", "Ada")
                .created(),
            order(2, "2026-01-21T09:00:00Z", "60", 1)
                .by(2, "bo@example.com", "Bo")
                .created(),
        ])
        .await;
    stack.until("2026-03-02T14:00:00Z").await;
    let what = async |email: &str| {
        let found = stack.customer(email).await;
        (
            found["assessment"]["stage"].clone(),
            found["assessment"]["code"].clone(),
        )
    };
    assert_eq!(
        what("ada@example.com").await,
        (json!("Prospect"), Value::Null)
    );
    assert_eq!(
        what("bo@example.com").await,
        (json!("Single-order"), json!("411"))
    );

    let rules = json!({"count_zero_value_orders": true, "rfm": {"monetary_gross": ["10", "20", "30", "50"]}});
    assert_eq!(
        stack
            .call("admin", "PUT", "/v1/settings", Some(rules))
            .await
            .status,
        200
    );
    stack.until("2026-03-02T16:00:00Z").await;
    assert_eq!(what("ada@example.com").await, (json!("New"), json!("511")));
    assert_eq!(
        what("bo@example.com").await,
        (json!("Single-order"), json!("415"))
    );
}
