//! Items as DynamoDB has them, and values as we do.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StoreError;
use crate::keys::Key;

pub(crate) type Item = HashMap<String, AttributeValue>;

/// An item image in a stream record does not have the shape we know. What
/// serde says of it is left out: it may quote a value of the item.
#[derive(Debug, thiserror::Error)]
#[error("the {item} image has the wrong shape")]
pub struct ImageError {
    /// Which kind of item, never its content.
    pub item: &'static str,
}

/// Reads a value from a stream record's image.
///
/// # Errors
///
/// [`ImageError`].
pub fn image<T: DeserializeOwned>(
    kind: &'static str,
    image: serde_dynamo::Item,
) -> Result<T, ImageError> {
    serde_dynamo::from_item(image).map_err(|_| ImageError { item: kind })
}

pub(crate) fn to_item<T: Serialize>(
    kind: &'static str,
    key: &Key,
    value: &T,
) -> Result<Item, StoreError> {
    let mut item: Item =
        serde_dynamo::to_item(value).map_err(|_| StoreError::Malformed { item: kind })?;
    item.extend(key_item(key));
    item.insert("kind".to_owned(), text(kind));
    Ok(item)
}

pub(crate) fn attribute<T: Serialize>(
    kind: &'static str,
    value: T,
) -> Result<AttributeValue, StoreError> {
    serde_dynamo::to_attribute_value(value).map_err(|_| StoreError::Malformed { item: kind })
}

pub(crate) fn from_item<T: DeserializeOwned>(
    kind: &'static str,
    item: Item,
) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(|_| StoreError::Malformed { item: kind })
}

pub(crate) fn key_item(key: &Key) -> Item {
    HashMap::from([
        ("pk".to_owned(), text(&key.pk)),
        ("sk".to_owned(), text(&key.sk)),
    ])
}

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// The second since 1970, as the table's time to live has it.
pub(crate) fn second(at: Timestamp) -> u64 {
    u64::try_from(at.as_second()).unwrap_or(0)
}

/// The key an item is stored under.
pub(crate) fn key_of(item: &Item) -> Option<Key> {
    let part = |name| item.get(name)?.as_s().ok().cloned();
    Some(Key {
        pk: part("pk")?,
        sk: part("sk")?,
    })
}

/// The builders fail only when a required field is missing, which the calling
/// code rules out.
pub(crate) fn built<T, E: std::fmt::Debug>(result: Result<T, E>) -> T {
    result.expect("every required field is set")
}
