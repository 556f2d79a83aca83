//! A case moves on: worked on, waiting, passed up, resolved, closed.
//!
//! Whether a case is open says something of its customer's health, so the
//! customer's record is told in the same transaction, and is assessed anew.

use crm_domain::case::{CannotChange, Case, CaseStatus, REOPEN_DAYS};
use crm_domain::identity::NodeId;
use crm_store::{Changes, Committed, Consistency, Store, StoreError};
use jiff::Timestamp;

use super::{ATTEMPTS, shown};
use crate::answer::Answer;
use crate::etag;
use crate::fields::Fields;
use crate::problem::{Problem, Trouble};
use crate::request::Request;

const STATUS: &str = "must be In Progress, Waiting on Customer, Escalated, Resolved or Closed";
const VERSION: &str = "must be a whole number";

/// `POST /v1/cases/{id}/status`, and what it needs.
pub(crate) struct Moving<'a> {
    pub(crate) store: &'a Store,
    pub(crate) now: Timestamp,
}

impl Moving<'_> {
    /// Moves a case on; and whether that changed anything.
    pub(crate) async fn to(
        &self,
        request: Request<'_>,
        id: &str,
    ) -> Result<(Answer, bool), Trouble> {
        request.only_parameters(&[])?;
        let mut fields = Fields::new(request.body()?);
        let status = fields.text("status", STATUS)?;
        let status = CaseStatus::named(&status).filter(|to| *to != CaseStatus::New);
        let status = status.ok_or_else(|| Problem::field("status", STATUS))?;
        let version = fields.take("version").filter(|version| !version.is_null());
        let version = version.map(|version| {
            let version = version.as_u64();
            version.ok_or_else(|| Problem::field("version", VERSION))
        });
        let version = version.transpose()?;
        fields.finish()?;
        let id = NodeId::parse(id).map_err(|_| Problem::not_found("case"))?;
        for _ in 0..ATTEMPTS {
            let before = self.store.case_fetch(id.as_str()).await?;
            let before = before.ok_or_else(|| Problem::not_found("case"))?;
            let mut after = before.clone();
            if before.status == status {
                return Ok((shown(&before), false));
            }
            guard(request, &before, version)?;
            after.move_to(status, self.now).map_err(refused)?;
            if self.record(&after).await? == Committed::Done {
                tracing::info!(case.id = %after.id, "case {} is {}", after.id, status.name());
                after.version += 1;
                return Ok((shown(&after), true));
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }

    async fn record(&self, case: &Case) -> Result<Committed, Trouble> {
        let mut changes = Changes::new();
        changes.case_put(case)?;
        let nodes = self
            .store
            .nodes_fetch([&case.node], Consistency::Strong)
            .await?;
        if let Some(mut node) = nodes.into_iter().next() {
            let settings = self.store.settings_fetch().await?;
            node.care.note(&case.id, case.span(), &settings, self.now);
            node.touch(self.now);
            changes.node_put(&node)?;
        }
        Ok(self.store.commit(changes).await?)
    }
}

/// The case must still be as the caller has seen it, if it says so.
fn guard(request: Request<'_>, case: &Case, version: Option<u64>) -> Result<(), Problem> {
    let now = case.version;
    if version.is_some_and(|version| version != now) {
        let limit = format!("must be that of the case, now {now}");
        return Err(Problem::conflict("version", &limit));
    }
    etag::guard(request, &etag::of_version(now))
}

fn refused(reason: CannotChange) -> Problem {
    let limit = match reason {
        CannotChange::Closed => {
            "cannot change any more: the case is closed, and what follows is a new one".to_owned()
        }
        CannotChange::TooLate => {
            format!("cannot be open again: the case was resolved more than {REOPEN_DAYS} days ago")
        }
        CannotChange::Resolved => "must be In Progress or Closed: the case is resolved".to_owned(),
        CannotChange::NotNew => STATUS.to_owned(),
    };
    Problem::conflict("status", &limit)
}
