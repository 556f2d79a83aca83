//! What was said between the store and a customer: added by the store's
//! people, and sent by the system, in one list.
//!
//! Internal comments are for those who work with customers: who may only look
//! does not see them.

mod change;
pub(crate) mod contract;
mod new;
mod view;

use std::collections::BTreeSet;

use crm_domain::communication::CommunicationKind;
use crm_store::Store;

use crate::answer::Answer;
use crate::customers::facts::{self, Said};
use crate::problem::{Problem, Trouble};
use crate::request::Request;
use crate::role::Role;
pub(crate) use change::Correcting;
pub(crate) use new::Adding;
use view::WholeView;
pub(crate) use view::{SaidPart, SaidView};

/// Entries of a page, unless the caller says otherwise, and at most: texts
/// may be long.
const USUAL_ENTRIES: usize = 20;
const MOST_ENTRIES: usize = 50;

/// What a caller may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reader {
    comments: bool,
}

impl Reader {
    pub(crate) fn of(roles: &BTreeSet<Role>) -> Self {
        let works = |role: &Role| *role != Role::Viewer;
        Self {
            comments: roles.iter().any(works),
        }
    }

    fn sees_kind(self, kind: CommunicationKind) -> bool {
        self.comments || kind != CommunicationKind::InternalComment
    }

    /// Whether the caller may see an entry of the list.
    pub(crate) fn sees(self, said: &Said) -> bool {
        match said {
            Said::Message(_) => true,
            Said::Communication(said) => self.sees_kind(said.is),
        }
    }
}

/// `GET /v1/customers/{id}/communications`: the latest first, with their
/// texts. A page may be short for somebody who does not see all.
pub(crate) async fn list(
    store: &Store,
    request: Request<'_>,
    id: &str,
    reader: Reader,
) -> Result<Answer, Trouble> {
    request.only_parameters(&["limit", "cursor"])?;
    let limit = request.number("limit", 1, MOST_ENTRIES, USUAL_ENTRIES)?;
    let person = crate::customers::needed(store, id).await?;
    let from = facts::opened(request, "cursor", &person).await?;
    let page = facts::page::<Said>(store, &person, from.as_ref(), limit).await?;
    let cursor = facts::sealed(request, page.next.as_ref(), "cursor", &person).await?;
    let items = page.items.into_iter().filter(|said| reader.sees(said));
    let list = view::with_texts(store, items.collect(), cursor).await?;
    Ok(Answer::ok(&list))
}

/// `GET /v1/communications/{id}`: one that somebody added, with what it said
/// before.
pub(crate) async fn fetch(
    store: &Store,
    request: Request<'_>,
    id: &str,
    reader: Reader,
) -> Result<Answer, Trouble> {
    request.only_parameters(&[])?;
    let found = change::known(store, id).await?;
    let found = found.filter(|found| reader.sees_kind(found.is));
    let found = found.ok_or_else(|| Problem::not_found("communication"))?;
    Ok(WholeView::answer(&found))
}
