//! A table's stream feeding a function.

use serde_json::{Value, json};

use super::shop::{Shop, changes, failed_items, failure, identifier, noon};

fn holds(event: &Value, change: &str) -> bool {
    changes(event).iter().any(|found| found == change)
}

#[tokio::test]
async fn the_changes_of_one_item_come_in_order_and_once() {
    let shop = Shop::open(|_, _| Ok(json!(null))).await;
    for n in 0..10 {
        shop.put("ada", n).await;
        shop.put("bo", n).await;
    }
    shop.settle().await;
    let all: Vec<_> = shop.handed("reader", changes).concat();
    for who in ["ada", "bo"] {
        let of_one: Vec<_> = all
            .iter()
            .filter(|change| change.starts_with(who))
            .collect();
        let expected: Vec<_> = (0..10).map(|n| format!("{who}={n}")).collect();
        assert_eq!(of_one, expected.iter().collect::<Vec<_>>());
    }
    shop.settle().await;
    assert_eq!(shop.counts("ReaderOrders").records, 20);
}

#[tokio::test]
async fn with_several_at_once_each_item_still_comes_in_order() {
    let shop = Shop::open_with(4, |_, _| Ok(json!(null))).await;
    for n in 0..20 {
        for who in ["ada", "bo", "cy", "di", "ed"] {
            shop.put(who, n).await;
        }
    }
    shop.settle().await;
    let all: Vec<_> = shop.handed("reader", changes).concat();
    for who in ["ada", "bo", "cy", "di", "ed"] {
        let of_one = all.iter().filter(|change| change.starts_with(who));
        let expected: Vec<_> = (0..20).map(|n| format!("{who}={n}")).collect();
        assert!(of_one.eq(expected.iter()), "{who}");
    }
}

#[tokio::test]
async fn a_poison_record_is_cut_out_and_told_to_the_failure_destination_alone() {
    for poison in 0..4 {
        let poison = format!("ada={poison}");
        let cue = poison.clone();
        let shop = Shop::open(move |_, event| {
            if holds(event, &cue) {
                Err(failure("poison"))
            } else {
                Ok(json!(null))
            }
        });
        let shop = shop.await;
        for n in 0..4 {
            shop.put("ada", n).await;
        }
        shop.settle().await;
        let letters = shop.in_queue("Parked");
        assert_eq!(letters.len(), 1, "{poison}");
        let letter: Value = serde_json::from_str(&letters[0]).unwrap();
        assert_eq!(
            letter["requestContext"]["condition"],
            "RetryAttemptsExhausted"
        );
        let info = &letter["DDBStreamBatchInfo"];
        assert_eq!(info["batchSize"], 1);
        assert_eq!(info["startSequenceNumber"], info["endSequenceNumber"]);
        // The letter says where the record is and nothing of what is in it.
        assert!(!letters[0].contains("ada"));

        // The others went through, and one that comes later does too.
        shop.put("ada", 9).await;
        shop.settle().await;
        let fine = shop.handed("reader", |event| {
            (!holds(event, &poison)).then(|| changes(event))
        });
        let fine: Vec<_> = fine.into_iter().flatten().flatten().collect();
        let expected: Vec<_> = [0, 1, 2, 3, 9].map(|n| format!("ada={n}")).into();
        let expected: Vec<_> = expected
            .into_iter()
            .filter(|change| *change != poison)
            .collect();
        assert_eq!(fine, expected);
        assert_eq!(shop.counts("ReaderOrders").given_up, 1);
    }
}

#[tokio::test]
async fn a_record_given_up_is_found_again_and_goes_through_after_the_cause_is_fixed() {
    let shop = Shop::open(|_, _| Err(failure("closed"))).await;
    shop.put("ada", 1).await;
    shop.settle().await;
    assert_eq!(shop.in_queue("Parked").len(), 1);
    assert_eq!(shop.system.redrive(None).await.unwrap(), 0);

    shop.now_does(|_, _| Ok(json!(null)));
    assert_eq!(shop.system.redrive(Some("Parked")).await.unwrap(), 1);
    assert!(shop.in_queue("Parked").is_empty());
    assert_eq!(shop.handed("reader", changes).last().unwrap(), &["ada=1"]);
}

#[tokio::test]
async fn a_partial_answer_goes_on_at_the_lowest_failed_record() {
    let mut is_first = true;
    let shop = Shop::open(move |_, event| {
        let records = event["Records"].as_array().unwrap();
        if std::mem::take(&mut is_first) {
            return Ok(failed_items(&[
                identifier(&records[3]),
                identifier(&records[2]),
            ]));
        }
        Ok(json!({"batchItemFailures": []}))
    });
    let shop = shop.await;
    for n in 0..4 {
        shop.put("ada", n).await;
    }
    shop.settle().await;
    let first = ["ada=0", "ada=1", "ada=2", "ada=3"]
        .map(str::to_owned)
        .to_vec();
    let second = first[2..].to_vec();
    assert_eq!(shop.handed("reader", changes), [first, second]);
}

#[tokio::test]
async fn a_record_that_is_too_old_is_given_up_untried() {
    let shop = Shop::open(|_, _| Ok(json!(null))).await;
    shop.put("ada", 1).await;
    let later = noon() + jiff::SignedDuration::from_hours(2);
    shop.system.services().clock().set(later).unwrap();
    shop.settle().await;
    assert!(shop.handed("reader", changes).is_empty());
    let letter: Value = serde_json::from_str(&shop.in_queue("Parked")[0]).unwrap();
    assert_eq!(letter["requestContext"]["condition"], "RecordAgeExceeded");
}

#[tokio::test]
async fn what_the_filter_does_not_want_passes_by() {
    let shop = Shop::open(|_, _| Ok(json!(null))).await;
    shop.put("ada", 1).await;
    let client = aws_sdk_dynamodb::Client::new(&shop.system.services().sdk_config());
    let delete = client.delete_item().table_name("Orders");
    let key = aws_sdk_dynamodb::types::AttributeValue::S("ada".to_owned());
    delete.key("pk", key).send().await.unwrap();
    shop.settle().await;
    let counts = shop.counts("ReaderOrders");
    assert_eq!((counts.records, counts.filtered), (1, 1));
}
