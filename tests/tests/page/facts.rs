//! Every recorded and documented payload about a refund, a return, consent, labels or a merge, against
//! the document of the customer it is about. That customer, and the order, are made up before.

use crm_local::deliver::Posting;
use crm_tests::recorded::{folders, post, postings, worldly_store};
use crm_tests::stack::Stack;
use serde_json::{Value, json};

use crate::golden::customer_of;
use crate::oracle::{end_of, id, list, refunded_units, state, strings, text};

/// What a payload is about, and how many of each kind there have to be at least.
const LEAST: [(&str, usize); 5] = [
    ("refunds/create", 5),
    ("returns", 8),
    ("customers/merge", 1),
    ("consent", 1),
    ("tags", 6),
];

fn kind(topic: &str) -> Option<&'static str> {
    Some(match topic {
        "refunds/create" => "refunds/create",
        "customers/merge" => "customers/merge",
        "customer.tags_added" | "customer.tags_removed" => "tags",
        _ if topic.starts_with("returns/") => "returns",
        _ if topic.ends_with("_marketing_consent/update") => "consent",
        _ => return None,
    })
}

/// A posting of the same shop, an hour before anything that was recorded.
fn before(posting: &Posting, topic: &str, body: &Value) -> Posting {
    Posting {
        topic: topic.to_owned(),
        triggered_at: Some("2000-01-01T00:00:00Z".parse().unwrap()),
        webhook_id: format!("{}-before", posting.webhook_id),
        body: body.to_string().into_bytes(),
        ..posting.clone()
    }
}

/// An order of customer 1, of a thousand pieces at a price of a thousand.
fn made_up_order(posting: &Posting, order: &str) -> Posting {
    let body = json!({
        "id": order, "created_at": "2000-01-01T00:00:00Z", "updated_at": "2000-01-01T00:00:00Z",
        "currency": "USD", "financial_status": "paid", "customer": {"id": 1},
        "line_items": [{"id": 1, "title": "Cup", "quantity": 1000, "price": "1000"}],
    });
    before(posting, "orders/create", &body)
}

fn made_up_customer(posting: &Posting, id: &str, tags: &str) -> Posting {
    let body = json!({"id": id, "updated_at": "2000-01-01T00:00:00Z", "tags": tags});
    before(posting, "customers/create", &body)
}

/// Sends what has to be there, and then the payload; how many were given up.
async fn deliver(stack: &Stack, told: &[Posting]) -> usize {
    for posting in told {
        assert_eq!(post(stack, posting).await, 200, "{}", posting.origin);
        stack.settle().await;
    }
    stack.dead_letters().await.len()
}

async fn of_order(stack: &Stack, posting: &Posting, order: &str) -> Value {
    let order = format!("shopify:{}:{order}", posting.shop);
    let id = customer_of(stack, &order).await.expect("somebody's");
    stack
        .get("agent", &format!("/v1/customers/{id}"))
        .await
        .body
}

async fn of_customer(stack: &Stack, posting: &Posting, id: &str) -> Value {
    let known = format!("shopify:{}:{id}", posting.shop);
    stack.customer_known_as(&known).await
}

fn events<'a>(document: &'a Value, kind: &str) -> Vec<&'a Value> {
    let timeline = list(&document["timeline"]);
    timeline.filter(|event| event["kind"] == kind).collect()
}

async fn check_refund(stack: &Stack, posting: &Posting, raw: &Value, known: usize) -> usize {
    let order = text(&raw["order_id"]).unwrap_or_default();
    let told = [made_up_order(posting, &order), posting.clone()];
    let given_up = deliver(stack, &told).await;
    if given_up > known {
        return given_up;
    }
    let (document, origin) = (of_order(stack, posting, &order).await, &posting.origin);
    let refunds = events(&document, "refund");
    assert_eq!(refunds.len(), 1, "{origin}");
    assert_eq!(refunds[0]["id"], json!(id(raw)), "{origin}");
    assert_eq!(refunds[0]["amount"], document["refunded"], "{origin}");
    let back = refunded_units(raw, false);
    assert_eq!(document["units_returned"], back, "{origin}");
    assert_eq!(
        document["return_documents"],
        i64::from(back > 0),
        "{origin}"
    );
    let returns = document["returns"].as_array().unwrap();
    assert_eq!(returns.len(), usize::from(back > 0), "{origin}");
    let bought = 1000 - refunded_units(raw, true);
    assert_eq!(document["units_bought"], bought, "{origin}");
    given_up
}

