//! Customers found by what is known of them.

use crm_tests::shop::{OrderForm, Webhook, order};
use crm_tests::stack::Stack;
use serde_json::{Value, json};

use crate::support::{
    all_pages, by, by_condition, customer, encoded, id_of, members, name, table, told,
};

/// Four people: two of one name, one with orders.
async fn people() -> Stack {
    let stack = Stack::start().await;
    let mut ada = customer(1, "Zoë", "Müller");
    ada["phone"] = json!("+442079460018");
    ada["tags"] = json!("wholesale, Press");
    let mut bo = customer(2, "Bo", "Mullins-Meyer");
    bo["phone"] = json!("+4915112345678");
    let cy = customer(3, "ANNA", "muller");
    let mut dee = customer(4, "李", "小龍");
    dee["email"] = json!("dee@mail.example");
    stack.deliver([&ada, &bo, &cy, &dee].map(told)).await;
    let bought = order(1001, "2026-02-27T09:00:00Z", "60", 2).by(2, "c2@example.com", "Bo");
    let mut bought = bought.created();
    bought.body = String::from_utf8(bought.body)
        .unwrap()
        .replace("Lovelace", "Mullins-Meyer")
        .into_bytes();
    stack.deliver([bought]).await;
    stack
}

#[tokio::test]
async fn a_name_is_found_by_the_beginning_of_any_of_its_words_whatever_its_accents() {
    let stack = people().await;
    for (asked, found) in [
        ("Müller", vec![1, 3]),
        ("muller", vec![1, 3]),
        ("MUL", vec![1, 2, 3]),
        ("zoe mül", vec![1]),
        ("müller zoë", vec![1]),
        ("meyer", vec![2]),
        ("anna bo", vec![]),
        ("mueller", vec![]),
        ("uller", vec![]),
        ("李", vec![4]),
        ("小", vec![4]),
        ("龍", vec![]),
        ("小龍", vec![4]),
    ] {
        assert_eq!(by(&stack, "name", asked).await, found, "{asked}");
    }
}

#[tokio::test]
async fn a_telephone_is_found_with_its_country_or_without() {
    let stack = people().await;
    for (asked, found) in [
        ("+44 20 7946 0018", vec![1]),
        ("020 7946 0018", vec![1]),
        ("0151/12345678", vec![2]),
        ("2345678", vec![2]),
        ("+43 20 7946 0018", vec![]),
        ("020 7946 0019", vec![]),
    ] {
        assert_eq!(by(&stack, "phone", asked).await, found, "{asked}");
    }
}

#[tokio::test]
async fn the_last_digits_of_a_telephone_find_it_also_when_they_begin_with_zeros() {
    let stack = Stack::start().await;
    let mut ada = customer(1, "Ada", "Lovelace");
    ada["phone"] = json!("+447700900448");
    stack.deliver([told(&ada)]).await;
    for (asked, found) in [
        ("0900448", vec![1]),
        ("00900448", vec![1]),
        ("+44 (0)7700 900448", vec![1]),
        ("07700 900448", vec![1]),
        ("0044 7700 900448", vec![1]),
        ("0800448", vec![]),
    ] {
        assert_eq!(by(&stack, "phone", asked).await, found, "{asked}");
        let condition = json!({"any": [{ "phone": asked }, {"tag": "nobody's"}]});
        assert_eq!(by_condition(&stack, &condition).await, found, "{asked}");
    }
}

#[tokio::test]
async fn who_is_called_what_others_write_for_nothing_is_found_and_no_word_is_too_many() {
    let stack = Stack::start().await;
    let many = "Al Bea Cyd Dinah Edgar Fabian Gabriel Hieronymus I";
    let crowd = [
        customer(1, "Judith", "Guest"),
        customer(2, "Nil", "Null"),
        customer(3, many, "Jo"),
        customer(4, "Guest", "Customer"),
    ];
    stack.deliver(crowd.iter().map(told)).await;
    for (asked, found) in [
        ("judith guest", vec![1]),
        ("guest", vec![1, 4]),
        ("null", vec![2]),
        ("al", vec![3]),
        ("jo", vec![3]),
        (many, vec![3]),
        ("j", vec![1, 3]),
        ("i", vec![3]),
        ("j g", vec![1, 3]),
    ] {
        assert_eq!(by(&stack, "name", asked).await, found, "{asked}");
        // The same as of everyone, looked at one by one.
        let condition = json!({"any": [{ "name": asked }, {"tag": "nobody's"}]});
        assert_eq!(by_condition(&stack, &condition).await, found, "{asked}");
    }
}

