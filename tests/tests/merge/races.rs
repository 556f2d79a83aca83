//! What happens at the same moment as a merge, or kills it.

use std::sync::atomic::{AtomicU32, Ordering};

use crm_domain::identity::NodeId;
use crm_local::services::Fault;
use serde_json::json;

use crate::crew::{Crew, customer, order};

async fn two() -> (Crew, NodeId, NodeId) {
    let mut crew = Crew::new().await.unwrap();
    let now = crew.now();
    crew.hear(&[
        ("a", "customers/create", customer(1, "ada@example.com", now)),
        ("b", "customers/create", customer(1, "bo@example.com", now)),
    ])
    .await
    .unwrap();
    crew.assess().await.unwrap();
    let ada = crew.node_of("a", 1).await.unwrap();
    let bo = crew.node_of("b", 1).await.unwrap();
    (crew, ada, bo)
}

/// Does something on a thread of its own.
fn alone(deed: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    runtime.unwrap().block_on(deed);
}

#[tokio::test]
async fn an_order_that_comes_while_two_are_merged_counts_for_the_one_they_become() {
    let (mut crew, ada, bo) = two().await;
    let mut twin = crew.twin().unwrap();
    crew.before("TransactWriteItems", move || {
        alone(async {
            let told = ("b", "orders/create", order(1, Ok(1), 10, twin.now()));
            twin.hear(&[told]).await.unwrap();
        });
    });
    crew.merge(&ada, &bo).await.unwrap();
    crew.no_faults();
    crew.assess().await.unwrap();

    let person = crew.person(&bo).await.unwrap();
    assert_eq!(person.id(), &ada);
    assert_eq!(person.totals().view(false).sums.orders, 1);
    let shown = crew.ask(&format!("/v1/customers/{ada}"), json!(null)).await;
    assert_eq!(shown.unwrap().body["orders_count"], 1);
}

#[tokio::test]
async fn two_people_who_merge_the_same_two_at_once_make_one_merge() {
    let (mut crew, ada, bo) = two().await;
    let mut twin = crew.twin().unwrap();
    let (one, other) = (ada.clone(), bo.clone());
    crew.before("TransactWriteItems", move || {
        alone(async {
            twin.merge(&other, &one).await.unwrap();
        });
    });
    let path = format!("/v1/customers/{ada}/merge");
    let lost = crew.ask(&path, json!({ "with": bo })).await.unwrap();
    assert_eq!(lost.status, 409, "{lost:?}");
    crew.no_faults();
    let person = crew.person(&ada).await.unwrap();
    assert_eq!(person.id(), &bo);
    assert_eq!(crew.store.merges_fetch(&person).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_order_that_comes_while_two_are_parted_stays_with_who_placed_it() {
    let (mut crew, ada, bo) = two().await;
    let merge = crew.merge(&ada, &bo).await.unwrap();
    crew.assess().await.unwrap();
    let mut twin = crew.twin().unwrap();
    crew.before("TransactWriteItems", move || {
        alone(async {
            let told = ("b", "orders/create", order(1, Ok(1), 10, twin.now()));
            twin.hear(&[told]).await.unwrap();
            twin.assess().await.unwrap();
        });
    });
    crew.unmerge(&ada, &merge).await.unwrap();
    crew.no_faults();
    crew.assess().await.unwrap();
    let orders = async |id| {
        let person = crew.person(id).await.unwrap();
        assert_eq!(person.id(), id);
        person.totals().view(false).sums.orders
    };
    assert_eq!((orders(&ada).await, orders(&bo).await), (0, 1));
}

#[tokio::test]
async fn a_merge_whose_answer_was_lost_is_found_again_by_its_key() {
    let (mut crew, ada, bo) = two().await;
    let lost = AtomicU32::new(0);
    crew.faults(move |operation| {
        let transaction = operation == "TransactWriteItems";
        if transaction && lost.fetch_add(1, Ordering::Relaxed) < 3 {
            Fault::DropReplyAfterApplying
        } else {
            Fault::None
        }
    });
    let path = format!("/v1/customers/{ada}/merge");
    let key = [("idempotency-key", "click-1")];
    let asked = json!({ "with": bo });
    let first = crew.ask_with(&path, asked.clone(), &key).await.unwrap();
    assert!([201, 503].contains(&first.status), "{first:?}");
    crew.no_faults();
    let again = crew.ask_with(&path, asked, &key).await.unwrap();
    assert_eq!(again.status, 201, "{again:?}");
    let person = crew.person(&bo).await.unwrap();
    let merges = crew.store.merges_fetch(&person).await.unwrap();
    assert_eq!(merges.len(), 1);
    assert_eq!(json!(merges[0].id), again.body["id"]);
}

#[tokio::test]
async fn who_merges_and_parts_again_and_again_keeps_the_history() {
    let (mut crew, ada, bo) = two().await;
    for round in 0..12 {
        crew.tick();
        let now = crew.now();
        let told = ("b", "orders/create", order(round + 1, Ok(1), 90, now));
        crew.hear(&[told]).await.unwrap();
        let merge = crew.merge(&ada, &bo).await.unwrap();
        crew.assess().await.unwrap();
        crew.unmerge(&bo, &merge).await.unwrap();
        crew.assess().await.unwrap();
    }
    let person = crew.person(&ada).await.unwrap();
    assert_eq!(crew.store.merges_fetch(&person).await.unwrap().len(), 12);
    // She was somebody's root so often that older changes were moved out.
    let told = crew.store.chronicle_fetch(&person).await.unwrap();
    assert!(told.iter().all(|told| told.of == ada), "{told:?}");
    // Bo's orders made her a buyer each time, and each time she was none again.
    let orders: Vec<_> = told.iter().map(|told| told.change.facts.orders).collect();
    let turns = (1..=12).flat_map(|round| [round, 0]);
    let expected: Vec<_> = std::iter::once(0).chain(turns).collect();
    assert_eq!(orders, expected);
    // He was nobody's root, and has a history of his own alone.
    let bo_then = crew.person(&bo).await.unwrap();
    let told = crew.store.chronicle_fetch(&bo_then).await.unwrap();
    assert!(told.iter().all(|told| told.of == bo), "{told:?}");
}
