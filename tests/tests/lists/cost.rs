//! What keeping named segments costs: nothing is written of whoever stays
//! where they are.

use std::collections::BTreeMap;

use crm_domain::identity::NodeId;
use crm_tests::shop::order;
use crm_tests::stack::Stack;
use serde_json::json;

use crate::support::{customer, id_of, members, name, record, told};

const CROWD: u64 = 40;

/// Versions of the records of a crowd of whom one spent 120 today.
async fn crowd() -> (Stack, BTreeMap<u64, NodeId>) {
    let stack = Stack::start_without_cases().await;
    let everyone: Vec<_> = (1..=CROWD)
        .map(|n| told(&customer(n, "Xi", "Crowd")))
        .collect();
    stack.deliver(everyone).await;
    let bought = order(1, "2026-03-02T11:00:00Z", "60", 2).by(1, "c1@example.com", "Xi");
    stack.deliver([bought.created()]).await;
    let mut ids = BTreeMap::new();
    for n in 1..=CROWD {
        ids.insert(n, NodeId::parse(&id_of(&stack, n).await).unwrap());
    }
    (stack, ids)
}

async fn versions(stack: &Stack, ids: &BTreeMap<u64, NodeId>) -> BTreeMap<u64, u64> {
    let mut versions = BTreeMap::new();
    for (number, id) in ids {
        let record = record(stack, id.as_str()).await;
        versions.insert(*number, record.nodes()[0].version);
    }
    versions
}

/// Whose records were written since.
fn written(before: &BTreeMap<u64, u64>, after: &BTreeMap<u64, u64>) -> Vec<u64> {
    let changed = after
        .iter()
        .filter(|(number, version)| before[number] != **version);
    changed.map(|(number, _)| *number).collect()
}

#[tokio::test]
async fn a_new_segment_a_night_and_a_tick_write_nobody_who_stays_where_they_are() {
    let (stack, ids) = crowd().await;
    let before = versions(&stack, &ids).await;
    let recent = json!({"all": [
        {"gross": {"at_least": 100}},
        {"days_since_last_order": {"below": 10}},
    ]});
    let segment = name(&stack, "Spent of late", recent).await;
    assert_eq!(members(&stack, &segment).await, [1]);
    let named = versions(&stack, &ids).await;
    assert_eq!(written(&before, &named), [1], "the one who is in it");

    // Nights and hourly ticks pass, and nobody enters or leaves.
    stack.until("2026-03-05T12:00:00Z").await;
    let later = versions(&stack, &ids).await;
    assert_eq!(written(&named, &later), [0; 0]);

    // On the tenth day she leaves, and she alone is written.
    stack.until("2026-03-12T01:00:00Z").await;
    assert_eq!(members(&stack, &segment).await, [0; 0]);
    assert_eq!(written(&later, &versions(&stack, &ids).await), [1]);
}
