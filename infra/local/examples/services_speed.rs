//! How fast the local services are on file: two-item transactions and queue messages, through the real clients.
//!
//! `cargo run --release -p crm-local --example services_speed [count]`

use std::time::Instant;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, Put,
    ScalarAttributeType, StreamSpecification, StreamViewType, TransactWriteItem,
};
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, SendMessageBatchRequestEntry};
use crm_local::clock::Clock;
use crm_local::services::Services;
use crm_local::services::queues::{Queues, Settings};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let count = std::env::args().nth(1).map_or(Ok(10_000), |n| n.parse())?;
    let directory = tempfile::tempdir()?;
    let services = Services::open(directory.path(), Clock::system())?;
    let start = Instant::now();
    transactions(&services, count).await?;
    report("transactions of two items", count, start);
    let start = Instant::now();
    let read = read_stream(&services)?;
    report("stream records read", read, start);
    let start = Instant::now();
    messages(&services, count).await?;
    report(
        "messages sent, received and deleted, ten at a time",
        count,
        start,
    );
    Ok(())
}

fn report(what: &str, count: usize, start: Instant) {
    let seconds = start.elapsed().as_secs_f64();
    let count_f64 = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    println!(
        "{what}: {count} in {seconds:.2} s, {:.0} a second",
        count_f64 / seconds
    );
}

async fn transactions(services: &Services, count: usize) -> anyhow::Result<()> {
    let client = aws_sdk_dynamodb::Client::new(&services.sdk_config());
    let pk = AttributeDefinition::builder().attribute_name("pk");
    let hash = KeySchemaElement::builder().attribute_name("pk");
    let stream = StreamSpecification::builder().stream_enabled(true);
    client
        .create_table()
        .table_name("Facts")
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(pk.attribute_type(ScalarAttributeType::S).build()?)
        .key_schema(hash.key_type(KeyType::Hash).build()?)
        .stream_specification(
            stream
                .stream_view_type(StreamViewType::NewAndOldImages)
                .build()?,
        )
        .send()
        .await?;
    for n in 0..count {
        let write = client.transact_write_items();
        let write = write.transact_items(put(format!("order-{n}"))?);
        // A customer has ten orders, so that most writes also read and replace.
        let write = write.transact_items(put(format!("customer-{}", n / 10))?);
        write.send().await?;
    }
    Ok(())
}

fn put(pk: String) -> anyhow::Result<TransactWriteItem> {
    let put = Put::builder().table_name("Facts");
    let put = put
        .item("pk", AttributeValue::S(pk))
        .item("body", AttributeValue::S("x".repeat(400)));
    Ok(TransactWriteItem::builder().put(put.build()?).build())
}

fn read_stream(services: &Services) -> anyhow::Result<usize> {
    let (mut read, mut after) = (0, None);
    loop {
        let records = services
            .dynamo()
            .records_after("Facts", after.as_deref(), 100)?;
        let Some(last) = records.last() else {
            return Ok(read);
        };
        read += records.len();
        after.clone_from(&last.change.sequence_number);
    }
}

async fn messages(services: &Services, count: usize) -> anyhow::Result<()> {
    services.queues().create("Ingest", Settings::default());
    let client = aws_sdk_sqs::Client::new(&services.sdk_config());
    let url = Queues::url_of("Ingest");
    for _ in 0..count / 10 {
        let entry = |n: usize| {
            let entry = SendMessageBatchRequestEntry::builder().id(n.to_string());
            entry.message_body("x".repeat(2000)).build()
        };
        let entries = (0..10).map(entry).collect::<Result<Vec<_>, _>>()?;
        let batch = client.send_message_batch().queue_url(&url);
        let sent = batch.set_entries(Some(entries)).send().await?;
        anyhow::ensure!(sent.failed.is_empty(), "not all were sent");
        let receive = client.receive_message().queue_url(&url);
        let received = receive.max_number_of_messages(10).send().await?;
        let entries = received.messages().iter().enumerate().map(|(n, message)| {
            let entry = DeleteMessageBatchRequestEntry::builder().id(n.to_string());
            entry
                .set_receipt_handle(message.receipt_handle.clone())
                .build()
        });
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        let delete = client.delete_message_batch().queue_url(&url);
        let deleted = delete.set_entries(Some(entries)).send().await?;
        anyhow::ensure!(deleted.failed.is_empty(), "not all were deleted");
    }
    Ok(())
}
