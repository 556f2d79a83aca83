//! News of cases.

use crm_domain::case::{Case, Priority};
use crm_domain::identity::NodeId;
use serde::{Deserialize, Serialize};

use crate::{Event, News, Written};

/// Something happened to a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseNews {
    /// The case.
    pub case_id: String,
    /// Whose it is.
    pub node_id: NodeId,
    /// How pressing it is.
    pub priority: Priority,
}

/// What a case's change is told as, if it is, at the time its clock showed
/// then, however late it was looked at. Of a warning and a breach found at
/// once only the breach is told.
#[must_use]
pub fn change(before: Option<&Case>, after: &Case) -> Option<Event> {
    let case = CaseNews {
        case_id: after.id.clone(),
        node_id: after.node.clone(),
        priority: after.priority,
    };
    let clock = &after.first_response;
    let (news, at) = match before.map(|before| &before.first_response) {
        None => (News::CaseOpened(case), after.opened_at),
        Some(before) if before.breached_at != clock.breached_at => {
            (News::CaseBreached(case), clock.breached_at?)
        }
        Some(before) if before.warned_at != clock.warned_at => {
            (News::CaseWarned(case), clock.warned_at?)
        }
        Some(_) => return None,
    };
    let version = after.version;
    Some(Written { version, at }.event(&format!("case/{}", after.id), news))
}
