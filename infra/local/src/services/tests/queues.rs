use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    DeleteMessageBatchRequestEntry, MessageAttributeValue, QueueAttributeName,
    SendMessageBatchRequestEntry, SendMessageBatchResultEntry,
};

use super::{code, services, wait};
use crate::services::queues::{Outgoing, Queues, Receipted, Redrive, Settings};
use crate::services::{Services, destination};

fn url() -> String {
    Queues::url_of("Ingest")
}

/// A queue that gives up on a message after two receives.
fn with_queue(services: &Services) -> Client {
    let settings = Settings {
        redrive: Some(Redrive {
            dead_letters: "Dead".to_owned(),
            max_receive_count: 2,
        }),
        ..Settings::default()
    };
    services.queues().create("Ingest", settings);
    services.queues().create("Dead", Settings::default());
    Client::new(&services.sdk_config())
}

async fn send(client: &Client, body: &str) {
    let send = client.send_message().queue_url(url());
    send.message_body(body).send().await.unwrap();
}

async fn receive(client: &Client) -> Vec<aws_sdk_sqs::types::Message> {
    let receive = client.receive_message().queue_url(url());
    let received = receive
        .max_number_of_messages(10)
        .message_system_attribute_names("All".into())
        .message_attribute_names("All")
        .send()
        .await
        .unwrap();
    received.messages.unwrap_or_default()
}

#[tokio::test]
async fn a_message_is_hidden_while_it_is_worked_on_and_comes_back_unless_deleted() {
    let services = services();
    let client = with_queue(&services);
    let kind = MessageAttributeValue::builder().data_type("String");
    let order = client
        .send_message()
        .queue_url(url())
        .message_body("order 1");
    let sent = order
        .message_attributes("kind", kind.string_value("order").build().unwrap())
        .send()
        .await
        .unwrap();
    assert!(sent.message_id().is_some() && sent.md5_of_message_body().is_some());

    let first = receive(&client).await;
    assert_eq!(first[0].body(), Some("order 1"));
    let attributes = first[0].message_attributes().unwrap();
    assert_eq!(attributes["kind"].string_value(), Some("order"));
    assert!(receive(&client).await.is_empty());

    wait(&services, 30);
    let second = receive(&client).await;
    let count = &second[0].attributes().unwrap()
        [&aws_sdk_sqs::types::MessageSystemAttributeName::ApproximateReceiveCount];
    assert_eq!(count, "2");

    // The first receipt is stale: it deletes nothing, and says so to no one.
    for message in [&first[0], &second[0]] {
        assert_eq!(services.queues().peek("Ingest").unwrap().len(), 1);
        let delete = client.delete_message().queue_url(url());
        let receipt = message.receipt_handle().unwrap();
        delete.receipt_handle(receipt).send().await.unwrap();
    }
    assert!(services.queues().peek("Ingest").unwrap().is_empty());
}

#[tokio::test]
async fn visibility_can_be_shortened_and_a_delay_holds_a_message_back() {
    let services = services();
    let client = with_queue(&services);
    let later = client.send_message().queue_url(url()).message_body("later");
    later.delay_seconds(60).send().await.unwrap();
    assert!(receive(&client).await.is_empty());
    wait(&services, 60);
    let message = receive(&client).await.remove(0);

    let change = client.change_message_visibility().queue_url(url());
    let receipt = message.receipt_handle().unwrap();
    let change = change.receipt_handle(receipt).visibility_timeout(0);
    change.clone().send().await.unwrap();

    assert_eq!(receive(&client).await.len(), 1);
    let error = change.send().await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_message_not_inflight());
}

#[tokio::test]
async fn a_message_nobody_can_handle_ends_in_the_dead_letters_whole_and_goes_through_when_redriven()
{
    let services = services();
    let client = with_queue(&services);
    let queues = services.queues();
    send(&client, "poison").await;
    for round in 1..=2 {
        let message = receive(&client).await.remove(0);
        let receipt = message.receipt_handle().unwrap();
        let failed = queues.failed("Ingest", receipt, &format!("cannot read, round {round}"));
        assert_eq!(failed.unwrap(), Receipted::Done);
        wait(&services, 30);
    }
    assert!(receive(&client).await.is_empty());

    let dead = queues.peek("Dead").unwrap();
    assert_eq!(dead[0].body, "poison");
    assert_eq!(dead[0].source.as_deref(), Some("Ingest"));
    assert_eq!(dead[0].reason.as_deref(), Some("cannot read, round 2"));
    assert!(queues.peek("Ingest").unwrap().is_empty());

    let task = client.start_message_move_task();
    task.source_arn(destination::arn("sqs", "Dead"))
        .send()
        .await
        .unwrap();

    let again = receive(&client).await;
    assert_eq!(again[0].body(), Some("poison"));
    assert!(queues.peek("Dead").unwrap().is_empty());
}

