use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
    KeyType, Projection, ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
    TimeToLiveSpecification,
};
use jiff::SignedDuration;

use super::{code, services, wait};
use crate::services::{Consumed, Services};

pub(super) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn attribute(name: &str) -> AttributeDefinition {
    let builder = AttributeDefinition::builder().attribute_name(name);
    builder
        .attribute_type(ScalarAttributeType::S)
        .build()
        .unwrap()
}

fn key(name: &str, kind: KeyType) -> KeySchemaElement {
    let builder = KeySchemaElement::builder().attribute_name(name);
    builder.key_type(kind).build().unwrap()
}

/// A table of people with a stream and a sparse, keys-only index of who is due.
pub(super) async fn people(services: &Services) -> Client {
    let client = Client::new(&services.sdk_config());
    let keys_only = Projection::builder().projection_type(ProjectionType::KeysOnly);
    let due = GlobalSecondaryIndex::builder().index_name("due-index");
    let due = due
        .key_schema(key("due_pk", KeyType::Hash))
        .projection(keys_only.build());
    let stream = StreamSpecification::builder().stream_enabled(true);
    let stream = stream.stream_view_type(StreamViewType::NewAndOldImages);
    client
        .create_table()
        .table_name("People")
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(["pk", "sk", "due_pk"].map(attribute).to_vec()))
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .global_secondary_indexes(due.build().unwrap())
        .stream_specification(stream.build().unwrap())
        .send()
        .await
        .unwrap();
    client
}

pub(super) async fn put(client: &Client, person: &str, name: &str) {
    let put = client.put_item().table_name("People");
    put.item("pk", text(person))
        .item("sk", text("NODE"))
        .item("name", text(name))
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_stream_tells_each_change_with_both_images_in_order() {
    let services = services();
    let client = people(&services).await;
    put(&client, "ada", "Ada").await;
    put(&client, "ada", "Ada L.").await;
    let delete = client.delete_item().table_name("People");
    delete
        .key("pk", text("ada"))
        .key("sk", text("NODE"))
        .send()
        .await
        .unwrap();

    let records = services
        .dynamo()
        .records_after("People", None, 100)
        .unwrap();

    let kinds: Vec<_> = records.iter().map(|record| &*record.event_name).collect();
    assert_eq!(kinds, ["INSERT", "MODIFY", "REMOVE"]);
    let name = |item: &serde_dynamo::Item| item.get("name").cloned();
    let ada = Some(serde_dynamo::AttributeValue::S("Ada".to_owned()));
    assert_eq!(name(&records[0].change.new_image), ada);
    assert_eq!(name(&records[1].change.old_image), ada);
    assert!(records[2].change.new_image.is_empty());
    assert!(records[2].change.keys.contains_key("pk"));
}

#[tokio::test]
async fn a_reader_goes_on_after_its_checkpoint_and_sees_cheaply_that_nothing_is_new() {
    let services = services();
    let client = people(&services).await;
    for person in ["ada", "bo", "cy"] {
        put(&client, person, person).await;
    }
    let dynamo = services.dynamo();
    let first = dynamo.records_after("People", None, 2).unwrap();
    let checkpoint = first[1].change.sequence_number.clone().unwrap();
    services
        .checkpoints()
        .set("relay", "People", &checkpoint)
        .unwrap();

    let kept = services.checkpoints().get("relay", "People").unwrap();
    let rest = dynamo.records_after("People", kept.as_deref(), 2).unwrap();

    assert_eq!(rest.len(), 1);
    let last = rest[0].change.sequence_number.clone();
    assert_eq!(dynamo.latest_sequence("People").unwrap(), last);
    let before = dynamo.changes();
    client
        .describe_table()
        .table_name("People")
        .send()
        .await
        .unwrap();
    assert_eq!(dynamo.changes(), before);
    put(&client, "dee", "Dee").await;
    assert!(dynamo.changes() > before);
}

#[tokio::test]
async fn a_stream_keeps_24_hours_and_its_numbers_never_come_again() {
    let services = services();
    let client = people(&services).await;
    put(&client, "ada", "Ada").await;
    let dynamo = services.dynamo();
    let old = dynamo.latest_sequence("People").unwrap();
    wait(&services, 86_400);
    assert_eq!(dynamo.trim_streams(services.clock().now()).unwrap(), 0);
    put(&client, "bo", "Bo").await;
    wait(&services, 1);

    assert_eq!(dynamo.trim_streams(services.clock().now()).unwrap(), 1);

    let left = dynamo.records_after("People", None, 10).unwrap();
    assert_eq!(left.len(), 1);
    assert!(left[0].change.sequence_number > old);
    wait(&services, 200_000);
    dynamo.trim_streams(services.clock().now()).unwrap();
    put(&client, "cy", "Cy").await;
    let newest = dynamo.latest_sequence("People").unwrap();
    assert!(newest > left[0].change.sequence_number);
}

#[tokio::test]
async fn an_item_whose_time_is_over_goes_with_the_sweep_and_the_stream_says_who_did_it() {
    let services = services();
    let client = people(&services).await;
    let setting = TimeToLiveSpecification::builder().attribute_name("expires_at");
    let ttl = client.update_time_to_live().table_name("People");
    ttl.time_to_live_specification(setting.enabled(true).build().unwrap())
        .send()
        .await
        .unwrap();
    let expires_at = services.clock().now() + SignedDuration::from_mins(1);
    let expires_at = AttributeValue::N(expires_at.as_second().to_string());
    let put = client.put_item().table_name("People");
    put.item("pk", text("ada"))
        .item("sk", text("NODE"))
        .item("expires_at", expires_at)
        .send()
        .await
        .unwrap();

    assert_eq!(services.dynamo().sweep_expired().unwrap(), 0);
    wait(&services, 61);
    assert_eq!(services.dynamo().sweep_expired().unwrap(), 1);

    let records = services.dynamo().records_after("People", None, 10).unwrap();
    let identity = records[1].user_identity.as_ref().unwrap();
    assert_eq!(identity.principal_id, "dynamodb.amazonaws.com");
}

#[tokio::test]
async fn capacity_is_counted_by_table_with_its_indexes_and_with_refused_writes() {
    let services = services();
    let client = people(&services).await;
    put(&client, "ada", "Ada").await;
    services.dynamo().meter(true);

    put(&client, "bo", "Bo").await;
    let armed = client.put_item().table_name("People");
    armed
        .item("pk", text("cy"))
        .item("sk", text("NODE"))
        .item("due_pk", text("0"))
        .send()
        .await
        .unwrap();
    let refused = client.put_item().table_name("People");
    let refused = refused
        .item("pk", text("ada"))
        .item("sk", text("NODE"))
        .condition_expression("attribute_not_exists(pk)");
    let error = refused.send().await.unwrap_err();
    assert_eq!(code(&error), "ConditionalCheckFailedException");
    let got = client.get_item().table_name("People");
    let got = got.key("pk", text("ada")).key("sk", text("NODE"));
    assert!(got.send().await.unwrap().consumed_capacity.is_none());

    let expected = Consumed {
        read_units: 0.5,
        write_units: 1.0 + 2.0 + 1.0,
    };
    assert_eq!(services.dynamo().consumed()["People"], expected);
    services.dynamo().reset_consumed();
    assert!(services.dynamo().consumed().is_empty());
}

#[tokio::test]
async fn an_operation_nobody_has_here_is_a_service_error_with_a_code() {
    let services = services();
    let client = Client::new(&services.sdk_config());
    let error = client.list_backups().send().await.unwrap_err();
    assert_eq!(code(&error), "UnknownOperationException");
}
