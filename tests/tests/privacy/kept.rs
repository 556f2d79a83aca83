//! A system that keeps everything in a directory, and Ada in it.

use std::fs;
use std::path::{Path, PathBuf};

use crm_local::functions::Registry;
use crm_local::system::{Directory, System, SystemOptions, template_path};
use crm_tests::shop::{Webhook, order};
use crm_tests::stack::{Answer, Stack};
use http::Request;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Ada's id at the shop, and every word that is hers alone.
pub const ADA: u64 = 774_400_112_233;
pub const CANARIES: [&str; 8] = [
    "774400112233",
    "canary.ada@example.com",
    "Adacanaria",
    "Lovecanary",
    "Canarygasse",
    "+436641112223",
    "canarytag",
    "canarywish",
];

/// A directory that goes with its test.
pub struct Place(PathBuf);

impl Place {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("crm-privacy-{name}-{}", std::process::id()));
        let place = Self(path);
        place.clear();
        place
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    fn clear(&self) {
        match fs::remove_dir_all(&self.0) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
            _ => {}
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.clear();
    }
}

/// A system over a directory.
pub async fn stack_in(place: &Place) -> Stack {
    let functions = Registry::of_the_project();
    let options = SystemOptions::from_file(&template_path(), functions).expect("the template");
    let directory = Directory::take(place.path(), false).expect("the directory is free");
    let system = System::open(&options, directory).await;
    Stack::over(system.expect("the system starts"))
}

/// What of Ada stands in the files of a directory, and in which.
pub fn found_in(place: &Place) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(place.path()).expect("a directory") {
        let path = entry.expect("an entry").path();
        let bytes = fs::read(&path).expect("a file");
        // A telephone is also found by its end.
        for canary in CANARIES.into_iter().chain(["FP#1112223"]) {
            let there = bytes
                .windows(canary.len())
                .any(|part| part.eq_ignore_ascii_case(canary.as_bytes()));
            if there {
                found.push(format!("{canary} in {}", path.display()));
            }
        }
    }
    found
}

/// Everything a shop tells of Ada as she is now.
pub fn ada_herself(at: Timestamp) -> Webhook {
    let body = json!({
        "id": ADA,
        "email": "canary.ada@example.com",
        "first_name": "Adacanaria",
        "last_name": "Lovecanary",
        "phone": "+436641112223",
        "tags": "canarytag",
        "updated_at": at.to_string(),
        "default_address": {"address1": "Canarygasse 7", "city": "Vienna", "country_code": "AT"},
        "email_marketing_consent": {
            "state": "subscribed",
            "opt_in_level": "single_opt_in",
            "consent_updated_at": at.to_string(),
        },
    });
    Webhook::new("customers/update", &body)
}

/// An order of hers, with everything in it that may name her.
pub fn ada_buys(id: u64, at: Timestamp, price: &str) -> Webhook {
    let at = at.to_string();
    let line = json!([{
        "id": id * 10 + 1, "product_id": 9001, "title": "Cup", "quantity": 1, "price": price,
    }, {
        "id": id * 10 + 2, "product_id": null, "title": "Engraving: canarywish",
        "quantity": 1, "price": "1.00",
    }]);
    order(id, &at, price, 1)
        .by(ADA, "canary.ada@example.com", "Adacanaria")
        .with(&at, "tags", json!("canarytag"))
        .with(&at, "line_items", line)
        .created()
}

/// The shop passes on that she wants to be forgotten.
pub fn ada_wants_out() -> Webhook {
    let body = json!({
        "shop_id": 954_889,
        "shop_domain": "cups.myshopify.com",
        "customer": {"id": ADA, "email": "canary.ada@example.com", "phone": "+436641112223"},
        "orders_to_redact": [1, 2],
    });
    Webhook::new("customers/redact", &body)
}

/// What the store's people keep of her beside what the shop tells: a call, with a second wording,
/// and a field of free text.
pub async fn ada_is_talked_about(stack: &Stack, id: &str) {
    let nickname = json!({"custom_fields": [{"name": "nickname", "type": "text"}]});
    let done = stack
        .call("admin", "PUT", "/v1/settings", Some(nickname))
        .await;
    assert_eq!(done.status, 200, "{done:?}");
    let said = json!({
        "kind": "call", "direction": "inbound", "subject": "canarywish", "body": "canarywish",
    });
    let path = format!("/v1/customers/{id}/communications");
    let said = stack.call("agent", "POST", &path, Some(said)).await;
    assert_eq!(said.status, 201, "{said:?}");
    let path = format!(
        "/v1/communications/{}",
        said.body["id"].as_str().expect("an id")
    );
    let other = json!({"body": "She said: canarywish"});
    let righted = stack.call("agent", "PATCH", &path, Some(other)).await;
    assert_eq!(righted.status, 200, "{righted:?}");
    for nickname in ["canarytag", "canarywish"] {
        let set = json!({"fields": {"nickname": nickname}});
        let path = format!("/v1/customers/{id}");
        let set = stack.call("agent", "PATCH", &path, Some(set)).await;
        assert_eq!(set.status, 200, "{set:?}");
    }
    stack.settle().await;
}

/// The requests there are.
pub async fn requests(stack: &Stack) -> Vec<Value> {
    let answer = stack.get("admin", "/v1/privacy/requests").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["items"].as_array().cloned().expect("a list")
}

/// Everybody with an external id.
pub async fn known_as(stack: &Stack, id: u64) -> Answer {
    let path = format!("/v1/customers?external_id=shopify:{id}");
    stack.get("viewer", &path).await
}

/// So many hours after the beginning.
pub fn after(stack: &Stack, hours: i64) -> Timestamp {
    stack.now() + jiff::SignedDuration::from_hours(hours)
}

/// What everyone who counts has bought, by the table: who was forgotten is in
/// no list.
pub async fn bought(stack: &Stack) -> Vec<String> {
    let token = stack.system().identity().token("sales").expect("a token");
    let request = Request::builder()
        .uri("/v1/exports/assessments.csv")
        .header("authorization", format!("Bearer {token}"))
        .body(Vec::new())
        .expect("a request");
    let answer = stack.system().http(request).await;
    let table = String::from_utf8_lossy(answer.body()).into_owned();
    let mut lines = table
        .lines()
        .map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    let place = header.iter().position(|name| *name == "gross");
    let place = place.expect("a column");
    lines.map(|cells| cells[place].to_owned()).collect()
}