/// A return of ten pieces, which tells of which order it is.
fn made_up_return(posting: &Posting, raw: &Value, order: &str) -> Posting {
    let body = json!({
        "id": id(raw), "status": "open", "order": {"id": order},
        "return_line_items": [{"quantity": 10}],
    });
    before(posting, "returns/approve", &body)
}

async fn check_return(stack: &Stack, posting: &Posting, raw: &Value, known: usize) -> usize {
    let order = id(&raw["order"]).or_else(|| text(&raw["order_id"]));
    // Some say nothing of the order: it is known from what came before.
    let known_before = order.is_none();
    let order = order.unwrap_or_else(|| "77".to_owned());
    let mut told = vec![made_up_order(posting, &order)];
    told.extend(known_before.then(|| made_up_return(posting, raw, &order)));
    told.push(posting.clone());
    let given_up = deliver(stack, &told).await;
    if given_up > known {
        return given_up;
    }
    let (document, origin) = (of_order(stack, posting, &order).await, &posting.origin);
    let returns = document["returns"].as_array().unwrap();
    assert_eq!(returns.len(), 1, "{origin}");
    assert_eq!(returns[0]["id"], json!(id(raw)), "{origin}");
    assert_eq!(returns[0]["refunded"], Value::Null, "{origin}");
    let told = text(&raw["status"]).map(|status| status.to_lowercase());
    let told = told.map(|status| status.replace("canceled", "cancelled"));
    let status = told.clone().unwrap_or_else(|| "open".to_owned());
    assert_eq!(returns[0]["status"], *status, "{origin}");
    let units = units_coming_back(raw, known_before);
    let units = if ["open", "closed"].contains(&&*status) {
        units
    } else {
        0
    };
    // What goes out in exchange is told in two ways, and checked elsewhere.
    if list(&raw["exchange_line_items"]).count() == 0 {
        assert_eq!(returns[0]["units"], units, "{origin}");
        assert_eq!(document["units_returned"], units, "{origin}");
        assert_eq!(returns[0]["resolution"], Value::Null, "{origin}");
    }
    let news = events(&document, "return");
    let shown: Vec<_> = news
        .iter()
        .filter_map(|event| event["status"].as_str())
        .collect();
    let mut expected = vec![&*status];
    expected.extend((known_before && status != "open").then_some("open"));
    assert_eq!(shown, expected, "{origin}");
    given_up
}

/// Units of the lines told, or of those known before without what was taken off.
fn units_coming_back(raw: &Value, known_before: bool) -> i64 {
    if let Some(lines) = raw["return_line_items"]
        .as_array()
        .filter(|lines| !lines.is_empty())
    {
        return lines
            .iter()
            .filter_map(|line| line["quantity"].as_i64())
            .sum();
    }
    let removed = list(&raw["return_line_items"]["removals"]);
    let removed: i64 = removed
        .filter_map(|one| one["delta"].as_i64())
        .map(i64::abs)
        .sum();
    if known_before { 10 - removed } else { 0 }
}

