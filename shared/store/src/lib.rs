//! The only crate that knows DynamoDB: what is kept, and how it changes.
//!
//! Reads give domain values with the version they were read at. Writes are
//! gathered in [`Changes`] and committed together, each on condition that the
//! version it was decided from still stands; a lost race is an answer
//! ([`Committed::Conflict`]), not an error.

mod asof;
mod audit;
mod batch;
mod before;
mod block;
mod case;
mod changes;
mod chronicle;
mod claim;
mod communication;
mod cost;
mod due;
mod duplicate;
mod error;
mod field;
mod find;
mod item;
pub mod keys;
mod list;
mod merge;
mod message;
mod meter;
mod named;
mod node;
mod order;
mod pass;
mod person;
mod population;
mod privacy;
mod read;
mod receipt;
mod requested;
mod returns;
mod scan;
mod settings;
mod shop;
mod spend;
mod sweep;
mod workflow;

use aws_sdk_dynamodb::Client;
use aws_types::SdkConfig;

pub use asof::{AsOfPlace, AsOfRow};
pub use audit::{AuditEntry, AuditSpan};
pub use block::Indexed;
pub use case::CaseSummary;
pub use changes::{Changes, Committed};
pub use chronicle::ToldChange;
pub use claim::Claim;
pub use communication::CommunicationSummary;
pub use cost::CostRecord;
pub use crm_domain::person::PersonRecord;
pub use due::DuePlace;
pub use duplicate::{Decided, Duplicate, DuplicateOrder, DuplicatePlace, DuplicateState};
pub use error::StoreError;
pub use find::NamedPlace;
pub use item::{ImageError, image};
pub use list::{FactKind, FactPlace, ImpossiblePlace, Page, SegmentPlace, Summary};
pub use message::{Message, MessageState};
pub use named::MemberPlace;
pub use node::node_item;
pub use order::OrderRecord;
pub use pass::{
    Partial, PartialKey, PassMessage, PassStep, RunKind, RunRecord, RunStage, SlicePart,
};
pub use population::{Acquired, MOST_DAYS};
pub use privacy::{LastLook, PrivacyMessage, Tombstone};
pub use read::{Consistency, Loaded, Wanted};
pub use receipt::Receipt;
pub use requested::Requested;
pub use returns::{LooseReturnRecord, LooseReturnSummary, ReturnPointer};
pub use scan::{GLANCED_ATTRIBUTES, Glanced, PersonPlace, ScanPage, ScanPlace, Scanned};
pub use settings::SettingsChange;
pub use spend::Spend;
pub use sweep::{SweepPlace, Swept};
pub use workflow::Run;

/// The two tables.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    people: String,
    facts: String,
    meter: meter::Meter,
}

impl Store {
    /// A store over the tables of these names.
    #[must_use]
    pub fn new(sdk: &SdkConfig, people: &str, facts: &str) -> Self {
        Self {
            client: Client::new(sdk),
            people: people.to_owned(),
            facts: facts.to_owned(),
            meter: meter::Meter::default(),
        }
    }
}
