//! Everyone, page by page: the table of people cut into slices that are read
//! side by side.

mod assessed;
mod field;
mod glance;
#[cfg(test)]
mod tests;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::scan::builders::ScanFluentBuilder;
use aws_sdk_dynamodb::operation::scan::{ScanError, ScanOutput};
use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use crm_domain::customer::Node;
use crm_domain::identity::NodeId;
use crm_domain::person::Person;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::error::StoreError;
use crate::item::{Item, from_item, key_item, key_of, text};
use crate::keys::{self, Key};

pub use glance::{GLANCED_ATTRIBUTES, Glanced};

/// A record that a scan came upon, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scanned {
    /// A node: a person of its own, or one of several.
    Node(Box<Node>),
    /// The root record of a person of several nodes.
    Person(Box<Person>),
    /// A record that this version of the code cannot read.
    Unreadable(PersonPlace),
}

/// A place among all people that names nobody but by a random id, so that it
/// may wait in a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonPlace {
    /// The node, or the root of the person.
    #[serde(rename = "i")]
    id: NodeId,
    /// Whether the record is a person's.
    #[serde(rename = "p", default, skip_serializing_if = "std::ops::Not::not")]
    person: bool,
}

/// A place in a scan to go on from, which may lie behind any item.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanPlace(Item);

/// What one page of a scan holds.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanPage<T = Scanned> {
    /// The records of people on it; there may be none, and yet a next page.
    pub items: Vec<T>,
    /// Where the next page begins, if there may be one.
    pub next: Option<ScanPlace>,
    /// Read units it took.
    pub read_units: f64,
}

impl Store {
    /// A page of the slice number `slice` of `of`, of `limit` items with
    /// claims and settings counted in. Records may be a moment old, at half
    /// the price: every write that follows names the version it was decided
    /// from.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`]; a record that cannot be read is part of the page.
    pub async fn people_scan(
        &self,
        slice: u32,
        of: u32,
        from: Option<ScanPlace>,
        limit: i32,
    ) -> Result<ScanPage, StoreError> {
        let answer = self.scan(slice, of, from, limit).send().await;
        self.page(answer, Scanned::of)
    }

    fn scan(&self, slice: u32, of: u32, from: Option<ScanPlace>, limit: i32) -> ScanFluentBuilder {
        self.client
            .scan()
            .table_name(&self.people)
            .segment(i32::try_from(slice).unwrap_or(i32::MAX))
            .total_segments(i32::try_from(of).unwrap_or(i32::MAX))
            .set_exclusive_start_key(from.map(|place| place.0))
            .limit(limit)
            .filter_expression("kind IN (:node, :person)")
            .expression_attribute_values(":node", text("node"))
            .expression_attribute_values(":person", text("person"))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    fn page<T>(
        &self,
        answer: Result<ScanOutput, SdkError<ScanError>>,
        record: impl FnMut(Item) -> Option<T>,
    ) -> Result<ScanPage<T>, StoreError> {
        let answer = answer.map_err(|error| StoreError::from_sdk("Scan", error))?;
        self.meter.count(answer.consumed_capacity.as_ref());
        let units = answer
            .consumed_capacity
            .and_then(|used| used.capacity_units);
        let items = answer.items.unwrap_or_default().into_iter();
        Ok(ScanPage {
            items: items.filter_map(record).collect(),
            next: answer.last_evaluated_key.map(ScanPlace),
            read_units: units.unwrap_or_default(),
        })
    }
}

impl Scanned {
    /// None for an item that is under no person's key.
    fn of(item: Item) -> Option<Self> {
        let place = PersonPlace::of(&key_of(&item)?)?;
        let read = if place.person {
            from_item("person", item).map(|person| Self::Person(Box::new(person)))
        } else {
            from_item("node", item).map(|node| Self::Node(Box::new(node)))
        };
        Some(read.unwrap_or(Self::Unreadable(place)))
    }

    /// The place right behind the record.
    #[must_use]
    pub fn place(&self) -> PersonPlace {
        match self {
            Self::Node(node) => PersonPlace {
                id: node.id.clone(),
                person: false,
            },
            Self::Person(person) => PersonPlace {
                id: person.id.clone(),
                person: true,
            },
            Self::Unreadable(place) => place.clone(),
        }
    }
}

impl PersonPlace {
    fn of(key: &Key) -> Option<Self> {
        let id = NodeId::parse(key.pk.strip_prefix("N#")?).ok()?;
        match key.sk.as_str() {
            "N" => Some(Self { id, person: false }),
            "P" => Some(Self { id, person: true }),
            _ => None,
        }
    }

    /// The node, or the root of the person.
    #[must_use]
    pub fn id(&self) -> &NodeId {
        &self.id
    }
}

impl From<PersonPlace> for ScanPlace {
    fn from(place: PersonPlace) -> Self {
        Self(key_item(&if place.person {
            keys::person(&place.id)
        } else {
            keys::node(&place.id)
        }))
    }
}
