//! Customers as items have them, those of older versions among them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Node;
use crate::consent::{ConsentNews, ConsentState, Decision, Medium, ToldBy};
use crate::identity::{ExternalId, NodeId};
use crate::tags::TagNews;

/// A decision about marketing e-mail as profiles had it at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerConsent {
    /// When it was made, where known.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// Whether it is a yes.
    pub given: bool,
}

/// Nodes that one was parted from; at first without saying when, so that is as
/// long ago as can be.
#[derive(Deserialize)]
#[serde(untagged)]
enum Apart {
    Dated(BTreeMap<NodeId, Timestamp>),
    Former(BTreeSet<NodeId>),
}

pub(super) fn apart<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<NodeId, Timestamp>, D::Error> {
    Ok(match Apart::deserialize(deserializer)? {
        Apart::Dated(apart) => apart,
        Apart::Former(apart) => {
            let undated = |id| (id, Timestamp::UNIX_EPOCH);
            apart.into_iter().map(undated).collect()
        }
    })
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut node = Self::deserialize(deserializer)?;
        node.move_former_parts();
        Ok(node)
    }
}

impl Node {
    /// Gives labels and consent that came inside a profile the places they
    /// have now, as the telling of that profile.
    fn move_former_parts(&mut self) {
        let tags = std::mem::take(&mut self.profile.former_tags);
        let consent = self.profile.former_consent.take();
        let Some(told) = self.told else {
            return;
        };
        if !tags.is_empty() {
            self.label(told.stamp, &TagNews::All(tags.into_vec()));
        }
        let Some(FormerConsent { at, given }) = consent.map(|consent| *consent) else {
            return;
        };
        let state = if given {
            ConsentState::Given
        } else {
            ConsentState::NotGiven
        };
        let told_by = if told.whole {
            ToldBy::Customer
        } else {
            ToldBy::Order
        };
        let source = self.external_id.as_ref().map(ExternalId::source);
        let decision = Decision {
            at,
            state,
            opt_in: None,
            source: source.unwrap_or("order").to_owned(),
            told_by,
            stamp: told.stamp,
        };
        self.consents.hear(&[ConsentNews {
            medium: Medium::Email,
            decision,
        }]);
    }
}