#[tokio::test]
async fn an_order_is_found_by_the_number_people_use() {
    let stack = people().await;
    for (asked, found) in [("#1001", vec![2]), ("1001", vec![2]), ("#100", vec![])] {
        assert_eq!(by(&stack, "order_number", asked).await, found, "{asked}");
    }
}

#[tokio::test]
async fn everything_else_is_found_alone_and_together() {
    let stack = people().await;
    for (query, found) in [
        ("email=c1%40example.com", vec![1]),
        ("email_domain=mail.example", vec![4]),
        ("tag=WHOLESALE", vec![1]),
        ("segment=New", vec![2]),
        ("stage=Prospect", vec![1, 3, 4]),
        ("group=new", vec![2]),
        ("health=Green", vec![1, 2, 3, 4]),
        ("vip=true", vec![]),
        ("source=shopify", vec![1, 2, 3, 4]),
        (
            "shop=shopify:cups.myshopify.com&vip=false",
            vec![1, 2, 3, 4],
        ),
        ("gross_at_least=120&gross_below=120.01", vec![2]),
        ("orders_below=1", vec![1, 3, 4]),
        ("days_since_last_order_below=4", vec![2]),
        ("days_since_last_order_at_least=4", vec![]),
        ("name=mul&tag=press", vec![1]),
        ("name=mul&stage=Prospect&orders_below=1", vec![1, 3]),
        ("order_number=1001&segment=New", vec![2]),
        ("order_number=1001&segment=VIP", vec![]),
        ("external_id=shopify:2&segment=New", vec![2]),
        ("external_id=shopify:2&segment=VIP", vec![]),
        ("email=c1%40example.com&name=bo", vec![]),
        ("phone=2345678&name=bo", vec![2]),
    ] {
        let path = format!("/v1/customers?{query}");
        for limit in [1, 2, 100] {
            assert_eq!(all_pages(&stack, &path, limit).await, found, "{query}");
        }
    }
}

#[tokio::test]
async fn a_condition_joins_tests_by_and_or_and_not() {
    let stack = people().await;
    let muller = json!({"name": "muller"});
    for (condition, found) in [
        (
            json!({"any": [{"email_domain": "mail.example"}, {"segment": "New"}]}),
            vec![2, 4],
        ),
        (json!({"all": [{"name": "mul"}, {"not": muller}]}), vec![2]),
        (
            json!({"not": {"any": [muller, {"order_number": "1"}]}}),
            vec![],
        ),
        (
            json!({"all": [{"order_number": "#1001"}, {"vip": false}]}),
            vec![2],
        ),
        (json!({"not": {"stage": "Prospect"}}), vec![2]),
    ] {
        if condition["not"]["any"].is_array() {
            let body = json!({ "condition": condition });
            let refused = stack
                .call("viewer", "POST", "/v1/customers/search", Some(body))
                .await;
            assert_eq!(
                (refused.status, &refused.body["field"]),
                (422, &json!("condition"))
            );
            continue;
        }
        assert_eq!(by_condition(&stack, &condition).await, found, "{condition}");
    }
    let wrong = json!({"condition": {"all": [{"tag": "x"}, {"stage": "secret"}]}});
    let refused = stack
        .call("viewer", "POST", "/v1/customers/search", Some(wrong))
        .await;
    assert_eq!(refused.body["field"], "condition.all.1.stage");
    assert!(!refused.body.to_string().contains("secret"));
}

#[tokio::test]
async fn a_name_that_changes_is_found_as_it_is_now_and_a_joined_customer_once() {
    let stack = people().await;
    let mut ada = customer(1, "Zoë", "Mulder");
    ada["updated_at"] = json!("2026-03-02T11:00:00Z");
    stack.deliver([told(&ada)]).await;
    assert_eq!(by(&stack, "name", "muller").await, [3]);
    assert_eq!(by(&stack, "name", "mul").await, [1, 2, 3]);

    let (ada, cy) = (id_of(&stack, 1).await, id_of(&stack, 3).await);
    let path = format!("/v1/customers/{ada}/merge");
    let merged = stack
        .call(
            "agent",
            "POST",
            &path,
            Some(json!({"with": cy, "accept_limits": true})),
        )
        .await;
    assert_eq!(merged.status, 201, "{merged:?}");
    stack.settle().await;
    // Both numbers are one customer's: it is in the list once, on any page.
    for limit in [1, 2, 100] {
        let found = all_pages(&stack, "/v1/customers?name=mul", limit).await;
        assert_eq!(found, [1, 2, 3]);
    }
    let merge = merged.body["id"].clone();
    let path = format!("/v1/customers/{ada}/unmerge");
    let parted = stack
        .call("agent", "POST", &path, Some(json!({ "merge_id": merge })))
        .await;
    assert_eq!(parted.status, 200, "{parted:?}");
    stack.settle().await;
    assert_eq!(by(&stack, "name", "muller").await, [3]);
}

