//! What was said, as the API shows it.

use std::collections::HashMap;

use crm_domain::communication::{Communication, CommunicationKind, Correction, Direction};
use crm_domain::identity::{ExternalId, NodeId};
use crm_store::{CommunicationSummary, FactPlace, Message, MessageState, PersonRecord};
use crm_store::{Store, StoreError};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::Reader;
use crate::answer::Answer;
use crate::customers::facts::{self, Said};
use crate::problem::Trouble;
use crate::request::Request;

/// An entry of the list: what somebody added, or a message that the system
/// sends.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SaidView {
    id: String,
    kind: &'static str,
    direction: Option<Direction>,
    subject: Option<String>,
    /// The beginning of the text.
    excerpt: Option<String>,
    /// The whole text, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    at: Timestamp,
    order_id: Option<ExternalId>,
    case_id: Option<String>,
    /// Who added it; null of what the system sends.
    by: Option<String>,
    corrected_at: Option<Timestamp>,
    /// Which workflow sends it; null of what somebody added.
    workflow: Option<String>,
    /// How far the system's message got.
    state: Option<&'static str>,
    state_at: Option<Timestamp>,
    /// Why it was refused.
    reason: Option<String>,
    redacted: bool,
}

/// The part of a customer's document.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SaidPart {
    communications: Vec<SaidView>,
    communications_cursor: Option<String>,
}

/// A page of the list.
#[derive(Serialize, JsonSchema)]
pub(super) struct List {
    items: Vec<SaidView>,
    cursor: Option<String>,
}

/// One that somebody added, whole.
#[derive(Serialize, JsonSchema)]
pub(super) struct WholeView<'a> {
    id: &'a str,
    /// The profile whose id was used.
    customer_id: &'a NodeId,
    kind: CommunicationKind,
    direction: Option<Direction>,
    subject: &'a str,
    body: &'a str,
    at: Timestamp,
    order_id: Option<&'a ExternalId>,
    case_id: Option<&'a str>,
    by: &'a str,
    added_at: Timestamp,
    version: u64,
    /// What it said before, the earliest first.
    corrections: Vec<CorrectionView<'a>>,
    redacted: bool,
}

#[derive(Serialize, JsonSchema)]
struct CorrectionView<'a> {
    subject: &'a str,
    body: &'a str,
    /// Until when it said so.
    until: Timestamp,
    by: &'a str,
}

impl SaidView {
    pub(crate) fn of(said: Said) -> Self {
        match said {
            Said::Message(message) => Self::of_message(message),
            Said::Communication(said) => Self::of_communication(said),
        }
    }

    fn of_message(message: Message) -> Self {
        let (state, state_at, reason) = match message.state {
            MessageState::Pending => ("pending", None, None),
            MessageState::Claimed { at, .. } => ("sending", Some(at), None),
            MessageState::Sent { at, .. } => ("sent", Some(at), None),
            MessageState::Refused { at, reason } => ("refused", Some(at), Some(reason)),
            MessageState::InDoubt { at } => ("in_doubt", Some(at), None),
        };
        Self {
            id: message.id,
            kind: CommunicationKind::Email.name(),
            direction: Some(Direction::Outbound),
            subject: None,
            excerpt: None,
            body: None,
            at: message.created_at,
            order_id: message.order,
            case_id: None,
            by: None,
            corrected_at: None,
            workflow: Some(message.workflow),
            state: Some(state),
            state_at,
            reason,
            redacted: false,
        }
    }

    fn of_communication(said: CommunicationSummary) -> Self {
        let some = |text: String| (!text.is_empty()).then_some(text);
        Self {
            id: said.id,
            kind: said.is.name(),
            direction: said.direction,
            subject: some(said.subject),
            excerpt: some(said.excerpt),
            body: None,
            at: said.at,
            order_id: said.order,
            case_id: said.case,
            by: Some(said.by),
            corrected_at: said.corrected_at,
            workflow: None,
            state: None,
            state_at: None,
            reason: None,
            redacted: said.redacted,
        }
    }

    pub(crate) fn at(&self) -> Timestamp {
        self.at
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Whether the system sends it.
    pub(crate) fn is_automatic(&self) -> bool {
        self.workflow.is_some()
    }
}

impl SaidPart {
    pub(crate) async fn of(
        store: &Store,
        request: Request<'_>,
        person: &PersonRecord,
        from: Option<&FactPlace>,
        limit: usize,
        reader: Reader,
    ) -> Result<Self, Trouble> {
        let page = facts::page::<Said>(store, person, from, limit).await?;
        let next = page.next.as_ref();
        let cursor = facts::sealed(request, next, "communications_cursor", person).await?;
        let seen = page.items.into_iter().filter(|said| reader.sees(said));
        Ok(Self {
            communications: seen.map(SaidView::of).collect(),
            communications_cursor: cursor,
        })
    }
}

/// The page with the whole texts of what somebody added.
pub(super) async fn with_texts(
    store: &Store,
    said: Vec<Said>,
    cursor: Option<String>,
) -> Result<List, StoreError> {
    let added = said.iter().filter_map(|said| match said {
        Said::Communication(said) => Some(said.id.as_str()),
        Said::Message(_) => None,
    });
    let added: Vec<_> = added.collect();
    let whole = store.communications_fetch(&added).await?.into_iter();
    let mut bodies: HashMap<_, _> = whole.map(|whole| (whole.id, whole.wording.body)).collect();
    let items = said.into_iter().map(|said| {
        let view = SaidView::of(said);
        let body = bodies.remove(&view.id);
        SaidView { body, ..view }
    });
    Ok(List {
        items: items.collect(),
        cursor,
    })
}

impl<'a> WholeView<'a> {
    fn of(said: &'a Communication) -> Self {
        Self {
            id: &said.id,
            customer_id: &said.node,
            kind: said.is,
            direction: said.direction,
            subject: &said.wording.subject,
            body: &said.wording.body,
            at: said.at,
            order_id: said.order.as_ref(),
            case_id: said.case.as_deref(),
            by: &said.by,
            added_at: said.added_at,
            version: said.version,
            corrections: said.corrections.iter().map(CorrectionView::of).collect(),
            redacted: said.redacted,
        }
    }

    /// The document, with the tag of its version.
    pub(super) fn answer(said: &'a Communication) -> Answer {
        let answer = Answer::ok(&Self::of(said)).and_about(&said.node);
        answer.with("etag", etag(said))
    }

    /// The same of one that was just added.
    pub(super) fn created(said: &'a Communication) -> Answer {
        let place = format!("/v1/communications/{}", said.id);
        Answer::created(&Self::of(said), place).with("etag", etag(said))
    }
}

impl<'a> CorrectionView<'a> {
    fn of(correction: &'a Correction) -> Self {
        Self {
            subject: &correction.before.subject,
            body: &correction.before.body,
            until: correction.at,
            by: &correction.by,
        }
    }
}

/// The tag of a communication's version.
pub(super) fn etag(said: &Communication) -> String {
    format!("\"{}\"", said.version)
}
