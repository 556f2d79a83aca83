//! Everyone as a table, page by page.

use crm_domain::identity::NodeId;
use crm_store::{AsOfRow, Store};
use crm_tests::shop::{order, refund};
use crm_tests::stack::Stack;
use http::Request;
use serde_json::json;

const COLUMNS: &str = "customer_id,external_id,as_of,first_order_at,last_order_at,recency_days,\
    frequency,monetary,r,f,m,code,group,stage,vip,segment,health,gross,net,aov,orders_per_year,\
    simple_value,model_value,p_alive,return_rate_orders,return_rate_units,return_rate_value,\
    next_change_on";

struct Page {
    status: u16,
    kind: String,
    link: Option<String>,
    text: String,
}

async fn page(stack: &Stack, target: &str) -> Page {
    let token = stack.system().identity().token("marketer").unwrap();
    let request = Request::builder()
        .uri(target)
        .header("authorization", format!("Bearer {token}"))
        .body(Vec::new())
        .unwrap();
    let response = stack.system().http(request).await;
    let header = |name: &str| {
        let value = response.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    };
    Page {
        status: response.status().as_u16(),
        kind: header("content-type").unwrap_or_default(),
        link: header("link"),
        text: String::from_utf8(response.body().clone()).unwrap(),
    }
}

/// All lines but the header, by external id, following the links.
async fn lines(stack: &Stack, target: &str) -> Vec<Vec<String>> {
    let mut lines = Vec::new();
    let mut next = Some(target.to_owned());
    let mut first = true;
    while let Some(target) = next {
        let page = page(stack, &target).await;
        assert_eq!(page.status, 200, "{target}: {}", page.text);
        assert_eq!(page.kind, "text/csv; charset=utf-8");
        let mut rows = page.text.split_terminator("\r\n");
        if first {
            assert_eq!(rows.next(), Some(COLUMNS));
        }
        first = false;
        lines.extend(rows.map(|row| row.split(',').map(str::to_owned).collect()));
        next = page.link.map(|link| {
            let target = link.strip_prefix('<').unwrap();
            target.strip_suffix(">; rel=\"next\"").unwrap().to_owned()
        });
    }
    lines.sort_by_key(|line: &Vec<String>| line[1].clone());
    lines
}

/// Ada bought twice and sent one of four cups back; Bo never bought.
async fn shop() -> Stack {
    let stack = Stack::start().await;
    let first = order(1, "2026-01-05T09:00:00Z", "60", 1).by(1, "ada@example.com", "Ada");
    let second = order(2, "2026-02-20T09:00:00Z", "20", 3).by(1, "ada@example.com", "Ada");
    stack.deliver([first.created(), second.created()]).await;
    stack
        .deliver([refund(7, 2, "2026-02-25T10:00:00Z", 1, "20.00")])
        .await;
    let bo = json!({"id": 2, "email": "bo@example.com", "first_name": "Bo",
        "created_at": "2026-02-01T00:00:00Z", "updated_at": "2026-02-01T00:00:00Z"});
    stack
        .deliver([crm_tests::shop::Webhook::new("customers/create", &bo)])
        .await;
    stack
}

#[tokio::test]
async fn the_table_has_a_line_for_everyone_with_or_without_orders() {
    let stack = shop().await;
    let lines = lines(&stack, "/v1/exports/assessments.csv").await;
    let ada = stack.customer("ada@example.com").await;
    let expected = [
        ada["id"].as_str().unwrap(),
        "shopify:cups.myshopify.com:1",
        "2026-03-02",
        "2026-01-05T09:00:00Z",
        "2026-02-20T09:00:00Z",
        "10",
        "2",
        "120",
        "5",
        "2",
        "2",
        "522",
        "Promising",
        "Active",
        "false",
        "Active",
        "Green",
        "120",
        "100",
        "60",
        "13.044643",
        "1558.4",
    ];
    assert_eq!(lines[0][..22], expected);
    // Estimates of the model are some number.
    for (place, least, most) in [(22, 1.0, 1000.0), (23, 0.01, 1.0)] {
        let estimate: f64 = lines[0][place].parse().unwrap();
        assert!((least..=most).contains(&estimate), "{:?}", lines[0]);
    }
    assert_eq!(lines[0][24..], ["0.5", "0.25", "0.166667", "2026-03-23"]);

    let bo = &lines[1];
    assert_eq!(lines.len(), 2);
    assert_eq!(bo[1], "shopify:cups.myshopify.com:2");
    let known = [
        (6, "0"),
        (7, "0"),
        (13, "Prospect"),
        (14, "false"),
        (16, "Green"),
        (17, "0"),
    ];
    for (place, value) in known {
        assert_eq!(bo[place], value, "{bo:?}");
    }
    for place in [3, 4, 5, 8, 11, 12, 19, 20, 21, 22, 23, 24, 25, 26, 27] {
        assert_eq!(bo[place], "", "{place} of {bo:?}");
    }
}

