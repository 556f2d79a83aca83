//! Several writes decided together and made together.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{ConditionCheck, Delete, Put, TransactWriteItem};

use crate::Store;
use crate::error::StoreError;
use crate::item::{Item, built, key_item, number};
use crate::keys::Key;

/// Writes to be committed all or none, each on its own condition.
#[derive(Debug, Default)]
pub struct Changes {
    writes: Vec<Write>,
}

#[derive(Debug)]
struct Write {
    people: bool,
    key: Key,
    effect: Effect,
    expected: Expected,
}

#[derive(Debug)]
enum Effect {
    Put(Item),
    Delete,
    /// Nothing is written; the condition alone matters.
    Check,
}

/// What must still be there for a write to go through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expected {
    /// No such item yet.
    Absent,
    /// The version it was read at.
    Version(u64),
    /// No such item, or one whose time was over at this second.
    Expired(u64),
    /// An attribute with a value, such as a claim's owner.
    Owner(String),
    /// Whatever is there: the same is written by everyone who writes it, or
    /// the newest is right.
    Anything,
}

/// What a commit did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// Everything was written.
    Done,
    /// Something changed since it was read; nothing was written.
    Conflict,
}

impl Expected {
    /// A version counts from 1; 0 is what was never written.
    pub(crate) fn read_at(version: u64) -> Self {
        if version == 0 {
            Self::Absent
        } else {
            Self::Version(version)
        }
    }

    pub(crate) fn condition(&self) -> (Option<&'static str>, Item) {
        let (condition, values) = match self {
            Self::Anything => return (None, HashMap::new()),
            Self::Absent => ("attribute_not_exists(pk)", HashMap::new()),
            Self::Version(version) => (
                "v = :expected",
                HashMap::from([(":expected".to_owned(), number(*version))]),
            ),
            Self::Expired(second) => (
                "attribute_not_exists(pk) OR expires_at <= :expected",
                HashMap::from([(":expected".to_owned(), number(*second))]),
            ),
            Self::Owner(node) => (
                "node = :expected",
                HashMap::from([(":expected".to_owned(), crate::item::text(node))]),
            ),
        };
        (Some(condition), values)
    }
}

impl Changes {
    /// Nothing to write yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    pub(crate) fn put(&mut self, people: bool, key: Key, item: Item, expected: Expected) {
        self.push(people, key, Effect::Put(item), expected);
    }

    pub(crate) fn delete(&mut self, people: bool, key: Key, expected: Expected) {
        self.push(people, key, Effect::Delete, expected);
    }

    pub(crate) fn check(&mut self, people: bool, key: Key, expected: Expected) {
        self.push(people, key, Effect::Check, expected);
    }

    fn push(&mut self, people: bool, key: Key, effect: Effect, expected: Expected) {
        self.writes.push(Write {
            people,
            key,
            effect,
            expected,
        });
    }
}

impl Write {
    fn item(self, store: &Store) -> TransactWriteItem {
        let table = store.table(self.people);
        let (condition, values) = self.expected.condition();
        let condition = condition.map(str::to_owned);
        let values = (!values.is_empty()).then_some(values);
        let item = TransactWriteItem::builder();
        match self.effect {
            Effect::Put(new) => item.put(built(
                Put::builder()
                    .table_name(table)
                    .set_item(Some(new))
                    .set_condition_expression(condition)
                    .set_expression_attribute_values(values)
                    .build(),
            )),
            Effect::Delete => item.delete(built(
                Delete::builder()
                    .table_name(table)
                    .set_key(Some(key_item(&self.key)))
                    .set_condition_expression(condition)
                    .set_expression_attribute_values(values)
                    .build(),
            )),
            Effect::Check => item.condition_check(built(
                ConditionCheck::builder()
                    .table_name(table)
                    .set_key(Some(key_item(&self.key)))
                    .set_condition_expression(condition)
                    .set_expression_attribute_values(values)
                    .build(),
            )),
        }
        .build()
    }
}

impl Store {
    pub(crate) fn table(&self, people: bool) -> &str {
        if people { &self.people } else { &self.facts }
    }

    /// Commits all changes or none of them.
    ///
    /// One put alone is written without a transaction, at half the price.
    /// Safe to repeat: what was decided from a version that is gone changes
    /// nothing.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`]; nothing was written, unless the answer was lost on
    /// the way, and then a repeat finds the new versions and conflicts.
    pub async fn commit(&self, changes: Changes) -> Result<Committed, StoreError> {
        let mut writes = changes.writes;
        match writes.as_slice() {
            [] => return Ok(Committed::Done),
            [
                Write {
                    effect: Effect::Put(_),
                    ..
                },
            ] => {
                let only = writes.remove(0);
                return self.put_alone(only).await;
            }
            _ => {}
        }
        let items = writes.into_iter().map(|write| write.item(self)).collect();
        let outcome = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(Committed::Done),
            Err(error) if lost_a_race(&error) => Ok(Committed::Conflict),
            Err(error) => Err(StoreError::from_sdk("TransactWriteItems", error)),
        }
    }

    async fn put_alone(&self, write: Write) -> Result<Committed, StoreError> {
        let (condition, values) = write.expected.condition();
        let Effect::Put(item) = write.effect else {
            return Ok(Committed::Done);
        };
        let outcome = self
            .client
            .put_item()
            .table_name(self.table(write.people))
            .set_item(Some(item))
            .set_condition_expression(condition.map(str::to_owned))
            .set_expression_attribute_values((!values.is_empty()).then_some(values))
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(Committed::Done),
            Err(error) if error.code() == Some("ConditionalCheckFailedException") => {
                Ok(Committed::Conflict)
            }
            Err(error) => Err(StoreError::from_sdk("PutItem", error)),
        }
    }
}

/// Whether a cancelled transaction failed for its conditions or for another
/// transaction in its way, and for nothing else.
fn lost_a_race(error: &SdkError<TransactWriteItemsError>) -> bool {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    else {
        return false;
    };
    let mut codes = cancelled
        .cancellation_reasons()
        .iter()
        .filter_map(|reason| reason.code())
        .filter(|code| *code != "None")
        .peekable();
    codes.peek().is_some()
        && codes.all(|code| matches!(code, "ConditionalCheckFailed" | "TransactionConflict"))
}
