//! What a customer is, what they were, and why, through the whole system.

use crm_tests::shop::{order, refund};
use crm_tests::stack::Stack;
use serde_json::{Value, json};

async fn open_case(stack: &Stack, customer: &Value) {
    let form = json!({"customer_id": customer["id"], "subject": "Broken", "priority": "normal"});
    let opened = stack.call("agent", "POST", "/v1/cases", Some(form)).await;
    assert_eq!(opened.status, 201, "{opened:?}");
    stack.settle().await;
}

async fn ada_with(stack: &Stack, orders: &[(u64, &str, &str)]) -> Value {
    for (id, at, price) in orders {
        let order = order(*id, at, price, 1).by(1, "ada@example.com", "Ada");
        stack.deliver([order.created()]).await;
    }
    stack.customer("ada@example.com").await
}

fn reason<'a>(answer: &'a Value, what: &str) -> &'a Value {
    let reasons = answer["why"]["reasons"].as_array().unwrap();
    let found = reasons.iter().find(|reason| reason["what"] == what);
    found.unwrap_or_else(|| panic!("no reason for {what} in {answer}"))
}

async fn asked(stack: &Stack, customer: &Value, what: &str) -> Value {
    let id = customer["id"].as_str().unwrap();
    let answer = stack
        .get("viewer", &format!("/v1/customers/{id}/{what}"))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

#[tokio::test]
async fn one_open_case_is_yellow_and_two_are_red_and_the_reasons_are_shown() {
    let stack = Stack::start().await;
    let ada = ada_with(&stack, &[(1, "2026-03-01T09:00:00Z", "50")]).await;
    assert_eq!(ada["assessment"]["health"], "Green");
    assert_eq!(
        reason(&ada, "health")["because"],
        "nothing speaks against it"
    );

    open_case(&stack, &ada).await;
    let ada = stack.customer("ada@example.com").await;
    assert_eq!(ada["assessment"]["health"], "Yellow");
    assert_eq!(ada["assessment"]["health_reasons"], json!(["open_case"]));
    assert_eq!(reason(&ada, "health")["because"], "1 open case >= 1");

    open_case(&stack, &ada).await;
    let ada = stack.customer("ada@example.com").await;
    assert_eq!(ada["assessment"]["health"], "Red");
    assert_eq!(
        ada["assessment"]["health_reasons"],
        json!(["many_open_cases"])
    );
    assert_eq!(reason(&ada, "health")["because"], "2 open cases >= 2");
    assert_eq!(ada["why"]["facts"]["open_cases"], 2);
}

#[tokio::test]
async fn cases_opened_at_once_all_reach_their_customer() {
    let stack = Stack::start().await;
    let ada = ada_with(&stack, &[(1, "2026-03-01T09:00:00Z", "50")]).await;
    let form = json!({"customer_id": ada["id"], "subject": "Broken", "priority": "normal"});
    let open = || stack.call("agent", "POST", "/v1/cases", Some(form.clone()));
    let (one, two, three) = tokio::join!(open(), open(), open());
    for opened in [one, two, three] {
        assert_eq!(opened.status, 201, "{opened:?}");
    }
    stack.settle().await;
    let ada = stack.customer("ada@example.com").await;
    assert_eq!(
        ada["assessment"]["health_reasons"],
        json!(["many_open_cases", "many_recent_cases"])
    );
    assert_eq!(ada["why"]["facts"]["open_cases"], 3);
}

#[tokio::test]
async fn every_value_has_its_rule_and_the_facts_that_met_it() {
    let stack = Stack::start().await;
    let orders = [
        (1, "2026-01-01T09:00:00Z", "100.10"),
        (2, "2026-01-11T09:00:00Z", "50"),
    ];
    let ada = ada_with(&stack, &orders).await;
    let because = |what: &str| reason(&ada, what)["because"].as_str().unwrap().to_owned();
    let value = |what: &str| reason(&ada, what)["value"].as_str().unwrap().to_owned();

    assert_eq!(
        (value("r"), value("f"), value("m")),
        ("4".into(), "2".into(), "2".into())
    );
    assert_eq!(
        because("r"),
        "the last counted order is 50 days old, on 2026-01-11"
    );
    assert_eq!(
        reason(&ada, "r")["rule"],
        "days since the last counted order: 5 up to 30, 4 up to 90, 3 up to 180, 2 up to 365, else 1"
    );
    assert_eq!(because("f"), "2 counted orders");
    assert_eq!(
        reason(&ada, "f")["rule"],
        "counted orders: 1, 2 from 2, 3 from 3, 4 from 6, 5 from 10"
    );
    assert_eq!(because("m"), "gross of counted orders 150.1");
    assert_eq!(
        (value("group"), because("group")),
        ("Promising".into(), "code 422: R 4, mean 2".into())
    );
    assert_eq!(
        (value("stage"), because("stage")),
        (
            "Active".into(),
            "2 counted orders, the last 50 days ago".into()
        )
    );
    assert_eq!(
        (value("vip"), because("vip")),
        (
            "false".into(),
            "2 counted orders < 5; nobody is VIP by rank: fewer than 50 customers on 2026-03-02"
                .into()
        )
    );
    assert_eq!(
        (value("segment"), because("segment")),
        ("Active".into(), "not VIP, Active".into())
    );
    assert_eq!(ada["why"]["facts"]["net"], "150.1");
    let versions = &ada["assessment"];
    assert_eq!(
        (&versions["rules"], &versions["settings"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(versions["cutoffs"], ada["why"]["cutoffs"]["version"]);
}

#[tokio::test]
async fn what_she_became_is_listed_newest_first_with_its_cause() {
    let stack = Stack::start_at("2026-03-04T22:30:00Z").await;
    let soon = json!({"lifecycle": {"new_days": 3}});
    stack.call("admin", "PUT", "/v1/settings", Some(soon)).await;
    let ada = ada_with(&stack, &[(1, "2026-03-01T09:00:00Z", "50")]).await;
    stack.until("2026-03-05T01:30:00Z").await;
    ada_with(&stack, &[(2, "2026-03-05T01:00:00Z", "60")]).await;

    let history = asked(&stack, &ada, "history").await;
    let seen: Vec<_> = history["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| (&change["on"], &change["cause"], &change["stage"]))
        .collect();
    let expected = [
        ("2026-03-05", "event", "Active"),
        ("2026-03-05", "time", "Single-order"),
        ("2026-03-04", "event", "New"),
    ]
    .map(|(on, cause, stage)| (json!(on), json!(cause), json!(stage)));
    let expected: Vec<_> = expected.iter().map(|(a, b, c)| (a, b, c)).collect();
    assert_eq!(seen, expected, "{history}");
    assert_eq!(history["cursor"], Value::Null);
    let newest = &history["items"][0];
    assert_eq!(newest["changed"], json!(["group", "stage"]));
    assert_eq!(newest["facts"]["orders"], 2);

    // The same, one by one.
    let mut one_by_one = Vec::new();
    let mut path = "history?limit=1".to_owned();
    loop {
        let page = asked(&stack, &ada, &path).await;
        one_by_one.extend(page["items"].as_array().unwrap().clone());
        let Some(cursor) = page["cursor"].as_str() else {
            break;
        };
        path = format!("history?limit=1&cursor={cursor}");
    }
    assert_eq!(json!(one_by_one), history["items"]);
}

#[tokio::test]
async fn why_she_was_what_she_was_on_a_date_is_answered_by_the_rules_of_then() {
    let stack = Stack::start_at("2026-03-02T22:30:00Z").await;
    let orders: Vec<_> = (1..=5)
        .map(|id| (id, "2026-03-01T09:00:00Z", "50"))
        .collect();
    let ada = ada_with(&stack, &orders).await;
    stack.until("2026-03-03T00:10:00Z").await;
    let stricter = json!({"lifecycle": {"vip_orders": 6}});
    let changed = stack
        .call("admin", "PUT", "/v1/settings", Some(stricter))
        .await;
    assert_eq!(changed.status, 200);
    stack.until("2026-03-03T01:30:00Z").await;

    let then = asked(&stack, &ada, "assessment?on=2026-03-02").await;
    assert_eq!(
        (&then["vip"], &then["segment"]),
        (&json!(true), &json!("VIP"))
    );
    assert_eq!(then["on"], "2026-03-02");
    assert_eq!((&then["settings"], &then["rules"]), (&json!(1), &json!(2)));
    assert!(
        reason(&then, "vip")["because"]
            .as_str()
            .unwrap()
            .starts_with("5 counted orders >= 5;"),
        "{then}"
    );
    let after = asked(&stack, &ada, "assessment?on=2026-03-03").await;
    assert_eq!(
        (&after["vip"], &after["cause"]),
        (&json!(false), &json!("settings"))
    );
    assert_eq!(after["settings"], 2);
    assert!(
        reason(&after, "vip")["because"]
            .as_str()
            .unwrap()
            .starts_with("5 counted orders < 6;"),
        "{after}"
    );

    let id = ada["id"].as_str().unwrap();
    let path = format!("/v1/customers/{id}/assessment");
    for (query, status, field) in [
        ("on=2026-03-01", 404, Value::Null),
        // Nobody knows what she will be tomorrow.
        ("on=2026-03-04", 422, json!("on")),
        ("on=1.3.2026", 400, json!("on")),
        ("on=2026-02-30", 400, json!("on")),
        ("onn=2026-03-01", 400, json!("onn")),
    ] {
        let answer = stack.get("viewer", &format!("{path}?{query}")).await;
        assert_eq!(
            (answer.status, &answer.body["field"]),
            (status, &field),
            "{query}"
        );
    }
}

/// Each change of a history: whose, on which date, as what, and what changed.
fn told(history: &Value) -> Vec<(Value, Value, Value, Value)> {
    let items = history["items"].as_array().unwrap().iter();
    items
        .map(|item| {
            let field = |name: &str| item[name].clone();
            (
                field("customer_id"),
                field("on"),
                field("segment"),
                field("changed"),
            )
        })
        .collect()
}

#[tokio::test]
async fn what_two_were_before_they_were_one_is_told_of_each() {
    let stack = Stack::start_at("2026-03-02T23:30:00Z").await;
    let orders: Vec<_> = (1..=5)
        .map(|id| (id, "2026-03-01T09:00:00Z", "50"))
        .collect();
    let ada = ada_with(&stack, &orders).await;
    let once = order(6, "2026-03-02T11:00:00Z", "20", 1).by(2, "bo@example.com", "Bo");
    stack.deliver([once.created()]).await;
    let bo = stack.customer("bo@example.com").await;
    stack.until("2026-03-03T00:10:00Z").await;
    let path = |what: &str| format!("/v1/customers/{}/{what}", ada["id"].as_str().unwrap());
    let form = json!({"with": bo["id"], "accept_limits": true});
    let merge = stack
        .call("agent", "POST", &path("merge"), Some(form))
        .await;
    assert_eq!(merge.status, 201, "{merge:?}");
    stack.settle().await;

    let was = async |customer: &Value, on: &str| {
        let then = asked(&stack, customer, &format!("assessment?on={on}")).await;
        let orders = then["why"]["facts"]["orders"].clone();
        (then["customer_id"].clone(), then["segment"].clone(), orders)
    };
    let seen_as = |customer: &Value, segment: &str, orders: u32| {
        (customer["id"].clone(), json!(segment), json!(orders))
    };
    assert_eq!(was(&ada, "2026-03-02").await, seen_as(&ada, "VIP", 5));
    assert_eq!(was(&bo, "2026-03-02").await, seen_as(&bo, "New", 1));
    let since = asked(&stack, &ada, "assessment?on=2026-03-02").await;
    assert_eq!(since["since"], "2026-03-02");
    let facts = async |customer: &Value, on: &str| {
        let then = asked(&stack, customer, &format!("assessment?on={on}")).await;
        let facts = &then["facts_on"];
        (facts["orders"].clone(), facts["net"].clone())
    };
    assert_eq!(facts(&ada, "2026-03-02").await, (json!(5), json!("250")));
    assert_eq!(facts(&bo, "2026-03-02").await, (json!(1), json!("20")));
    assert_eq!(facts(&bo, "2026-03-03").await, (json!(6), json!("270")));
    // From then on either id leads to the one they became.
    assert_eq!(was(&bo, "2026-03-03").await.0, ada["id"]);
    assert_eq!(was(&bo, "2026-03-03").await.1, "VIP");

    // Nobody lost anything by being merged with somebody who was less.
    let all = json!(["group", "stage", "vip", "health"]);
    let history = told(&asked(&stack, &bo, "history").await);
    let begun = |customer: &Value, on: &str, segment: &str| {
        (
            customer["id"].clone(),
            json!(on),
            json!(segment),
            all.clone(),
        )
    };
    assert!(
        history.contains(&begun(&bo, "2026-03-02", "New")),
        "{history:?}"
    );
    assert!(
        history.contains(&begun(&ada, "2026-03-02", "New")),
        "{history:?}"
    );
    let later = history.iter().filter(|(_, on, _, _)| on != "2026-03-02");
    let mut of_ada = later.filter(|(of, _, _, _)| *of == ada["id"]);
    assert!(of_ada.all(|(_, _, segment, _)| segment == "VIP"));

    // Parted the same day, he is known by his own id again.
    let back = json!({"merge_id": merge.body["id"]});
    let parted = stack
        .call("agent", "POST", &path("unmerge"), Some(back))
        .await;
    assert_eq!(parted.status, 200, "{parted:?}");
    stack.settle().await;
    assert_eq!(was(&bo, "2026-03-02").await, seen_as(&bo, "New", 1));
    assert_eq!(was(&bo, "2026-03-03").await, seen_as(&bo, "New", 1));
    let history = told(&asked(&stack, &bo, "history").await);
    assert!(history.iter().all(|(of, _, _, _)| *of == bo["id"]));
}

#[tokio::test]
async fn the_limits_that_made_her_a_vip_are_told_though_others_came_the_same_day() {
    let stack = Stack::start().await;
    let webhooks = (1..=60).map(|number| {
        order(number, "2026-02-28T09:00:00Z", &format!("{number}0"), 1)
            .by(number, &format!("c{number}@example.com"), "Ada")
            .created()
    });
    stack.deliver(webhooks).await;
    // The store's first settings are brought to everyone, and make the first limits.
    stack.until("2026-03-02T13:30:00Z").await;
    let best = stack.customer("c60@example.com").await;
    let then = asked(&stack, &best, "assessment?on=2026-03-02").await;
    let limits = then["why"]["cutoffs"].clone();
    // Six of sixty.
    assert_eq!(
        (&limits["vip_enter"], &limits["on"]),
        (&json!("550"), &json!("2026-03-02"))
    );

    // The same day ten more come, better than all, and everyone is looked at again.
    let more = (61..=70).map(|number| {
        order(number, "2026-03-02T09:00:00Z", "1000", 1)
            .by(number, &format!("c{number}@example.com"), "Ada")
            .created()
    });
    stack.deliver(more).await;
    let refresh = Some(json!({}));
    let asked_for = stack
        .call("admin", "POST", "/v1/segments/refresh", refresh)
        .await;
    assert_eq!(asked_for.status, 202);
    stack.settle().await;
    let again = asked(&stack, &best, "assessment?on=2026-03-02").await;
    assert_eq!(again["why"], then["why"], "what decided is kept");
    assert_eq!(again["cutoffs_in_force"]["vip_enter"], "1000");
    assert_ne!(again["cutoffs_in_force"]["version"], limits["version"]);
    assert!(
        reason(&again, "vip")["because"]
            .as_str()
            .unwrap()
            .ends_with("net 600 >= 550, the net of the top 10 % on 2026-03-02"),
        "{again}"
    );
}

#[tokio::test]
async fn the_facts_of_the_date_are_told_beside_those_that_made_her_what_she_was() {
    let stack = Stack::start_at("2026-03-02T23:30:00Z").await;
    let orders: Vec<_> = (1..=5)
        .map(|id| (id, "2026-03-01T09:00:00Z", "50"))
        .collect();
    ada_with(&stack, &orders).await;
    stack.until("2026-03-03T00:10:00Z").await;
    let ada = ada_with(&stack, &[(6, "2026-03-03T00:05:00Z", "30")]).await;
    stack
        .deliver([refund(7, 1, "2026-03-03T00:06:00Z", 1, "50.00")])
        .await;
    // None of it made her another, and each has its own date.
    for (on, orders, net) in [("2026-03-02", 5, "250"), ("2026-03-03", 6, "230")] {
        let then = asked(&stack, &ada, &format!("assessment?on={on}")).await;
        assert_eq!(
            (&then["segment"], &then["since"]),
            (&json!("VIP"), &json!("2026-03-02"))
        );
        assert_eq!(then["why"]["facts"]["net"], "250", "{on}");
        let facts = &then["facts_on"];
        assert_eq!(
            (&facts["orders"], &facts["net"]),
            (&json!(orders), &json!(net)),
            "{on}"
        );
    }
}

#[tokio::test]
async fn without_a_date_she_is_evaluated_as_of_now() {
    let stack = Stack::start_at("2026-03-02T23:30:00Z").await;
    let ada = ada_with(&stack, &[(1, "2026-03-01T09:00:00Z", "50")]).await;
    stack
        .deliver([refund(7, 1, "2026-03-02T10:00:00Z", 1, "50.00")])
        .await;
    stack.until("2026-03-03T00:10:00Z").await;
    let now = asked(&stack, &ada, "assessment").await;
    assert_eq!(
        (&now["on"], &now["stage"]),
        (&json!("2026-03-03"), &json!("New"))
    );
    assert_eq!(now["customer_id"], ada["id"]);
    assert_eq!(
        reason(&now, "stage")["because"],
        "1 counted order, the last 2 days ago"
    );
    assert_eq!(now["next_change_on"], "2026-04-01");
}
