//! Batches: what failed comes again, the rest does not, and nothing is dropped.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use std::io;

use aws_lambda_events::dynamodb::Event;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use crm_lambda::{each_message, each_record};
use proptest::prelude::*;
use serde_json::json;

#[derive(Debug, thiserror::Error)]
#[error("cannot record the order")]
struct Refused(#[source] io::Error);

fn refused() -> Refused {
    Refused(io::Error::other("the table is away"))
}

fn messages(bodies: impl IntoIterator<Item = &'static str>) -> SqsEvent {
    let records: Vec<_> = bodies
        .into_iter()
        .enumerate()
        .map(|(at, body)| json!({"messageId": format!("m-{at}"), "body": body}))
        .collect();
    serde_json::from_value(json!({"Records": records})).unwrap()
}

fn failed(response: &SqsBatchResponse) -> Vec<&str> {
    let failures = response.batch_item_failures.iter();
    failures.map(|f| f.item_identifier.as_str()).collect()
}

#[tokio::test]
async fn a_poison_message_at_any_position_is_the_only_one_to_come_again() {
    for poison in 0..10 {
        let bodies = (0..10).map(|at| {
            if at == poison {
                r#""poison""#
            } else {
                r#""fine""#
            }
        });
        let mut worked = 0;
        let response = each_message(messages(bodies), async |body: String| {
            if body == "poison" {
                return Err(refused());
            }
            worked += 1;
            Ok(())
        })
        .await;
        assert_eq!(failed(&response), [format!("m-{poison}")]);
        assert_eq!(worked, 9);
    }
}

#[tokio::test]
async fn a_body_that_cannot_be_read_comes_again_without_being_worked_on() {
    let event = messages(["", "{", "7", r#""fine""#]);
    let mut seen = Vec::new();
    let response = each_message(event, async |body: String| {
        seen.push(body);
        Ok::<_, Refused>(())
    })
    .await;
    assert_eq!(failed(&response), ["m-0", "m-1", "m-2"]);
    assert_eq!(seen, ["fine"]);
}

#[tokio::test]
async fn a_failed_message_without_an_id_brings_the_whole_batch_again() {
    let records = json!([
        {"messageId": "m-0", "body": "1"},
        {"body": "2"},
        {"messageId": "m-2"},
    ]);
    let event = serde_json::from_value(json!({"Records": records})).unwrap();
    let response = each_message(
        event,
        async |body: u8| {
            if body == 2 { Err(refused()) } else { Ok(()) }
        },
    )
    .await;
    // Lambda takes an empty identifier as the failure of everything.
    assert_eq!(failed(&response), ["", "m-2"]);
    let sent = serde_json::to_value(&response).unwrap();
    assert_eq!(sent["batchItemFailures"][0], json!({"itemIdentifier": ""}));
}

#[tokio::test]
async fn nothing_failed_is_an_empty_list() {
    let response = each_message(messages(["1"]), async |_: u8| Ok::<_, Refused>(())).await;
    let sent = serde_json::to_value(&response).unwrap();
    assert_eq!(sent, json!({"batchItemFailures": []}));
}

/// A batch of a stream; a `None` has no sequence number.
fn records(numbers: impl IntoIterator<Item = Option<usize>>) -> Event {
    let record = |number: Option<usize>| {
        let number = number.map(|number| number.to_string());
        json!({
            "awsRegion": "eu-central-1", "eventID": "e", "eventName": "MODIFY",
            "dynamodb": {"SequenceNumber": number, "SizeBytes": 1},
        })
    };
    let records: Vec<_> = numbers.into_iter().map(record).collect();
    serde_json::from_value(json!({"Records": records})).unwrap()
}

/// The sequence numbers worked on, and those reported when `poison` fails.
async fn worked_and_reported(event: Event, poison: &str) -> (Vec<String>, Vec<Option<String>>) {
    let mut worked = Vec::new();
    let response = each_record(event, async |record| {
        let number = record.change.sequence_number.clone().unwrap_or_default();
        worked.push(number.clone());
        if number == poison {
            Err(refused())
        } else {
            Ok(())
        }
    })
    .await;
    let failures = response.batch_item_failures.into_iter();
    (worked, failures.map(|f| f.item_identifier).collect())
}

#[tokio::test]
async fn records_are_worked_on_in_order_up_to_the_first_that_fails() {
    for poison in 0..10 {
        let event = records((0..10).map(Some));
        let (worked, reported) = worked_and_reported(event, &poison.to_string()).await;
        let before: Vec<_> = (0..=poison).map(|n| n.to_string()).collect();
        assert_eq!(worked, before);
        assert_eq!(reported, [Some(poison.to_string())]);
    }
}

#[tokio::test]
async fn a_failed_record_without_a_number_brings_the_whole_batch_again() {
    let (worked, reported) = worked_and_reported(records([Some(1), None, Some(3)]), "").await;
    assert_eq!(worked, ["1", ""]);
    assert_eq!(reported, [Some(String::new())]);
}

#[tokio::test]
async fn all_records_done_is_an_empty_list() {
    let (worked, reported) = worked_and_reported(records([Some(1), Some(2)]), "-").await;
    assert_eq!(worked, ["1", "2"]);
    assert!(reported.is_empty());
}

proptest! {
    #[test]
    fn the_lowest_failed_number_is_reported_whatever_fails(fails in prop::collection::vec(any::<bool>(), 0..20)) {
        let event = records((0..fails.len()).map(Some));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let response = runtime.block_on(each_record(event, async |record| {
            let number: usize = record.change.sequence_number.as_deref().unwrap().parse().unwrap();
            if fails[number] { Err(refused()) } else { Ok(()) }
        }));
        let reported = response.batch_item_failures.iter().map(|f| f.item_identifier.clone());
        let lowest = fails.iter().position(|failed| *failed).map(|at| at.to_string());
        prop_assert_eq!(reported.collect::<Vec<_>>(), lowest.map(Some).into_iter().collect::<Vec<_>>());
    }
}
