//! Where the next page begins: told to callers, and to nobody else.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use api::Function;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crm_local::services::Fault;
use crm_tests::shop::Webhook;
use crm_tests::stack::Stack;
use crm_tests::tables::CURSOR_KEY;
use jiff::SignedDuration;
use serde_json::json;

use crate::shop::{customer, days_ago};
use crate::support::{Api, get, now};

const ADA: &str = "adaadaadaada";

/// Her orders, one a page.
fn first_page() -> String {
    format!("/v1/customers/{ADA}?orders_limit=1")
}

async fn shop() -> Api {
    let api = Api::new().await;
    let mut ada = customer(ADA, "shopify:one.example:7", "ada@example.com");
    for n in 0..3 {
        ada = ada.order(&format!("o{n}"), days_ago(n), 1, "10", 0);
    }
    ada.record(&api.tables.store).await;
    api
}

async fn cursor(api: &Api, target: &str) -> String {
    let page = api.expect(200, get(target)).await;
    page["orders_cursor"].as_str().unwrap().to_owned()
}

fn next_page(cursor: &str) -> String {
    format!("{}&orders_cursor={cursor}", first_page())
}

#[tokio::test]
async fn a_cursor_shows_nothing_of_the_place_it_leads_to() {
    let api = shop().await;
    let told = cursor(&api, &first_page()).await;
    let bytes = URL_SAFE_NO_PAD.decode(&told).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    for part in ["o0", "shopify", "2026", ADA] {
        assert!(!text.contains(part), "{part}");
    }
    // Asked the same, it is the same.
    assert_eq!(cursor(&api, &first_page()).await, told);
}

#[tokio::test]
async fn a_list_goes_on_while_the_key_is_rotated_once_and_not_twice() {
    let api = shop().await;
    let secrets = api.tables.services.secrets();
    let first = cursor(&api, &first_page()).await;

    // This function has the old key still; another one has read the new.
    secrets.put(CURSOR_KEY, "a newer key").unwrap();
    let second = cursor(&beside(&api), &next_page(&first)).await;
    assert_ne!(first, second);
    let at_once = now() + SignedDuration::from_secs(31);
    let answer = api.send_at(at_once, get(&next_page(&second))).await;
    assert_eq!(answer.status, 200, "what the other sealed opens here");

    secrets.put(CURSOR_KEY, "the newest key").unwrap();
    let later = now() + SignedDuration::from_mins(6);
    let answer = api.send_at(later, get(&next_page(&second))).await;
    assert_eq!(answer.status, 200, "the key before is good");
    let answer = api.send_at(later, get(&next_page(&first))).await;
    assert_eq!(
        (answer.status, &answer.body["field"]),
        (400, &"orders_cursor".into()),
        "the one before that is not"
    );
}

/// Another instance of the function, in the same shop.
fn beside(api: &Api) -> Api {
    Api {
        tables: api.tables.clone(),
        function: Function::new(&api.tables.sdk(), &api.tables.variables()).unwrap(),
    }
}

#[tokio::test]
async fn a_cursor_of_another_deployment_is_refused() {
    let (here, elsewhere) = (shop().await, shop().await);
    let foreign = elsewhere.tables.services.secrets();
    foreign.put(CURSOR_KEY, "another deployment's").unwrap();
    foreign.put(CURSOR_KEY, "and its next").unwrap();
    let cursor = cursor(&elsewhere, &first_page()).await;
    let problem = here.expect(400, get(&next_page(&cursor))).await;
    assert_eq!(problem["field"], "orders_cursor");
}

#[tokio::test]
async fn the_key_is_asked_for_where_there_is_a_cursor_only_and_kept() {
    let api = shop().await;
    let asked = Arc::new(AtomicU64::new(0));
    let counted = asked.clone();
    api.tables.services.on_call(move |service, _, _| {
        let of_secrets = service == "secretsmanager";
        counted.fetch_add(u64::from(of_secrets), Ordering::Relaxed);
        Fault::None
    });
    let whole = format!("/v1/customers/{ADA}");
    api.expect(200, get(&whole)).await;
    assert_eq!(asked.load(Ordering::Relaxed), 0, "there is no next page");
    let next = cursor(&api, &first_page()).await;
    let once = asked.load(Ordering::Relaxed);
    assert!(once > 0);
    api.expect(200, get(&next_page(&next))).await;
    assert_eq!(asked.load(Ordering::Relaxed), once, "it is kept");
}

#[tokio::test]
async fn without_the_key_the_caller_is_asked_to_come_back() {
    let api = shop().await;
    api.tables.services.on_call(|service, _, _| match service {
        "secretsmanager" => Fault::ServerError,
        _ => Fault::None,
    });
    for target in [first_page(), next_page("abcdefgh")] {
        let answer = api.send(get(&target)).await;
        assert_eq!(
            (answer.status, answer.header("retry-after")),
            (503, Some("1")),
            "{target}"
        );
    }
    // What needs none is answered.
    api.expect(200, get(&format!("/v1/customers/{ADA}"))).await;
}

#[tokio::test]
async fn what_is_no_cursor_is_refused_also_where_there_is_nothing_to_show() {
    let stack = Stack::start().await;
    let asks = json!({
        "shop_id": 1,
        "shop_domain": "cups.myshopify.com",
        "orders_requested": [],
        "customer": {"id": 7, "email": "nobody@example.com"},
        "data_request": {"id": 9},
    });
    stack
        .deliver([Webhook::new("customers/data_request", &asks)])
        .await;
    let asked = stack.get("admin", "/v1/privacy/requests").await;
    let id = asked.body["items"][0]["id"].as_str().unwrap();
    let path = format!("/v1/privacy/requests/{id}/document");
    let document = stack.get("admin", &path).await;
    assert_eq!(
        (document.status, &document.body["nothing_held"]),
        (200, &json!(true))
    );
    let refused = stack.get("admin", &format!("{path}?cursor=x")).await;
    assert_eq!(
        (refused.status, &refused.body["field"]),
        (400, &json!("cursor"))
    );
}
