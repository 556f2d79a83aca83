//! A queue feeding a function.

use serde_json::{Value, json};

use super::shop::{Shop, bodies, failed_items, failure, identifier};

/// Reports every message as failed whose body is `poison`.
fn all_but_poison(event: &Value) -> Value {
    let records = event["Records"].as_array().unwrap();
    let poisoned = records.iter().filter(|record| record["body"] == "poison");
    failed_items(&poisoned.map(identifier).collect::<Vec<_>>())
}

#[tokio::test]
async fn messages_come_in_batches_and_are_gone_when_handled() {
    let shop = Shop::open(|_, _| Ok(json!(null))).await;
    for number in 0..6 {
        shop.send(&number.to_string());
    }
    shop.settle().await;
    let batches = shop.handed("worker", |event| bodies(event).len());
    assert_eq!(batches, [4, 2]);
    assert!(shop.in_queue("Work").is_empty());
}

#[tokio::test]
async fn a_poison_message_at_any_place_ends_alone_in_the_dead_letters() {
    for place in 0..4 {
        let shop = Shop::open(|_, event| Ok(all_but_poison(event))).await;
        for number in 0..4 {
            shop.send(if number == place { "poison" } else { "fine" });
        }
        shop.settle().await;
        assert_eq!(shop.in_queue("WorkDead"), ["poison"], "at {place}");
        assert!(shop.in_queue("Work").is_empty());
        // Handed over three times, as often as the redrive policy says.
        let counts = shop.counts("WorkerWork");
        assert_eq!(
            (counts.invocations, counts.records, counts.retries),
            (3, 6, 3)
        );
    }
}

#[tokio::test]
async fn a_dead_letter_tells_why_and_goes_through_after_the_cause_is_fixed() {
    let closed = |package: &str, _: &Value| match package {
        "worker" => Err(failure("the shop is closed")),
        _ => Ok(json!(null)),
    };
    let shop = Shop::open(closed).await;
    shop.send("hello");
    shop.settle().await;
    let letters = shop.system.dead_letters().unwrap();
    let letter = json!({"queue": "WorkDead", "reason": "the shop is closed", "body": "hello"});
    assert_eq!(letters, [letter]);

    shop.now_does(|_, _| Ok(json!({})));
    assert_eq!(shop.system.redrive(None).await.unwrap(), 1);
    shop.settle().await;
    assert!(shop.system.dead_letters().unwrap().is_empty());
    assert_eq!(shop.handed("worker", bodies).last().unwrap(), &["hello"]);
}

#[tokio::test]
async fn a_report_nobody_understands_fails_the_whole_batch() {
    for answer in [
        json!("ok"),
        failed_items(&[String::new()]),
        failed_items(&["z".to_owned()]),
    ] {
        let told = answer.clone();
        let shop = Shop::open(move |_, _| Ok(told.clone())).await;
        shop.send("a");
        shop.send("b");
        shop.settle().await;
        assert_eq!(shop.in_queue("WorkDead").len(), 2, "{answer}");
    }
}

#[tokio::test]
async fn a_message_that_fails_once_is_handled_the_second_time() {
    let mut tries = 0;
    let shop = Shop::open(move |package, _| {
        tries += usize::from(package == "worker");
        if tries == 1 {
            panic!("first try")
        } else {
            Ok(json!(null))
        }
    });
    let shop = shop.await;
    shop.send("hello");
    shop.settle().await;
    let seen = shop.handed("worker", |event| {
        event["Records"][0]["attributes"]["ApproximateReceiveCount"].clone()
    });
    assert_eq!(seen, ["2"]);
    assert!(shop.in_queue("Work").is_empty() && shop.in_queue("WorkDead").is_empty());
}

#[tokio::test]
async fn what_the_filter_does_not_want_is_dropped_without_an_invocation() {
    let shop = Shop::open(|_, _| Ok(json!(null))).await;
    shop.send(r#"{"skip": true}"#);
    shop.send(r#"{"other": 1}"#);
    shop.settle().await;
    assert_eq!(shop.handed("worker", bodies), [[r#"{"other": 1}"#]]);
    assert_eq!(shop.counts("WorkerWork").filtered, 1);
    assert!(shop.in_queue("Work").is_empty());
}
