//! What real shops and Shopify's own documentation sent, every file of it, through the door.
//!
//! Each is accepted, and then handled, or left alone because its topic is none we follow, or parked
//! with an error that names the field. Nothing panics and nothing is lost.

use std::collections::BTreeMap;
use std::fmt;

use crm_local::deliver::Posting;
use crm_tests::recorded::{folders, post, postings, worldly_store};
use crm_tests::stack::Stack;
use serde_json::Value;

/// What became of a file's payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Handled,
    LeftAlone,
    Parked,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Handled => "handled",
            Self::LeftAlone => "left alone",
            Self::Parked => "parked",
        })
    }
}

fn short(origin: &str) -> String {
    origin
        .split("/shopify/")
        .last()
        .unwrap_or(origin)
        .to_owned()
}

/// What a delivery did, told by what the functions counted and what was given up.
async fn deliver(stack: &Stack, posting: &Posting, parked: &mut Vec<Value>) -> Outcome {
    let count = |name: &str| {
        let all = stack.system().functions().measures().all();
        all.get(&format!("customer_upsert.{name}"))
            .copied()
            .unwrap_or(0.0)
    };
    let handled = || count("deliveries_recorded") + count("deliveries_unchanged");
    let before = (handled(), count("deliveries_not_followed"));
    assert_eq!(
        post(stack, posting).await,
        200,
        "{} was not let in",
        posting.origin
    );
    stack.settle().await;
    let given_up = stack.dead_letters().await;
    if given_up.len() > parked.len() {
        *parked = given_up;
        return Outcome::Parked;
    }
    let after = (handled(), count("deliveries_not_followed"));
    if after.1 > before.1 {
        return Outcome::LeftAlone;
    }
    assert!(after.0 > before.0, "{} left no trace: lost", posting.origin);
    Outcome::Handled
}

#[tokio::test]
async fn every_recorded_and_documented_payload_is_handled_left_alone_or_parked_with_its_field() {
    let Some(folders) = folders() else {
        return;
    };
    let stack = worldly_store().await;
    let postings = postings(&folders);
    let mut table: BTreeMap<(String, Outcome), u32> = BTreeMap::new();
    let (mut parked, mut explained) = (Vec::new(), Vec::new());
    for posting in &postings {
        let known = parked.len();
        let outcome = deliver(&stack, posting, &mut parked).await;
        *table.entry((posting.topic.clone(), outcome)).or_default() += 1;
        for letter in &parked[known..] {
            let reason = letter["reason"].as_str().unwrap_or_default().to_owned();
            explained.push((short(&posting.origin), reason));
        }
    }

    println!("{:<48} {:<10} {:>5}", "topic", "outcome", "files");
    for ((topic, outcome), files) in &table {
        println!("{topic:<48} {outcome:<10} {files:>5}");
    }
    for (file, reason) in &explained {
        println!("parked: {file}: {reason}");
    }
    println!("{} payloads, {} parked", postings.len(), explained.len());

    assert_eq!(
        table.values().sum::<u32>() as usize,
        postings.len(),
        "each has one outcome"
    );
    assert!(
        postings.len() > 400,
        "only {} payloads were found",
        postings.len()
    );
    // Each reason names the field at fault, as `field: what is wrong with it`.
    for (file, reason) in &explained {
        assert!(
            reason.contains("cannot read the delivery"),
            "{file}: {reason}"
        );
        assert!(
            reason.contains(": "),
            "{file} is parked without its field: {reason}"
        );
    }
    assert_eq!(
        explained.len(),
        20,
        "payloads that are cut down, masked or hand-edited"
    );
}
