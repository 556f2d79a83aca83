//! Puts a wording right: its author does, or an admin, and what it was before
//! is kept.

use crm_domain::communication::{CannotCorrect, Communication};
use crm_domain::identity::NodeId;
use crm_store::{Changes, Committed, Store, StoreError};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::new::wording;
use super::view::{WholeView, etag};
use crate::answer::Answer;
use crate::etag;
use crate::fields::Fields;
use crate::problem::{Problem, Trouble};
use crate::request::Request;

/// How often it is tried while somebody else puts it right.
const ATTEMPTS: u32 = 5;
const TEXT: &str = "must be a text";

/// The new words; what is left out stays.
struct Words {
    subject: Option<String>,
    body: Option<String>,
}

/// `PATCH /v1/communications/{id}`, and what it needs.
pub(crate) struct Correcting<'a> {
    pub(crate) store: &'a Store,
    pub(crate) now: Timestamp,
    /// Whether the caller may put right what somebody else wrote.
    pub(crate) of_others: bool,
}

/// A communication that somebody added.
pub(super) async fn known(store: &Store, id: &str) -> Result<Option<Communication>, Trouble> {
    // They have ids of the same form as nodes.
    let Ok(id) = NodeId::parse(id) else {
        return Ok(None);
    };
    Ok(store.communication_fetch(id.as_str()).await?)
}

impl Correcting<'_> {
    /// Replaces the wording; and whether it is another one now.
    pub(crate) async fn correct(
        &self,
        request: Request<'_>,
        id: &str,
    ) -> Result<(Answer, bool), Trouble> {
        request.only_parameters(&[])?;
        let words = words(request.body()?)?;
        for _ in 0..ATTEMPTS {
            let found = known(self.store, id).await?;
            let mut said = found.ok_or_else(|| Problem::not_found("communication"))?;
            if !self.of_others && said.by != request.caller() {
                return Err(Problem::forbidden().into());
            }
            let seen = etag(&said);
            let subject = words.subject.as_ref().unwrap_or(&said.wording.subject);
            let body = words.body.as_ref().unwrap_or(&said.wording.body);
            let new = wording(subject, body)?;
            let corrected = said.correct(new, self.now, request.caller());
            if corrected == Ok(false) {
                return Ok((WholeView::answer(&said), false));
            }
            etag::guard(request, &seen)?;
            corrected.map_err(refused)?;
            let mut changes = Changes::new();
            changes.communication_put(&said)?;
            if self.store.commit(changes).await? == Committed::Done {
                tracing::info!(communication.id = %said.id, "put communication {} right", said.id);
                said.version += 1;
                return Ok((WholeView::answer(&said), true));
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }
}

fn words(body: Map<String, Value>) -> Result<Words, Problem> {
    let mut fields = Fields::new(body);
    let words = Words {
        subject: fields.optional_text("subject", TEXT)?,
        body: fields.optional_text("body", TEXT)?,
    };
    fields.finish()?;
    if words.subject.is_none() && words.body.is_none() {
        return Err(Problem::senseless(
            "body",
            "must be given, or subject, or both",
        ));
    }
    Ok(words)
}

fn refused(reason: CannotCorrect) -> Problem {
    match reason {
        CannotCorrect::Redacted => Problem::conflict("id", "leads to a customer who was forgotten"),
        CannotCorrect::TooOften => Problem::conflict("body", "was put right 10 times already"),
    }
}
