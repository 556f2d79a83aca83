//! What goods cost, what was spent, and what each channel brings.

use crm_tests::shop::order;
use crm_tests::stack::Stack;
use serde_json::{Value, json};

async fn put(stack: &Stack, role: &str, path: &str, body: Value) -> crm_tests::stack::Answer {
    stack.call(role, "PUT", path, Some(body)).await
}

#[tokio::test]
async fn costs_are_kept_by_date_and_switch_themselves_on() {
    let stack = Stack::start().await;
    let product = "shopify:cups.myshopify.com:9001";
    let costs = json!({"costs": [
        {"product": product, "unit_cost": "4.50", "from": "2026-01-01"},
        {"product": product, "unit_cost": "5"},
    ]});
    let told = put(&stack, "sales", "/v1/costs", costs.clone()).await;
    assert_eq!(told.status, 200, "{told:?}");
    let expected = json!([
        {"from": "2026-01-01", "unit_cost": "4.5"},
        {"from": "2026-03-02", "unit_cost": "5"},
    ]);
    assert_eq!(told.body["items"][0]["costs"], expected);
    let read = stack.get("viewer", &format!("/v1/costs/{product}")).await;
    assert_eq!((read.status, &read.body["costs"]), (200, &expected));
    let encoded = product.replace(':', "%3A");
    assert_eq!(
        stack.get("viewer", &format!("/v1/costs/{encoded}")).await,
        read
    );

    let settings = stack.get("viewer", "/v1/settings").await.body;
    assert_eq!(settings["cost_table"], true);
    let version = settings["version"].as_u64().unwrap();
    let change = stack
        .get("viewer", &format!("/v1/settings?version={version}"))
        .await
        .body;
    assert!(change["by"].as_str().unwrap().contains("sales"), "{change}");
    // The same once more changes nothing.
    assert_eq!(
        put(&stack, "sales", "/v1/costs", costs).await.body,
        told.body
    );
    let after = stack.get("viewer", "/v1/settings").await.body;
    assert_eq!(after["version"].as_u64(), Some(version));

    // An order of five cups keeps the cost of its date.
    let order = order(1, "2026-02-01T09:00:00Z", "20", 5).by(1, "ada@example.com", "Ada");
    stack.deliver([order.created()]).await;

    for (path, status) in [
        ("/v1/costs/9001", 400),
        ("/v1/costs/shopify:cups.myshopify.com:1", 404),
    ] {
        assert_eq!(stack.get("viewer", path).await.status, status, "{path}");
    }
    let refused = put(&stack, "marketer", "/v1/costs", json!({})).await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn spend_is_told_by_channel_and_month_and_listed() {
    let stack = Stack::start().await;
    for (path, amount) in [
        ("/v1/spend/email/2026-02", "10"),
        ("/v1/spend/paid%20social/2026-02", "99.50"),
        ("/v1/spend/email/2026-03", "7"),
        ("/v1/spend/email/2026-02", "12.5"),
    ] {
        let told = put(&stack, "marketer", path, json!({ "amount": amount })).await;
        assert_eq!(told.status, 200, "{told:?}");
        assert_eq!(
            told.body["amount"],
            amount
                .parse::<crm_domain::money::Amount>()
                .unwrap()
                .to_string()
        );
    }
    let listed = |answer: Value| -> Vec<String> {
        let items = answer["items"].as_array().unwrap().iter();
        items
            .map(|item| {
                let text = |name: &str| item[name].as_str().unwrap().to_owned();
                format!("{} {} {}", text("month"), text("channel"), text("amount"))
            })
            .collect()
    };
    let all = stack.get("viewer", "/v1/spend").await.body;
    assert_eq!(
        listed(all),
        [
            "2026-02 email 12.5",
            "2026-02 paid social 99.5",
            "2026-03 email 7"
        ]
    );
    let march = stack
        .get("viewer", "/v1/spend?from=2026-03&to=2026-03")
        .await
        .body;
    assert_eq!(listed(march), ["2026-03 email 7"]);

    let one = json!({"amount": "1"});
    for (path, body, status, field) in [
        ("email/2026-2", one.clone(), 400, "month"),
        ("email/2026-04", one.clone(), 422, "month"),
        ("email/2026-03", json!({"amount": "-1"}), 400, "amount"),
        ("email/2026-03", json!({"amount": "1e2"}), 400, "amount"),
        ("email/2026-03", json!({"amount": 1}), 400, "amount"),
        (
            "email/2026-03",
            json!({"amount": "1", "by": "me"}),
            400,
            "by",
        ),
        ("%0A/2026-03", one, 400, "channel"),
    ] {
        let refused = put(&stack, "admin", &format!("/v1/spend/{path}"), body).await;
        assert_eq!(
            (refused.status, &refused.body["field"]),
            (status, &json!(field)),
            "{path}"
        );
    }
    for (query, status) in [
        ("from=2026-04&to=2026-03", 422),
        ("from=2016-01", 422),
        ("from=x", 400),
    ] {
        let refused = stack.get("viewer", &format!("/v1/spend?{query}")).await;
        assert_eq!(
            (refused.status, &refused.body["field"]),
            (status, &json!("from")),
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_channel_shows_what_its_customers_bring_and_what_winning_them_cost() {
    let stack = Stack::start().await;
    for (id, at, who) in [
        (1, "2026-01-05T09:00:00Z", "ada"),
        (2, "2026-02-20T09:00:00Z", "ada"),
        (3, "2026-02-10T09:00:00Z", "bo"),
        (4, "2026-02-11T09:00:00Z", "cleo"),
    ] {
        let customer = u64::from(who.as_bytes()[0]);
        let order = order(id, at, "60", 1).by(customer, &format!("{who}@example.com"), who);
        stack.deliver([order.created()]).await;
    }
    stack
        .call("admin", "POST", "/v1/segments/refresh", Some(json!({})))
        .await;
    stack.settle().await;

    let channels = stack.get("viewer", "/v1/channels").await.body;
    let name = channels["channels"][0]["channel"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/v1/spend/{}/2026-02", name.replace(' ', "%20"));
    put(&stack, "marketer", &path, json!({"amount": "25"})).await;
    put(
        &stack,
        "marketer",
        "/v1/spend/radio/2026-01",
        json!({"amount": "5"}),
    )
    .await;

    let channels = stack.get("viewer", "/v1/channels").await.body;
    assert_eq!(
        (&channels["on"], &channels["currency"]),
        (&json!("2026-03-02"), &json!("EUR"))
    );
    let of = |name: &str| {
        let mut all = channels["channels"].as_array().unwrap().iter();
        all.find(|channel| channel["channel"] == name).unwrap()
    };
    let first = of(&name);
    assert_eq!(
        (&first["customers"], &first["orders"]),
        (&json!(3), &json!(4)),
        "{channels}"
    );
    assert_eq!(
        (&first["gross"], &first["average_order_value"]),
        (&json!("240"), &json!("60"))
    );
    assert_eq!(first["gross_per_customer"], "80");
    assert_eq!(
        first["acquisition"],
        json!({"customers": 2, "spend": "25", "cac": "12.5"})
    );
    assert_eq!(
        first["months"],
        json!([
            {"month": "2026-01", "customers": 1, "spend": null, "cac": null},
            {"month": "2026-02", "customers": 2, "spend": "25", "cac": "12.5"},
        ])
    );
    let radio = of("radio");
    assert_eq!(radio["customers"], 0);
    assert_eq!(radio["acquisition"]["cac"], Value::Null);
    assert_eq!(
        channels["acquisition"],
        json!({"customers": 2, "spend": "30", "cac": "15"})
    );
    assert_eq!(channels["all"]["customers"], 3);
    assert_eq!(channels["quarters"][0]["quarter"], "2026-Q1");
    let march = stack.get("viewer", "/v1/channels?months=1").await.body;
    let months = march["channels"].as_array().unwrap().iter();
    assert!(
        months
            .into_iter()
            .all(|channel| channel["months"] == json!([]))
    );
}
