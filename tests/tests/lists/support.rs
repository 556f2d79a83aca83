//! Customers of a shop, and the lists that staff make of them.

use crm_domain::identity::NodeId;
use crm_store::{Consistency, PersonRecord, Store};
use crm_tests::shop::Webhook;
use crm_tests::stack::{Answer, Stack};
use http::Request;
use serde_json::{Value, json};

/// A customer being written.
pub fn customer(id: u64, first_name: &str, last_name: &str) -> Value {
    json!({
        "id": id,
        "first_name": first_name,
        "last_name": last_name,
        "email": format!("c{id}@example.com"),
        "created_at": "2026-03-01T00:00:00Z",
        "updated_at": "2026-03-01T00:00:00Z",
    })
}

pub fn told(customer: &Value) -> Webhook {
    Webhook::new("customers/update", customer)
}

/// A text as a parameter of a query.
pub fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let each = text.bytes().map(|byte| match byte {
        byte if plain(byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    each.collect()
}

/// The numbers at the shop of the customers in a list, in order.
pub fn numbers(items: &Value) -> Vec<u64> {
    let ids = items.as_array().unwrap().iter().flat_map(|item| {
        let ids = item["external_ids"].as_array().unwrap().clone();
        ids.into_iter()
    });
    let number = |id: Value| id.as_str().unwrap().rsplit(':').next().unwrap().parse();
    let mut numbers: Vec<u64> = ids.map(|id| number(id).unwrap()).collect();
    numbers.sort_unstable();
    numbers
}

/// Everyone on every page of a list, with `limit` to a page; each at most once.
pub async fn all_pages(stack: &Stack, path: &str, limit: usize) -> Vec<u64> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let sign = if path.contains('?') { '&' } else { '?' };
        let page = stack
            .get("viewer", &format!("{path}{sign}limit={limit}{cursor}"))
            .await;
        assert_eq!(page.status, 200, "{path}: {page:?}");
        assert!(page.body["items"].as_array().unwrap().len() <= limit);
        found.extend(numbers(&page.body["items"]));
        match page.body["cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    found.sort_unstable();
    found
}

/// Whom a search by one parameter finds.
pub async fn by(stack: &Stack, name: &str, text: &str) -> Vec<u64> {
    let path = format!("/v1/customers?{name}={}", encoded(text));
    all_pages(stack, &path, 3).await
}

/// Whom a condition finds.
pub async fn by_condition(stack: &Stack, condition: &Value) -> Vec<u64> {
    let body = json!({ "condition": condition });
    let path = "/v1/customers/search";
    let answer = stack.call("viewer", "POST", path, Some(body)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body["cursor"], Value::Null);
    numbers(&answer.body["items"])
}

/// The id of the customer with a number at the shop.
pub async fn id_of(stack: &Stack, number: u64) -> String {
    let id = format!("shopify:cups.myshopify.com:{number}");
    let found = stack.customer_known_as(&id).await;
    found["id"].as_str().unwrap().to_owned()
}

/// A new named segment; everyone is put into it.
pub async fn name(stack: &Stack, name: &str, condition: Value) -> String {
    let body = json!({"name": name, "condition": condition});
    let path = "/v1/named-segments";
    let made = stack.call("marketer", "POST", path, Some(body)).await;
    assert_eq!(made.status, 201, "{made:?}");
    stack.settle().await;
    made.body["id"].as_str().unwrap().to_owned()
}

/// Who is in a named segment; the count agrees.
pub async fn members(stack: &Stack, segment: &str) -> Vec<u64> {
    let path = format!("/v1/named-segments/{segment}/members");
    let first = stack.get("viewer", &path).await;
    assert_eq!(first.status, 200, "{first:?}");
    let count = first.body["count"].as_u64().unwrap();
    let items = first.body["items"].as_array().unwrap().len();
    assert_eq!(usize::try_from(count).unwrap(), items, "{first:?}");
    all_pages(stack, &path, 2).await
}

/// Puts a customer in or leaves them out, by the id given.
pub async fn place(stack: &Stack, segment: &str, customer: &str, placed: &str) -> Answer {
    let path = format!("/v1/named-segments/{segment}/members/{customer}");
    let body = json!({ "placed": placed });
    let answer = stack.call("marketer", "PUT", &path, Some(body)).await;
    stack.settle().await;
    answer
}

/// Of whom a person decided that they are in a named segment, or out.
pub async fn placed(stack: &Stack, segment: &str, placed: &str) -> Vec<u64> {
    let path = format!("/v1/named-segments/{segment}/members?placed={placed}");
    all_pages(stack, &path, 2).await
}

/// The store that a stack's functions use.
pub fn store(stack: &Stack) -> Store {
    let system = stack.system();
    let variables = &system.wiring().functions["Api"].variables;
    let named = |name: &str| {
        variables
            .iter()
            .find(|(known, _)| *known == name)
            .unwrap()
            .1
            .clone()
    };
    let sdk = system.services().sdk_config();
    Store::new(&sdk, &named("PEOPLE_TABLE"), &named("FACTS_TABLE"))
}

/// A person as it is kept.
pub async fn record(stack: &Stack, id: &str) -> PersonRecord {
    let id = NodeId::parse(id).unwrap();
    let found = store(stack).person_fetch(&id, Consistency::Strong).await;
    found.unwrap().unwrap()
}

/// Calls the API with headers of one's own.
pub async fn call_with(
    stack: &Stack,
    role: &str,
    method: &str,
    path: &str,
    body: Option<Value>,
    headers: &[(&str, &str)],
) -> Answer {
    let token = stack.system().identity().token(role).unwrap();
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = body.map_or_else(Vec::new, |body| body.to_string().into_bytes());
    stack.send(request.body(body).unwrap()).await
}

/// A table's text.
pub async fn table(stack: &Stack, role: &str, path: &str) -> String {
    linked(stack, role, path).await.0
}

/// A page of a table, and the path of the next one.
pub async fn linked(stack: &Stack, role: &str, path: &str) -> (String, Option<String>) {
    paged(stack, role, path, None).await
}

/// A page of a table, asked for by a body if there is one, and the path of the
/// next one.
pub async fn paged(
    stack: &Stack,
    role: &str,
    path: &str,
    body: Option<&Value>,
) -> (String, Option<String>) {
    let token = stack.system().identity().token(role).unwrap();
    let request = Request::builder()
        .method(if body.is_some() { "POST" } else { "GET" })
        .uri(path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(body.map_or_else(Vec::new, |body| body.to_string().into_bytes()))
        .unwrap();
    let answer = stack.system().http(request).await;
    assert_eq!(answer.status(), 200, "{path}");
    assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
    let link = answer.headers().get("link").map(|link| {
        let link = link.to_str().unwrap();
        let (path, relation) = link.split_once(">; ").unwrap();
        assert_eq!(relation, "rel=\"next\"");
        path.trim_start_matches('<').to_owned()
    });
    (String::from_utf8(answer.into_body()).unwrap(), link)
}
