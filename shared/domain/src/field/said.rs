//! What the store's people said of a customer, and when.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::identity::NodeId;

/// What somebody set a field to. Prints nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The value as text; none where it was taken back.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// When.
    #[serde(rename = "t")]
    pub at: Timestamp,
    /// Who: the subject of the token.
    #[serde(rename = "b")]
    pub by: String,
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Said(at {})", self.at)
    }
}

/// The fields set on one node, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fields(BTreeMap<String, Said>);

impl Fields {
    /// Whether nothing was ever set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was set of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Said> {
        self.0.get(name)
    }

    /// Sets a field, or takes it back.
    pub fn set(&mut self, name: &str, said: Said) {
        self.0.insert(name.to_owned(), said);
    }

    /// Lets go of what is set of any other field.
    pub fn keep_only(&mut self, names: &BTreeSet<&str>) {
        self.0.retain(|name, _| names.contains(name.as_str()));
    }

    /// Bytes of all it holds: an item has its limit.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let said = self.0.iter();
        said.map(|(name, said)| {
            let value = said.value.as_ref().map_or(0, String::len);
            name.len() + value + said.by.len() + 40
        })
        .sum()
    }

    /// Every field that was ever set, with what was.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Said)> {
        self.0.iter().map(|(name, said)| (name.as_str(), said))
    }
}

/// What was set last of a field on any of a person's nodes, a taking back
/// included. Of one instant the greater text, so that no order of the nodes
/// matters.
#[must_use]
pub fn latest<'a>(nodes: impl Iterator<Item = &'a Fields>, name: &str) -> Option<&'a Said> {
    let said = nodes.filter_map(|fields| fields.get(name));
    said.max_by_key(|said| (said.at, &said.value))
}

/// One change that somebody made to a customer's fields. Prints nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Its random id.
    pub id: String,
    /// Counts writes; 0 is not stored yet.
    #[serde(rename = "v")]
    pub version: u64,
    /// The node whose id was used.
    pub node: NodeId,
    /// When.
    pub at: Timestamp,
    /// Who: the subject of the token.
    pub by: String,
    /// What was set; nothing once the person was forgotten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<SetField>,
}

/// One field of a change.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetField {
    /// Its name.
    #[serde(rename = "n")]
    pub name: String,
    /// What the person had before, as text, whichever of its nodes it was set
    /// on.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// What it has since.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
}

impl fmt::Debug for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FieldChange({})", self.id)
    }
}

impl fmt::Debug for SetField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SetField({}, …)", self.name)
    }
}

impl FieldChange {
    /// Forgets what was set.
    pub fn redact(&mut self) {
        self.set.clear();
    }
}
