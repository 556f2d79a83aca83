//! Finding customers and reading one whole.

use serde_json::{Value, json};

use crate::shop::{customer, days_ago, join};
use crate::support::{Api, get};

const ADA: &str = "adaadaada";
const BO: &str = "bobobobo";

fn ids(answer: &Value) -> Vec<&str> {
    let items = answer["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["id"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn ada_is_found_by_her_address_and_by_her_shops_id() {
    let api = Api::new().await;
    let ada = customer(ADA, "shopify:one.example:7", "ada@example.com");
    ada.record(&api.tables.store).await;

    for filter in [
        "email=Ada@Example.com",
        "external_id=shopify:one.example:7",
        "external_id=shopify:7",
    ] {
        let found = api
            .expect(200, get(&format!("/v1/customers?{filter}")))
            .await;
        assert_eq!(ids(&found), [ADA], "{filter}");
        assert_eq!(found["cursor"], Value::Null);
        assert_eq!(found["items"][0]["orders"], Value::Null);
    }
    for filter in [
        "email=bo@example.com",
        "external_id=shopify:8",
        "external_id=ebay:7",
        "external_id=shopify:two.example:7",
    ] {
        let found = api
            .expect(200, get(&format!("/v1/customers?{filter}")))
            .await;
        assert_eq!(found, json!({"items": [], "cursor": null}), "{filter}");
    }
}

#[tokio::test]
async fn an_id_that_two_shops_gave_to_two_customers_is_ambiguous_until_they_are_one() {
    let api = Api::new().await;
    let store = &api.tables.store;
    let ada = customer(ADA, "shopify:one.example:7", "ada@example.com")
        .record(store)
        .await;
    let bo = customer(BO, "shopify:two.example:7", "bo@example.com")
        .record(store)
        .await;

    let problem = api
        .expect(422, get("/v1/customers?external_id=shopify:7"))
        .await;
    assert_eq!(problem["field"], "external_id");

    join(store, &ada, &bo).await;
    let found = api
        .expect(200, get("/v1/customers?external_id=shopify:7"))
        .await;
    assert_eq!(ids(&found), [ADA]);
}

#[tokio::test]
async fn at_least_one_filter_is_asked_for_and_each_is_checked() {
    let api = Api::new().await;
    for query in ["", "?limit=5"] {
        let problem = api.expect(422, get(&format!("/v1/customers{query}"))).await;
        assert_eq!(problem["field"], "email", "{query}");
    }
    for (query, status, field) in [
        ("email=", 400, "email"),
        ("email=ada", 422, "email"),
        ("segment=Best", 400, "segment"),
        ("external_id=7", 422, "external_id"),
        ("external_id=", 422, "external_id"),
        ("segment=VIP&limit=0", 400, "limit"),
        ("segment=VIP&limit=101", 400, "limit"),
        ("segment=VIP&limit=", 400, "limit"),
        ("segment=VIP&cursor=abc", 400, "cursor"),
        ("segment=VIP&cursor=", 400, "cursor"),
        ("email=a@b.example&cursor=abc", 422, "cursor"),
        ("segmnt=VIP", 400, "segmnt"),
        ("segment=VIP&vip=perhaps", 400, "vip"),
        ("gross_at_least=much", 400, "gross_at_least"),
        ("gross_at_least=1234567890123", 400, "gross_at_least"),
        ("orders_at_least=1.5", 400, "orders_at_least"),
        ("gross_at_least=5&gross_below=5", 422, "gross_below"),
        (
            "days_since_last_order_below=-1",
            400,
            "days_since_last_order_below",
        ),
        ("phone=12345", 422, "phone"),
        ("name=-", 422, "name"),
        ("shop=shopify", 422, "shop"),
        ("consent=fax", 400, "consent"),
        ("named_segment=x", 400, "named_segment"),
        (
            "order_number=1001&external_id=shopify:7",
            422,
            "order_number",
        ),
    ] {
        let problem = api
            .expect(status, get(&format!("/v1/customers?{query}")))
            .await;
        assert_eq!(problem["field"], field, "{query}");
    }
}

#[tokio::test]
async fn a_segment_is_listed_page_by_page_each_customer_once() {
    let api = Api::new().await;
    let mut expected = Vec::new();
    for n in 0..23 {
        let id = format!("customer{n:02}");
        let one = customer(
            &id,
            &format!("shopify:one.example:{n}"),
            &format!("c{n}@example.com"),
        );
        let one = one
            .order(&format!("o{n}"), days_ago(5), 1, "20", 0)
            .assessed();
        one.record(&api.tables.store).await;
        expected.push(id);
    }

    let mut found = Vec::new();
    let mut query = "/v1/customers?segment=new&limit=4".to_owned();
    loop {
        let page = api.expect(200, get(&query)).await;
        assert!(ids(&page).len() <= 4);
        found.extend(ids(&page).into_iter().map(str::to_owned));
        let Some(cursor) = page["cursor"].as_str() else {
            break;
        };
        query = format!("/v1/customers?segment=new&limit=4&cursor={cursor}");
        // The cursor is good for this list alone.
        let other = get(&format!("/v1/customers?segment=VIP&cursor={cursor}"));
        assert_eq!(api.expect(400, other).await["field"], "cursor");
    }
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_customer_shows_totals_rates_and_assessment_exactly() {
    let api = Api::new().await;
    let ada = customer(ADA, "shopify:one.example:7", "ada@example.com")
        .order("1", days_ago(100), 3, "10.6499", 0)
        .order("2", days_ago(40), 2, "100.10", 1)
        .order("3", days_ago(20), 1, "0", 0)
        .assessed();
    ada.record(&api.tables.store).await;

    let ada = api.expect(200, get(&format!("/v1/customers/{ADA}"))).await;

    assert_eq!(ada["emails"], json!(["ada@example.com"]));
    assert_eq!(ada["external_ids"], json!(["shopify:one.example:7"]));
    assert_eq!(
        (&ada["orders_count"], &ada["currency"]),
        (&json!(2), &json!("EUR"))
    );
    assert_eq!(
        (&ada["gross"], &ada["refunded"], &ada["net"]),
        (&json!("232.1497"), &json!("100.1"), &json!("132.0497"))
    );
    assert_eq!(ada["average_order_value"], "116.07485");
    assert_eq!(
        (
            &ada["units_bought"],
            &ada["units_returned"],
            &ada["return_documents"]
        ),
        (&json!(5), &json!(1), &json!(1))
    );
    assert_eq!(
        ada["return_rates"],
        json!({"orders": "0.5", "units": "0.2", "value": "0.431187"})
    );
    assert_eq!(ada["first_order_at"], days_ago(100).to_string());
    assert_eq!(ada["last_order_at"], days_ago(40).to_string());
    let made = &ada["assessment"];
    assert_eq!(
        (&made["code"], &made["group"]),
        (&json!("422"), &json!("Promising"))
    );
    assert_eq!(
        (&made["stage"], &made["segment"], &made["vip"]),
        (&json!("Active"), &json!("Active"), &json!(false))
    );
    assert_eq!((&made["on"], &made["r"]), (&json!("2026-03-06"), &json!(4)));
    let orders = ada["orders"].as_array().unwrap();
    let seen: Vec<_> = orders
        .iter()
        .map(|order| (&order["name"], &order["counted"]))
        .collect();
    let expected = [("#3", false), ("#2", true), ("#1", true)]
        .map(|(name, counted)| (json!(name), json!(counted)));
    assert_eq!(
        seen,
        expected
            .iter()
            .map(|(name, counted)| (name, counted))
            .collect::<Vec<_>>()
    );
    assert_eq!(orders[1]["id"], "shopify:one.example:2");
    assert_eq!(
        (&orders[1]["gross"], &orders[1]["units_returned"]),
        (&json!("200.2"), &json!(1))
    );
}

#[tokio::test]
async fn a_prospect_has_no_digits_and_a_customer_not_yet_assessed_no_assessment() {
    let api = Api::new().await;
    let store = &api.tables.store;
    customer(ADA, "shopify:one.example:7", "ada@example.com")
        .assessed()
        .record(store)
        .await;
    customer(BO, "shopify:one.example:8", "bo@example.com")
        .record(store)
        .await;

    let ada = api.expect(200, get(&format!("/v1/customers/{ADA}"))).await;
    assert_eq!(ada["assessment"]["stage"], "Prospect");
    assert_eq!(ada["assessment"]["r"], Value::Null);
    assert_eq!(
        ada["return_rates"],
        json!({"orders": null, "units": null, "value": null})
    );
    assert_eq!(
        (&ada["gross"], &ada["average_order_value"]),
        (&json!("0"), &Value::Null)
    );
    let bo = api.expect(200, get(&format!("/v1/customers/{BO}"))).await;
    assert_eq!(bo["assessment"], Value::Null);
}

#[tokio::test]
async fn joined_customers_are_one_under_either_id() {
    let api = Api::new().await;
    let store = &api.tables.store;
    let ada = customer(ADA, "shopify:one.example:7", "ada@example.com")
        .order("1", days_ago(10), 1, "10", 0)
        .assessed()
        .record(store)
        .await;
    let bo = customer(BO, "shopify:two.example:9", "ada.b@example.com")
        .order("2", days_ago(5), 1, "20", 0)
        .assessed()
        .record(store)
        .await;
    join(store, &ada, &bo).await;

    let by_root = api.expect(200, get(&format!("/v1/customers/{ADA}"))).await;
    let by_other = api.expect(200, get(&format!("/v1/customers/{BO}"))).await;
    assert_eq!(by_root, by_other);
    assert_eq!(
        (&by_root["id"], &by_root["gross"]),
        (&json!(ADA), &json!("30"))
    );
    assert_eq!(
        by_root["emails"],
        json!(["ada.b@example.com", "ada@example.com"])
    );
    let names: Vec<_> = by_root["orders"]
        .as_array()
        .unwrap()
        .iter()
        .map(|order| &order["name"])
        .collect();
    assert_eq!(names, ["#2", "#1"]);
    let listed = api.expect(200, get("/v1/customers?segment=Active")).await;
    assert_eq!(ids(&listed), [ADA]);
    let left = api.expect(200, get("/v1/customers?segment=New")).await;
    assert_eq!(ids(&left), [""; 0]);
}

#[tokio::test]
async fn a_long_list_of_orders_comes_in_pages_over_all_nodes() {
    let api = Api::new().await;
    let store = &api.tables.store;
    let mut ada = customer(ADA, "shopify:one.example:7", "ada@example.com");
    let mut bo = customer(BO, "shopify:two.example:9", "bo@example.com");
    for n in 0..7 {
        ada = ada.order(&format!("a{n}"), days_ago(2 * n), 1, "10", 0);
        bo = bo.order(&format!("b{n}"), days_ago(2 * n + 1), 1, "10", 0);
        bo = bo.loose_return(&format!("l{n}"), days_ago(n), "1.50", 1);
    }
    let (ada, bo) = (ada.record(store).await, bo.record(store).await);
    join(store, &ada, &bo).await;

    let orders: Vec<_> = (0..7)
        .flat_map(|n| [format!("a{n}"), format!("b{n}")])
        .collect();
    let returns: Vec<_> = (0..7).map(|n| format!("l{n}")).collect();
    for limit in [1, 3, 14, 100] {
        assert_eq!(
            all_pages(&api, "orders", limit).await,
            orders,
            "limit {limit}"
        );
        assert_eq!(
            all_pages(&api, "returns", limit).await,
            returns,
            "limit {limit}"
        );
    }
}

#[tokio::test]
async fn a_timeline_of_many_orders_has_everything_once_and_orders_by_time() {
    let api = Api::new().await;
    let mut ada = customer(ADA, "shopify:one.example:7", "ada@example.com");
    let mut bo = customer(BO, "shopify:two.example:9", "bo@example.com");
    for n in 0..125 {
        // Every tenth came back, today.
        let back = i64::from(n % 10 == 0);
        ada = ada.order(&format!("a{n}"), days_ago(2 * n), 2, "10", back);
        bo = bo.order(&format!("b{n}"), days_ago(2 * n + 1), 2, "10", 0);
        if n % 25 == 7 {
            bo = bo.loose_return(&format!("l{n}"), days_ago(2 * n), "1.50", 1);
        }
    }
    let store = &api.tables.store;
    let (ada, bo) = (ada.record(store).await, bo.record(store).await);
    join(store, &ada, &bo).await;

    let mut events = Vec::new();
    let mut cursor = String::new();
    loop {
        let query = format!("sections=timeline&timeline_limit=30{cursor}");
        let page = api.expect(200, get(&format!("/v1/customers/{BO}?{query}")));
        let page = page.await;
        events.extend(page["timeline"].as_array().unwrap().clone());
        let Some(next) = page["timeline_cursor"].as_str() else {
            break;
        };
        cursor = format!("&timeline_cursor={next}");
    }
    let of = |kinds: &[&str]| -> Vec<(String, String)> {
        let text = |event: &Value, name: &str| event[name].as_str().unwrap_or_default().to_owned();
        let own = events
            .iter()
            .filter(|event| kinds.contains(&event["kind"].as_str().unwrap()));
        own.map(|event| {
            (
                text(event, "at"),
                text(event, "id") + &text(event, "order_id"),
            )
        })
        .collect()
    };
    // Orders are in the order of time over all blocks, and so is what stands beside them.
    let timed = of(&["order", "return_without_order"]);
    assert_eq!(timed.len(), 255);
    let instants: Vec<_> = timed.iter().map(|(at, _)| at).collect();
    assert!(instants.is_sorted_by(|one, next| one >= next));
    for (kinds, count) in [
        (["order"], 250),
        (["return_without_order"], 5),
        (["refund"], 13),
    ] {
        let mut ids: Vec<_> = of(&kinds).into_iter().map(|(_, id)| id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!((of(&kinds).len(), ids.len()), (count, count), "{kinds:?}");
    }
    // What befell an order of the latest hundred today stands today: those of five of Ada's fifty.
    let first_order = events
        .iter()
        .position(|event| event["kind"] == "order")
        .unwrap();
    let before = events[..first_order]
        .iter()
        .filter(|event| event["kind"] == "refund");
    assert_eq!(before.count(), 5);
}

/// The last parts of the ids in one of Bo's lists, read to its end.
async fn all_pages(api: &Api, list: &str, limit: usize) -> Vec<String> {
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let query = format!("orders_limit={limit}{cursor}");
        let page = api
            .expect(200, get(&format!("/v1/customers/{BO}?{query}")))
            .await;
        let entries = page[list].as_array().unwrap();
        assert!(entries.len() <= limit);
        let whole = entries.iter().map(|entry| entry["id"].as_str().unwrap());
        ids.extend(whole.map(|id| id.rsplit(':').next().unwrap().to_owned()));
        let Some(next) = page[format!("{list}_cursor")].as_str() else {
            return ids;
        };
        cursor = format!("&{list}_cursor={next}");
    }
}

#[tokio::test]
async fn a_cursor_of_another_customer_or_an_altered_one_is_refused() {
    let api = Api::new().await;
    let store = &api.tables.store;
    for (id, external) in [
        (ADA, "shopify:one.example:7"),
        (BO, "shopify:one.example:8"),
    ] {
        let one = customer(id, external, &format!("{id}@example.com"));
        let one = one.order(&format!("1{id}"), days_ago(1), 1, "10", 0);
        one.order(&format!("2{id}"), days_ago(2), 1, "10", 0)
            .record(store)
            .await;
    }
    let page = api
        .expect(200, get(&format!("/v1/customers/{ADA}?orders_limit=1")))
        .await;
    let cursor = page["orders_cursor"].as_str().unwrap();
    for query in [
        format!("{BO}?orders_cursor={cursor}"),
        format!("{ADA}?returns_cursor={cursor}"),
        format!("{ADA}?orders_cursor=A{}", &cursor[1..]),
        format!("{ADA}?orders_cursor={}", &cursor[1..]),
    ] {
        let problem = api
            .expect(400, get(&format!("/v1/customers/{query}")))
            .await;
        assert!(problem["field"].as_str().unwrap().ends_with("_cursor"));
    }
}

#[tokio::test]
async fn nobody_is_not_found() {
    let api = Api::new().await;
    for id in ["nobodyhere", "N", "ada@example.com", "%00"] {
        api.expect(404, get(&format!("/v1/customers/{id}"))).await;
    }
}
