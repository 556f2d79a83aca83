use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;

use super::services;
use super::tables::{people, put, text};
use crate::services::queues::{Queues, Settings};
use crate::services::{Fault, Services};

async fn codes_under(services: &Services, fault: Fault) -> Vec<String> {
    services.on_call(move |_, _, _| fault);
    let config = services.sdk_config();
    let named = |meta: Option<&str>| meta.unwrap_or("none").to_owned();
    let tables = aws_sdk_dynamodb::Client::new(&config);
    let queues = aws_sdk_sqs::Client::new(&config);
    let events = aws_sdk_eventbridge::Client::new(&config);
    let schedules = aws_sdk_scheduler::Client::new(&config);
    let secrets = aws_sdk_secretsmanager::Client::new(&config);
    vec![
        named(tables.list_tables().send().await.unwrap_err().code()),
        named(
            queues
                .get_queue_url()
                .queue_name("Q")
                .send()
                .await
                .unwrap_err()
                .code(),
        ),
        named(events.put_events().send().await.unwrap_err().code()),
        named(schedules.list_schedules().send().await.unwrap_err().code()),
        named(
            secrets
                .get_secret_value()
                .secret_id("S")
                .send()
                .await
                .unwrap_err()
                .code(),
        ),
    ]
}

#[tokio::test]
async fn each_service_throttles_and_breaks_in_its_own_words() {
    let services = services();
    assert_eq!(
        codes_under(&services, Fault::Throttle).await,
        [
            "ThrottlingException",
            "RequestThrottled",
            "ThrottlingException",
            "ThrottlingException",
            "ThrottlingException"
        ],
    );
    assert_eq!(
        codes_under(&services, Fault::ServerError).await,
        [
            "InternalServerError",
            "InternalFailure",
            "InternalException",
            "InternalServerException",
            "InternalServiceError"
        ],
    );
}

#[tokio::test]
async fn the_client_gets_over_a_fault_that_passes() {
    let services = services();
    let client = people(&services).await;
    for fault in [Fault::Throttle, Fault::ServerError, Fault::ConnectError] {
        let first = services.calls();
        services.on_call(move |service, operation, number| {
            assert_eq!((service, operation), ("dynamodb", "PutItem"));
            if number < first + 2 {
                fault
            } else {
                Fault::None
            }
        });
        put(&client, "ada", "Ada").await;
        assert_eq!(services.calls(), first + 3, "{fault:?}");
    }
    services.no_faults();
    let records = services.dynamo().records_after("People", None, 10).unwrap();
    // The same item written again is no change, so only the first write shows.
    assert_eq!(records.len(), 3);
}

#[tokio::test]
async fn one_entry_of_a_batch_can_fail_while_the_call_succeeds() {
    let services = services();
    let config = services.sdk_config();
    let tables = people(&services).await;
    services.queues().create("Ingest", Settings::default());
    services.bus().create("CrmBus");
    services.on_call(|_, _, _| Fault::FailFirstEntry);

    let batch = aws_sdk_sqs::Client::new(&config).send_message_batch();
    let entry = |id: &str| {
        let entry = SendMessageBatchRequestEntry::builder().id(id);
        entry.message_body(id).build().unwrap()
    };
    let batch = batch.queue_url(Queues::url_of("Ingest"));
    let sent = batch
        .entries(entry("a"))
        .entries(entry("b"))
        .send()
        .await
        .unwrap();
    assert_eq!(sent.failed[0].id(), "a");
    assert!(!sent.failed[0].sender_fault());
    assert_eq!(services.queues().peek("Ingest").unwrap()[0].body, "b");

    let event = PutEventsRequestEntry::builder().event_bus_name("CrmBus");
    let event = event.source("crm").detail_type("x").detail("{}").build();
    let put = aws_sdk_eventbridge::Client::new(&config).put_events();
    let put = put
        .entries(event.clone())
        .entries(event)
        .send()
        .await
        .unwrap();
    assert_eq!(put.failed_entry_count(), 1);
    assert!(put.entries()[0].error_code().is_some() && put.entries()[1].event_id().is_some());

    let write = |person: &str| {
        let put = PutRequest::builder()
            .item("pk", text(person))
            .item("sk", text("NODE"));
        WriteRequest::builder()
            .put_request(put.build().unwrap())
            .build()
    };
    let writes = vec![write("ada"), write("bo")];
    let batch = tables
        .batch_write_item()
        .request_items("People", writes.clone());
    let left = batch.send().await.unwrap().unprocessed_items.unwrap();
    assert_eq!(left["People"], writes[..1]);
    let records = services.dynamo().records_after("People", None, 10).unwrap();
    assert_eq!(records.len(), 1);
}