#[tokio::test]
async fn the_answer_about_her_says_the_same_as_her_line() {
    let stack = shop().await;
    let ada = stack.customer("ada@example.com").await;
    let lines = lines(&stack, "/v1/exports/assessments.csv").await;
    let value = &ada["value"];
    assert_eq!(value["on"], "2026-03-02");
    assert_eq!(
        (&value["gross"], &value["net"]),
        (&json!("120"), &json!("100"))
    );
    assert_eq!(value["simple"]["label"], "simple estimate");
    assert_eq!(value["simple"]["value"], "1558.4");
    assert_eq!(
        value["model"]["value"].as_str(),
        Some(lines[0][22].as_str())
    );
    assert_eq!(
        value["model"]["p_alive"].as_str(),
        Some(lines[0][23].as_str())
    );
    assert_eq!(
        value["model"]["basis"]["purchases"],
        json!({"prior": "too_few_buyers"})
    );
    assert_eq!(value["predictor"], "simple");
    assert_eq!(value["acquisition_channel"], "direct");
    assert_eq!(
        value["margin"],
        json!({"value": null, "covered_share": "0"})
    );
    let bo = stack.customer("bo@example.com").await;
    assert_eq!(
        (&bo["value"]["model"], &bo["value"]["simple"]),
        (&json!(null), &json!(null))
    );
}

#[tokio::test]
async fn pages_follow_each_other_by_their_links_and_leave_nobody_out() {
    let stack = Stack::start().await;
    for id in 1..=11_u64 {
        let email = format!("c{id}@example.com");
        let order = order(id, "2026-02-20T09:00:00Z", "20", 1).by(id, &email, "C");
        stack.deliver([order.created()]).await;
    }
    let whole = lines(&stack, "/v1/exports/assessments.csv").await;
    assert_eq!(whole.len(), 11);
    for limit in [1, 4, 11] {
        let target = format!("/v1/exports/assessments.csv?limit={limit}");
        assert_eq!(lines(&stack, &target).await, whole, "{limit}");
    }
    let first = page(&stack, "/v1/exports/assessments.csv?limit=4").await;
    assert_eq!(first.text.lines().count(), 5);
    let asked = json!({"as_of": "2026-02-28"});
    stack
        .call("admin", "POST", "/v1/segments/refresh", Some(asked))
        .await;
    stack.settle().await;
    let past = lines(&stack, "/v1/exports/assessments.csv?as_of=2026-02-28").await;
    assert_eq!(past.len(), 11);
    for limit in [1, 4, 11] {
        let target = format!("/v1/exports/assessments.csv?as_of=2026-02-28&limit={limit}");
        assert_eq!(lines(&stack, &target).await, past, "{limit}");
    }
}

#[tokio::test]
async fn as_of_a_date_the_table_shows_the_orders_of_then() {
    let stack = shop().await;
    let target = "/v1/exports/assessments.csv?as_of=2026-02-01";
    assert_eq!(page(&stack, target).await.status, 404);
    let asked = json!({"as_of": "2026-02-01"});
    stack
        .call("admin", "POST", "/v1/segments/refresh", Some(asked))
        .await;
    stack.settle().await;
    let lines = lines(&stack, target).await;
    let ada = &lines[0];
    assert_eq!(
        ada[2..8],
        [
            "2026-02-01",
            "2026-01-05T09:00:00Z",
            "2026-01-05T09:00:00Z",
            "27",
            "1",
            "60"
        ]
    );
    assert_eq!((ada[13].as_str(), ada[18].as_str()), ("New", "60"));

    for (query, field) in [
        ("as_of=then", "as_of"),
        ("limit=0", "limit"),
        ("cursor=x", "cursor"),
        ("asof=2026-02-01", "asof"),
    ] {
        let refused = page(&stack, &format!("/v1/exports/assessments.csv?{query}")).await;
        let problem: serde_json::Value = serde_json::from_str(&refused.text).unwrap();
        assert_eq!(
            (refused.status, &problem["field"]),
            (400, &json!(field)),
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_row_that_was_left_of_somebody_s_part_is_not_told_beside_theirs() {
    let stack = shop().await;
    let asked = json!({"as_of": "2026-02-25"});
    let run = stack
        .call("admin", "POST", "/v1/segments/refresh", Some(asked))
        .await;
    let run = run.body["id"].as_str().unwrap().to_owned();
    stack.settle().await;
    let target = "/v1/exports/assessments.csv?as_of=2026-02-25";
    assert_eq!(lines(&stack, target).await.len(), 2);

    // What a walk leaves that met Bo before he became part of Ada, and wrote
    // his row behind hers.
    let functions = &stack.system().wiring().functions;
    let variables = &functions["SegmentRecompute"].variables;
    let sdk = stack.system().services().sdk_config();
    let store = Store::new(&sdk, &variables["PEOPLE_TABLE"], &variables["FACTS_TABLE"]);
    let id = async |email: &str| {
        let customer = stack.customer(email).await;
        NodeId::parse(customer["id"].as_str().unwrap()).unwrap()
    };
    let (ada, bo) = (id("ada@example.com").await, id("bo@example.com").await);
    let row = async |id: &NodeId| store.asof_row(&run, id).await.unwrap().unwrap();
    let (ada_s, bo_s) = (row(&ada).await, row(&bo).await);
    let form = json!({"with": bo, "accept_limits": true});
    let path = format!("/v1/customers/{ada}/merge");
    let merged = stack.call("agent", "POST", &path, Some(form)).await;
    assert_eq!(merged.status, 201, "{merged:?}");
    stack.settle().await;
    let both = AsOfRow {
        nodes: vec![ada.clone(), bo.clone()],
        ..ada_s
    };
    store.asof_put(&run, &[both], u64::MAX).await.unwrap();
    assert_eq!(store.asof_row(&run, &bo).await.unwrap(), None);
    store.asof_put(&run, &[bo_s], u64::MAX).await.unwrap();

    let told = lines(&stack, target).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0][0], ada.to_string());
}
