//! News of customers who turned out to be one person, or two after all.

use crm_domain::identity::NodeId;
use crm_domain::merge::{By, Merge};
use serde::{Deserialize, Serialize};

use crate::{Event, News, Written};

/// Two persons became one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerMerged {
    /// The merge.
    pub merge_id: String,
    /// The person, by the id that stays.
    pub person_id: NodeId,
    /// The person that became part of it: this id leads to the other.
    pub joined_person_id: NodeId,
    /// What made them one.
    pub by: By,
}

/// A merge was undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerUnmerged {
    /// The merge.
    pub merge_id: String,
    /// The person of the side that had been kept.
    pub person_id: NodeId,
    /// The person of the other side.
    pub joined_person_id: NodeId,
}

/// What a write of a merge is told as, if it is.
#[must_use]
pub fn change(before: Option<&Merge>, after: &Merge) -> Option<Event> {
    let (at, news) = match (before, &after.undone) {
        (None, _) => {
            let merged = CustomerMerged {
                merge_id: after.id.clone(),
                person_id: after.kept.person.clone(),
                joined_person_id: after.joined.person.clone(),
                by: after.by,
            };
            (after.at, News::CustomerMerged(merged))
        }
        (Some(before), Some(undone)) if before.undone.is_none() => {
            let parted = CustomerUnmerged {
                merge_id: after.id.clone(),
                person_id: undone.people.0.clone(),
                joined_person_id: undone.people.1.clone(),
            };
            (undone.at, News::CustomerUnmerged(parted))
        }
        (Some(_), _) => return None,
    };
    let version = after.version;
    Some(Written { version, at }.event(&format!("merge/{}", after.id), news))
}
