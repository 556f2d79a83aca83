//! Volumes of a customer's older changes.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use crm_domain::chronicle::{Change, Chronicle, Volume, together};
use crm_domain::customer::Node;
use crm_domain::identity::NodeId;
use crm_domain::person::PersonRecord;

use crate::Store;
use crate::changes::{Changes, Expected};
use crate::error::StoreError;
use crate::item::{Item, key_item, text};
use crate::keys::{self, Key};

const MALFORMED: StoreError = StoreError::Malformed { item: "chronicle" };

impl Changes {
    /// Moves the oldest changes out of a chronicle that has grown too long,
    /// in the same commit.
    pub(crate) fn spill(&mut self, pk: &str, chronicle: &mut Chronicle) {
        let Some(volume) = chronicle.spill() else {
            return;
        };
        let key = keys::volume(pk, volume.number);
        let mut item = key_item(&key);
        let bytes = AttributeValue::B(Blob::new(volume.encode()));
        item.insert("kind".to_owned(), text("chronicle"));
        item.insert("changes".to_owned(), bytes);
        self.put(false, key, item, Expected::Absent);
    }
}

/// A change, and by which id whoever changed was known then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldChange {
    /// The id: of a node that was a person of its own, or of a person's root.
    pub of: NodeId,
    /// The change.
    pub change: Change,
}

impl Store {
    /// Everything a person ever was, oldest first: its own changes, and those
    /// of its nodes from before they were joined. Each is told with the id of
    /// whom it was of: before a merge there were two.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn chronicle_fetch(
        &self,
        person: &PersonRecord,
    ) -> Result<Vec<ToldChange>, StoreError> {
        let mut told: Vec<ToldChange> = Vec::new();
        for node in person.nodes() {
            let pk = keys::node_chronicle(&node.id);
            let mut changes = self.chronicle_whole(&pk, &node.chronicle).await?;
            // A person begins with what its root had been, and a root goes on
            // with what its person was.
            if let Some(root) = root_chronicle(person, node) {
                let pk = keys::person_chronicle(&node.id);
                let own = self.chronicle_whole(&pk, root).await?;
                changes = together(&changes, &own);
            }
            let of = &node.id;
            told.extend(changes.into_iter().map(|change| ToldChange {
                of: of.clone(),
                change,
            }));
        }
        told.sort_by_key(|told| told.change.on);
        Ok(told)
    }

    async fn chronicle_whole(
        &self,
        pk: &str,
        chronicle: &Chronicle,
    ) -> Result<Vec<Change>, StoreError> {
        let mut changes = Vec::new();
        if chronicle.volumes() > 0 {
            for item in self.partition(pk).await? {
                changes.extend(read(&item)?.changes);
            }
        }
        changes.extend_from_slice(chronicle.changes());
        Ok(changes)
    }

    /// All items of a partition of the facts, in the order of their keys.
    pub(crate) async fn partition(&self, pk: &str) -> Result<Vec<Item>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.facts)
            .consistent_read(true)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(pk));
        self.query_all(query).await
    }
}

/// What the person was of which a node is the root, or was once.
fn root_chronicle<'a>(person: &'a PersonRecord, node: &'a Node) -> Option<&'a Chronicle> {
    match person {
        PersonRecord::Joined(joined, _) if joined.id == node.id => Some(&joined.chronicle),
        _ => node.past.as_ref().map(|past| &past.chronicle),
    }
}

fn read(item: &Item) -> Result<Volume, StoreError> {
    let key: Key = crate::item::key_of(item).ok_or(MALFORMED)?;
    let number = key.sk.parse().map_err(|_| MALFORMED)?;
    let bytes = item.get("changes").and_then(|bytes| bytes.as_b().ok());
    let bytes = bytes.ok_or(MALFORMED)?;
    Volume::decode(number, bytes.as_ref()).map_err(|_| MALFORMED)
}
