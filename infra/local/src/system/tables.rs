//! Makes the template's tables, or finds them as they were made.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    StreamSpecification, TableDescription, TimeToLiveSpecification, TimeToLiveStatus,
};

use super::SystemError;
use crate::template::{Index, Key, Table};

/// Makes `table` if it is not there.
///
/// # Errors
///
/// [`SystemError::Table`], also when it is there with other keys or indexes.
pub(super) async fn create(client: &Client, table: &Table) -> Result<(), SystemError> {
    let found = client.describe_table().table_name(&table.name).send().await;
    match found {
        Ok(found) => {
            let found = found
                .table
                .unwrap_or_else(|| TableDescription::builder().build());
            check(table, &found)?;
        }
        Err(SdkError::ServiceError(error)) if error.err().is_resource_not_found_exception() => {
            let request = request(client, table)?;
            request.send().await.map_err(|error| failed(table, error))?;
        }
        Err(error) => return Err(failed(table, error)),
    }
    expiry(client, table).await
}

async fn expiry(client: &Client, table: &Table) -> Result<(), SystemError> {
    let Some(attribute) = &table.ttl else {
        return Ok(());
    };
    let found = client
        .describe_time_to_live()
        .table_name(&table.name)
        .send()
        .await;
    let found = found.map_err(|error| failed(table, error))?;
    let status = found
        .time_to_live_description
        .and_then(|found| found.time_to_live_status);
    if status == Some(TimeToLiveStatus::Enabled) {
        return Ok(());
    }
    let specification = TimeToLiveSpecification::builder()
        .attribute_name(attribute)
        .enabled(true)
        .build()
        .map_err(|error| failed(table, error))?;
    let request = client.update_time_to_live().table_name(&table.name);
    let sent = request
        .time_to_live_specification(specification)
        .send()
        .await;
    sent.map(drop).map_err(|error| failed(table, error))
}

fn request(client: &Client, table: &Table) -> Result<CreateTableFluentBuilder, SystemError> {
    let mut request = client
        .create_table()
        .table_name(&table.name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(key_schema(table, &table.key)?));
    for (name, kind) in &table.attributes {
        let definition = AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(kind.as_str().into())
            .build();
        request = request.attribute_definitions(definition.map_err(|error| failed(table, error))?);
    }
    for index in &table.indexes {
        request = request.global_secondary_indexes(global_index(table, index)?);
    }
    if let Some(view) = &table.stream {
        let stream = StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(view.as_str().into())
            .build();
        request = request.stream_specification(stream.map_err(|error| failed(table, error))?);
    }
    Ok(request)
}

fn global_index(table: &Table, index: &Index) -> Result<GlobalSecondaryIndex, SystemError> {
    let included = (!index.included.is_empty()).then(|| index.included.clone());
    let projection = Projection::builder()
        .projection_type(index.projection.as_str().into())
        .set_non_key_attributes(included)
        .build();
    GlobalSecondaryIndex::builder()
        .index_name(&index.name)
        .set_key_schema(Some(key_schema(table, &index.key)?))
        .projection(projection)
        .build()
        .map_err(|error| failed(table, error))
}

fn key_schema(table: &Table, key: &Key) -> Result<Vec<KeySchemaElement>, SystemError> {
    let range = key.range.as_ref().map(|name| (name, KeyType::Range));
    let parts = [(&key.hash, KeyType::Hash)].into_iter().chain(range);
    let elements = parts.map(|(name, kind)| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
            .map_err(|error| failed(table, error))
    });
    elements.collect()
}

/// Complains if the table that is there is not the one the template describes.
fn check(table: &Table, found: &TableDescription) -> Result<(), SystemError> {
    let keys = found
        .key_schema()
        .iter()
        .map(KeySchemaElement::attribute_name);
    let keys: BTreeSet<_> = keys.collect();
    let wanted = table.key.range.iter().chain([&table.key.hash]);
    let wanted: BTreeSet<_> = wanted.map(String::as_str).collect();
    let indexes = found.global_secondary_indexes().iter();
    let indexes: BTreeSet<_> = indexes.filter_map(|index| index.index_name()).collect();
    let wanted_indexes = table.indexes.iter().map(|index| index.name.as_str());
    if keys == wanted && indexes == wanted_indexes.collect() {
        return Ok(());
    }
    Err(SystemError::TableChanged {
        table: table.name.clone(),
    })
}

fn failed(
    table: &Table,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> SystemError {
    SystemError::Table {
        table: table.name.clone(),
        source: source.into(),
    }
}
