//! Any list as a table for a spreadsheet.

use crm_tests::shop::order;
use crm_tests::stack::Stack;
use serde_json::json;

use crate::support::{customer, linked, name, paged, table, told};

fn rows(table: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(table.as_bytes());
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        row.iter().map(str::to_owned).collect()
    });
    rows.collect()
}

#[tokio::test]
async fn a_list_is_taken_along_with_its_filters_and_no_cell_computes() {
    let stack = Stack::start().await;
    let mut ada = customer(1, "=cmd()", "+Lovelace");
    ada["tags"] = json!("@press, wholesale");
    ada["phone"] = json!("+442079460018");
    ada["default_address"] = json!({"city": "x;=1+1", "country_code": "GB"});
    let bo = customer(2, "-Bo", "Meyer, \"M\"");
    stack.deliver([&ada, &bo].map(told)).await;
    let bought = order(1, "2026-02-27T09:00:00Z", "60", 2).by_guest("c2@example.com");
    stack.deliver([bought.created()]).await;

    let taken = table(
        &stack,
        "marketer",
        "/v1/exports/customers.csv?tag=wholesale",
    )
    .await;
    let lines = rows(&taken);
    assert_eq!(lines.len(), 2);
    let cell = |name: &str| {
        let place = lines[0].iter().position(|column| column == name);
        lines[1][place.unwrap()].as_str()
    };
    assert_eq!(cell("external_id"), "shopify:cups.myshopify.com:1");
    assert_eq!(
        (cell("first_name"), cell("last_name")),
        ("'=cmd()", "'+Lovelace")
    );
    assert_eq!(
        (cell("tags"), cell("phone")),
        ("'@press, wholesale", "'+442079460018")
    );
    // Whoever parts cells at semicolons finds no formula either.
    assert_eq!(cell("city"), "x;'=1+1");
    assert!(taken.contains("\"x;'=1+1\""), "{taken}");
    // No mark before the first column's name: what kind of text it is, the
    // answer says.
    assert!(taken.starts_with("customer_id,"), "{taken}");
    assert_eq!(
        (cell("segment"), cell("orders"), cell("gross")),
        ("Prospect", "0", "0")
    );
    assert_eq!((cell("email"), cell("group")), ("c1@example.com", ""));

    let segment = name(&stack, "Buyers", json!({"orders": {"at_least": 1}})).await;
    let path = format!("/v1/exports/customers.csv?named_segment={segment}");
    let lines = rows(&table(&stack, "sales", &path).await);
    assert_eq!(lines.len(), 2);
    assert_eq!(&lines[1][2..4], ["'-Bo", "Meyer, \"M\""]);
    assert_eq!(&lines[1][18..21], ["1", "120", "120"]);
    for role in ["viewer", "agent"] {
        assert_eq!(stack.get(role, &path).await.status, 403);
    }
    // It is noted who took what.
    let noted = stack.get("admin", "/v1/audit").await;
    let taken = noted.body["items"].as_array().unwrap().iter();
    let taken = taken.filter(|entry| entry["action"] == "GET /v1/exports/customers.csv");
    assert_eq!(taken.count(), 2);
}

#[tokio::test]
async fn a_long_table_comes_in_pages_with_one_header_and_everyone_once() {
    let stack = Stack::start().await;
    let crowd: Vec<_> = (1..=23)
        .map(|n| told(&customer(n, "Ada", "Lovelace")))
        .collect();
    stack.deliver(crowd).await;
    for query in ["", "?name=ada&segment=Prospect", "?stage=Prospect"] {
        let mut path = Some(format!("/v1/exports/customers.csv{query}"));
        let first = if query.is_empty() { "?" } else { "&" };
        path = path.map(|path| format!("{path}{first}limit=5"));
        let (mut pages, mut text) = (0, String::new());
        while let Some(next) = path {
            let (page, link) = linked(&stack, "sales", &next).await;
            assert!(page.lines().count() <= 6, "{page}");
            text.push_str(&page);
            pages += 1;
            path = link;
        }
        let table = rows(&text);
        let ids: std::collections::BTreeSet<_> = table.iter().map(|row| row[0].clone()).collect();
        assert_eq!((table.len(), ids.len()), (24, 24), "{query}");
        assert_eq!(table[0][0], "customer_id");
        assert!(pages >= 5, "{pages}");
    }
}

#[tokio::test]
async fn whom_a_condition_finds_is_taken_along_page_by_page() {
    let stack = Stack::start().await;
    let crowd = (1..=9).map(|n| {
        let mut somebody = customer(n, "Ada", if n % 3 == 0 { "Lovelace" } else { "Byron" });
        somebody["tags"] = json!(if n % 2 == 0 { "press" } else { "" });
        told(&somebody)
    });
    stack.deliver(crowd.collect::<Vec<_>>()).await;
    let condition = json!({"any": [
        {"all": [{"name": "lovelace"}, {"not": {"tag": "press"}}]},
        {"all": [{"name": "byron"}, {"tag": "press"}]},
    ]});
    let path = "/v1/exports/customers.csv";
    for limit in [2, 100] {
        let body = json!({"condition": condition, "limit": limit});
        let (mut next, mut text, mut pages) = (Some(path.to_owned()), String::new(), 0);
        while let Some(path) = next {
            let (page, link) = paged(&stack, "marketer", &path, Some(&body)).await;
            assert!(page.lines().count() <= limit + 1, "{page}");
            text.push_str(&page);
            next = link;
            pages += 1;
        }
        let mut taken: Vec<_> = rows(&text).into_iter().map(|row| row[1].clone()).collect();
        assert_eq!(taken.remove(0), "external_id");
        taken.sort_unstable();
        let found = [2, 3, 4, 8, 9].map(|n| format!("shopify:cups.myshopify.com:{n}"));
        assert_eq!(taken, found);
        assert_eq!(pages > 1, limit == 2, "{pages}");
    }

    // A page belongs to its condition, and the door to who may take lists along.
    let body = json!({"condition": condition, "limit": 2});
    let (_, link) = paged(&stack, "sales", path, Some(&body)).await;
    let other = json!({"condition": {"tag": "press"}, "limit": 2});
    let next = link.unwrap();
    let refused = stack.call("sales", "POST", &next, Some(other)).await;
    assert_eq!(
        (refused.status, &refused.body["field"]),
        (400, &json!("cursor"))
    );
    for (body, status, field) in [
        (json!({"condition": {"tags": "press"}}), 400, "condition"),
        (
            json!({"condition": condition, "cursor": "x"}),
            400,
            "cursor",
        ),
        (json!({"condition": condition, "limit": 0}), 400, "limit"),
        (
            json!({"condition": {"not": {"order_number": "1"}}}),
            422,
            "condition",
        ),
    ] {
        let refused = stack.call("sales", "POST", path, Some(body)).await;
        assert_eq!(
            (refused.status, &refused.body["field"]),
            (status, &json!(field))
        );
    }
    for role in ["viewer", "agent"] {
        let refused = stack.call(role, "POST", path, Some(body.clone())).await;
        assert_eq!(refused.status, 403, "{role}");
    }
    let noted = stack.get("admin", "/v1/audit").await;
    let taken = noted.body["items"].as_array().unwrap().iter();
    let taken = taken.filter(|entry| entry["action"] == "POST /v1/exports/customers.csv");
    assert!(taken.count() >= 4, "{noted:?}");
}