#[tokio::test]
async fn each_entry_of_a_batch_has_its_own_result() {
    let services = services();
    let client = with_queue(&services);
    let entry = |id: &str, body: &str, delay: i32| {
        let entry = SendMessageBatchRequestEntry::builder().id(id);
        entry
            .message_body(body)
            .delay_seconds(delay)
            .build()
            .unwrap()
    };
    let batch = client.send_message_batch().queue_url(url());
    let batch = batch
        .entries(entry("a", "one", 0))
        .entries(entry("b", "two", 901))
        .entries(entry("c", "bad \u{1}", 0))
        .entries(entry("d", "three", 0))
        .send()
        .await
        .unwrap();

    let good: Vec<_> = batch
        .successful
        .iter()
        .map(SendMessageBatchResultEntry::id)
        .collect();
    assert_eq!(good, ["a", "d"]);
    let bad: Vec<_> = batch
        .failed
        .iter()
        .map(|entry| (entry.id(), entry.code()))
        .collect();
    assert_eq!(
        bad,
        [
            ("b", "InvalidParameterValue"),
            ("c", "InvalidMessageContents")
        ]
    );

    let mut entries: Vec<_> = receive(&client)
        .await
        .iter()
        .enumerate()
        .map(|(at, message)| {
            let entry = DeleteMessageBatchRequestEntry::builder().id(at.to_string());
            let receipt = message.receipt_handle().unwrap();
            entry.receipt_handle(receipt).build().unwrap()
        })
        .collect();
    assert_eq!(entries.len(), 2);
    let forged = DeleteMessageBatchRequestEntry::builder().id("forged");
    entries.push(forged.receipt_handle("nonsense").build().unwrap());
    let delete = client.delete_message_batch().queue_url(url());
    let deleted = delete.set_entries(Some(entries)).send().await.unwrap();
    assert_eq!((deleted.successful.len(), deleted.failed.len()), (2, 1));
    assert_eq!(deleted.failed[0].code(), "ReceiptHandleIsInvalid");
}

#[tokio::test]
async fn what_a_queue_cannot_take_is_refused_with_sqs_own_code() {
    let services = services();
    let client = with_queue(&services);
    let most = "x".repeat(1_048_576);
    send(&client, &most).await;
    let over = client.send_message().queue_url(url());
    let error = over.message_body(most + "x").send().await.unwrap_err();
    assert_eq!(code(&error), "InvalidParameterValue");

    let nowhere = client.send_message().queue_url(Queues::url_of("Nowhere"));
    let error = nowhere.message_body("x").send().await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_queue_does_not_exist());

    let twins = client.send_message_batch().queue_url(url());
    let twin = SendMessageBatchRequestEntry::builder()
        .id("a")
        .message_body("x");
    let twin = twin.build().unwrap();
    let error = twins
        .entries(twin.clone())
        .entries(twin)
        .send()
        .await
        .unwrap_err();
    assert!(
        error
            .as_service_error()
            .unwrap()
            .is_batch_entry_ids_not_distinct()
    );

    let big = "x".repeat(600_000);
    let batch = client.send_message_batch().queue_url(url());
    let entry = |id: &str| {
        let entry = SendMessageBatchRequestEntry::builder().id(id);
        entry.message_body(&big).build().unwrap()
    };
    let error = batch
        .entries(entry("a"))
        .entries(entry("b"))
        .send()
        .await
        .unwrap_err();
    assert!(
        error
            .as_service_error()
            .unwrap()
            .is_batch_request_too_long()
    );
}

#[tokio::test]
async fn a_queue_tells_how_full_it_is_and_when_something_is_due() {
    let services = services();
    let client = with_queue(&services);
    let queues = services.queues();
    assert_eq!(queues.next_due("Ingest").unwrap(), None);
    for body in ["a", "b", "c"] {
        send(&client, body).await;
    }
    let now = services.clock().now();
    queues.receive("Ingest", 1, now).unwrap();
    let late = Outgoing {
        delay_seconds: Some(900),
        ..Outgoing::of("d")
    };
    queues.send("Ingest", &late, now).unwrap();

    let asked = client.get_queue_attributes().queue_url(url());
    let told = asked
        .attribute_names(QueueAttributeName::All)
        .send()
        .await
        .unwrap();
    let told = told.attributes.unwrap();
    assert_eq!(told[&QueueAttributeName::ApproximateNumberOfMessages], "2");
    assert_eq!(
        told[&QueueAttributeName::ApproximateNumberOfMessagesNotVisible],
        "1"
    );
    assert_eq!(
        told[&QueueAttributeName::ApproximateNumberOfMessagesDelayed],
        "1"
    );
    assert!(told[&QueueAttributeName::RedrivePolicy].contains("Dead"));
    assert_eq!(queues.next_due("Ingest").unwrap(), Some(now));
}

#[tokio::test]
async fn a_message_past_its_retention_is_gone() {
    let services = services();
    let client = with_queue(&services);
    send(&client, "old").await;
    wait(&services, 345_601);
    send(&client, "new").await;
    let bodies: Vec<_> = receive(&client)
        .await
        .into_iter()
        .map(|message| message.body)
        .collect();
    assert_eq!(bodies, [Some("new".to_owned())]);
}