#[tokio::test]
async fn who_was_forgotten_is_found_by_nothing() {
    let stack = people().await;
    let segment = name(&stack, "Buyers", json!({"orders": {"at_least": 1}})).await;
    assert_eq!(members(&stack, &segment).await, [2]);
    let wish = json!({
        "shop_id": 1,
        "shop_domain": "cups.myshopify.com",
        "customer": {"id": 2, "email": "c2@example.com", "phone": "+4915112345678"},
        "orders_to_redact": [1001],
    });
    let bo = id_of(&stack, 2).await;
    stack
        .deliver([Webhook::new("customers/redact", &wish)])
        .await;
    stack.settle().await;
    for query in [
        "name=bo",
        "name=meyer",
        "phone=2345678",
        "order_number=1001",
        "email=c2%40example.com",
        "external_id=shopify:2",
        "segment=New",
        "orders_at_least=1",
    ] {
        let answer = stack.get("viewer", &format!("/v1/customers?{query}")).await;
        assert_eq!(answer.body["items"], json!([]), "{query}");
    }
    assert_eq!(members(&stack, &segment).await, [0; 0]);
    let count = stack
        .get("viewer", &format!("/v1/named-segments/{segment}"))
        .await;
    assert_eq!(count.body["members"], 0);
    let everyone = table(&stack, "sales", "/v1/exports/customers.csv").await;
    assert!(everyone.contains("c1@example.com"));
    assert!(!everyone.contains(&bo), "{everyone}");
    // The money is still there, under an id that says nothing.
    let left = stack.get("viewer", &format!("/v1/customers/{bo}")).await;
    assert_eq!(left.body["orders_count"], 1);
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_search_alone() {
    let stack = people().await;
    let page = stack.get("viewer", "/v1/customers?name=mul&limit=1").await;
    let cursor = page.body["cursor"].as_str().unwrap();
    for other in ["name=mull", "name=mul&vip=false", "stage=Prospect"] {
        let path = format!("/v1/customers?{other}&cursor={}", encoded(cursor));
        let refused = stack.get("viewer", &path).await;
        assert_eq!(
            (refused.status, &refused.body["field"]),
            (400, &json!("cursor")),
            "{other}"
        );
    }
    let none = stack
        .get("viewer", "/v1/customers?email=c1%40example.com&cursor=x")
        .await;
    assert_eq!(none.status, 422);
    assert_ne!(page.body["items"], Value::Null);
}

#[tokio::test]
async fn a_number_costs_an_order_one_write_unit_and_its_changes_none() {
    let stack = people().await;
    let dynamo = stack.system().services().dynamo();
    let written = || -> f64 {
        let consumed = dynamo.consumed();
        dynamo.reset_consumed();
        consumed.values().map(|units| units.write_units).sum()
    };
    dynamo.meter(true);
    dynamo.reset_consumed();
    // Orders of one moment, behind one that makes of the customer what both leave.
    let at = "2026-03-02T10:00:00Z";
    let bought = |id| order(id, at, "60", 2).by(2, "c2@example.com", "Bo");
    stack.deliver([bought(2001).created()]).await;
    written();
    stack.deliver([bought(2002).created()]).await;
    let with_number = written();
    let nameless = bought(2003).with(at, "name", json!("#"));
    stack.deliver([nameless.created()]).await;
    let without = written();
    println!("a new order takes {with_number} write units, {without} without a number");
    assert!(
        (with_number - without - 1.0).abs() < 1e-9,
        "{with_number} {without}"
    );
    // Of the same change to both, neither costs more.
    let later = "2026-03-02T11:00:00Z";
    let changed = |order: OrderForm| order.with(later, "fulfillment_status", json!("fulfilled"));
    let news = changed(bought(2002)).told("orders/updated");
    stack.deliver([news]).await;
    let with_number = written();
    let news = changed(bought(2003).with(at, "name", json!("#"))).told("orders/updated");
    stack.deliver([news]).await;
    let without = written();
    println!("its change takes {with_number} write units, {without} without a number");
    assert!(without > 0.0 && (with_number - without).abs() < 1e-9);
}