async fn check_consent(stack: &Stack, posting: &Posting, raw: &Value, known: usize) -> usize {
    let (medium, field, id) = match &*posting.topic {
        "customers_email_marketing_consent/update" => {
            ("email", "email_marketing_consent", &raw["customer_id"])
        }
        "customers_marketing_consent/update" => ("sms", "sms_marketing_consent", &raw["id"]),
        _ => (
            "whatsapp",
            "whats_app_marketing_consent",
            &raw["customer_id"],
        ),
    };
    let id = text(id).unwrap_or_default();
    let told = [made_up_customer(posting, &id, ""), posting.clone()];
    let given_up = deliver(stack, &told).await;
    if given_up == known {
        let document = of_customer(stack, posting, &id).await;
        let shown = &document["consent"][medium]["state"];
        let expected = json!(state(&raw[field]["state"]));
        assert_eq!(shown, &expected, "{}", posting.origin);
    }
    given_up
}

async fn check_tags(stack: &Stack, posting: &Posting, raw: &Value, known: usize) -> usize {
    let id = end_of(&raw["customerId"]).unwrap_or_default();
    let told = strings(&raw["tags"]);
    let first = told.first().cloned().unwrap_or_default();
    let had = format!("kept, {first}");
    let before = made_up_customer(posting, &id, &had);
    let given_up = deliver(stack, &[before, posting.clone()]).await;
    if given_up == known {
        let mut expected = told;
        if posting.topic == "customer.tags_removed" {
            expected.clear();
        }
        expected.insert("kept".to_owned());
        let document = of_customer(stack, posting, &id).await;
        assert_eq!(strings(&document["tags"]), expected, "{}", posting.origin);
    }
    given_up
}

async fn check_merge(stack: &Stack, posting: &Posting, raw: &Value, known: usize) -> usize {
    let kept = end_of(&raw["admin_graphql_api_customer_kept_id"]).unwrap_or_default();
    let gone = end_of(&raw["admin_graphql_api_customer_deleted_id"]).unwrap_or_default();
    let told = [
        made_up_customer(posting, &kept, ""),
        made_up_customer(posting, &gone, ""),
        posting.clone(),
    ];
    let given_up = deliver(stack, &told).await;
    if given_up == known {
        let of_kept = of_customer(stack, posting, &kept).await;
        let of_gone = of_customer(stack, posting, &gone).await;
        let done = raw["status"] == "completed";
        assert_eq!(of_kept["id"] == of_gone["id"], done, "{}", posting.origin);
        let merges = of_kept["merges"].as_array().unwrap();
        assert_eq!(merges.len(), usize::from(done), "{}", posting.origin);
    }
    given_up
}

#[tokio::test]
async fn every_recorded_and_documented_fact_lands_in_the_document_it_is_about() {
    let Some(folders) = folders() else {
        return;
    };
    let stack = worldly_store().await;
    let mut checked = LEAST.map(|(kind, _)| (kind, 0));
    let mut parked = 0;
    for (n, mut posting) in postings(&folders).into_iter().enumerate() {
        let (Some(kind), Ok(raw)) = (
            kind(&posting.topic),
            serde_json::from_slice::<Value>(&posting.body),
        ) else {
            continue;
        };
        posting.shop = format!("f{n}.myshopify.com");
        // A sender always tells it; what was recorded without its headers does not.
        let triggered_at = posting.triggered_at;
        posting.triggered_at = triggered_at.or("2026-10-01T00:00:00Z".parse().ok());
        let given_up = match kind {
            "refunds/create" => check_refund(&stack, &posting, &raw, parked).await,
            "returns" => check_return(&stack, &posting, &raw, parked).await,
            "consent" => check_consent(&stack, &posting, &raw, parked).await,
            "tags" => check_tags(&stack, &posting, &raw, parked).await,
            _ => check_merge(&stack, &posting, &raw, parked).await,
        };
        if given_up > parked {
            println!("parked: {}", posting.origin);
            parked = given_up;
            continue;
        }
        let counts = checked.iter_mut().find(|(known, _)| *known == kind);
        counts.expect("one of them").1 += 1;
    }
    println!("{checked:?}, {parked} parked");
    for ((kind, checked), (_, least)) in checked.into_iter().zip(LEAST) {
        assert!(checked >= least, "{checked} of {kind}");
    }
}
