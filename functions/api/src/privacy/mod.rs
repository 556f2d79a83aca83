//! What people asked about themselves: listed, shown, and decided on.

pub(crate) mod contract;
mod document;
mod queue;
mod view;

use crm_domain::identity::NodeId;
use crm_domain::privacy::{Kind, Request as Asked, Scope, State};
use crm_store::{Changes, Committed, Store, StoreError};
use schemars::JsonSchema;
use serde::Serialize;

use crate::answer::Answer;
use crate::audit::Notes;
use crate::fields::Fields;
use crate::problem::{Problem, Trouble};
use crate::request::Request;
use crate::route::Entry;
pub(crate) use queue::Steps;
use view::RequestView;

/// Entries of a page, unless the caller says otherwise, and at most.
const USUAL_ENTRIES: usize = 50;
const MOST_ENTRIES: usize = 100;
/// How often a decision is tried while the request changes.
const ATTEMPTS: u32 = 3;
const SCOPE: &str = "must be node or person";
const UNDECIDED: &str = "must be ready or done: it is not certain whose data is meant";
const DECIDED: &str = "must be needs_a_person: nobody is asked about any other";
const DECLINED: &str = "must not be declined: somebody decided that nobody found is meant";

/// A page of requests.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PrivacyRequestPage")]
struct List {
    items: Vec<RequestView>,
    cursor: Option<String>,
}

/// `GET /v1/privacy/requests`.
pub(crate) async fn list(store: &Store, request: Request<'_>) -> Result<Answer, Trouble> {
    request.only_parameters(&["limit", "cursor"])?;
    let limit = request.number("limit", 1, MOST_ENTRIES, USUAL_ENTRIES)?;
    let behind: Option<String> = request.cursor("cursor", "privacy").await?;
    let page = store.privacy_list(behind.as_deref(), limit).await?;
    Ok(Answer::ok(&List {
        items: page.items.iter().map(RequestView::of).collect(),
        cursor: request.next("privacy", page.next.as_ref()).await?,
    }))
}

/// What deciding on a request needs, and reading its document.
pub(crate) struct Desk<'a> {
    pub(crate) notes: Notes<'a>,
    pub(crate) steps: &'a Steps,
    pub(crate) entry: &'a Entry,
    /// Most bytes of a page of a document, or little more.
    pub(crate) page_bytes: usize,
}

impl Desk<'_> {
    /// `GET /v1/privacy/requests/{id}/document`: everything held, gathered as
    /// it is read, so that nothing personal is kept twice.
    pub(crate) async fn document(&self, request: Request<'_>, id: &str) -> Result<Answer, Trouble> {
        request.only_parameters(&["cursor"])?;
        let asked = self.needed(id).await?;
        if asked.asks != Kind::DataRequest {
            return Err(Problem::not_found("document").into());
        }
        if ![State::Ready, State::Done].contains(&asked.state) {
            // It might show one person's data to another.
            return Err(Problem::conflict("state", UNDECIDED).into());
        }
        self.note(request, &asked).await?;
        document::gather(self.notes.store, request, &asked, self.page_bytes).await
    }

    /// `POST /v1/privacy/requests/{id}/carry-out`: what waited for a person is
    /// done; a document that was handed over is noted as such.
    pub(crate) async fn carry_out(
        &self,
        request: Request<'_>,
        id: &str,
    ) -> Result<Answer, Trouble> {
        request.only_parameters(&[])?;
        let scope = scope(request)?;
        let asked = self.needed(id).await?;
        self.note(request, &asked).await?;
        for _ in 0..ATTEMPTS {
            let mut asked = self.needed(id).await?;
            match asked.state {
                State::Done => return Ok(Answer::ok(&RequestView::of(&asked))),
                State::Ready => asked.finish(self.notes.now),
                // Whoever it was, somebody says that they are meant.
                State::NeedsAPerson if asked.asks == Kind::DataRequest => {
                    asked.state = State::Ready;
                    asked.scope = scope.unwrap_or_default();
                }
                State::NeedsAPerson => {
                    asked.state = State::Open;
                    asked.scope = scope.unwrap_or_default();
                }
                State::Open => return self.set_off(&asked).await,
                State::Declined => return Err(Problem::conflict("state", DECLINED).into()),
            }
            if self.decided(request, &mut asked).await? {
                return match asked.state {
                    State::Open => self.set_off(&asked).await,
                    _ => Ok(Answer::ok(&RequestView::of(&asked))),
                };
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }

    /// `POST /v1/privacy/requests/{id}/decline`: whoever was found is not who
    /// is meant. Nothing is done to them, and nothing that led there is kept.
    pub(crate) async fn decline(&self, request: Request<'_>, id: &str) -> Result<Answer, Trouble> {
        request.only_parameters(&[])?;
        Fields::new(request.optional_body()?).finish()?;
        let asked = self.needed(id).await?;
        self.note(request, &asked).await?;
        for _ in 0..ATTEMPTS {
            let mut asked = self.needed(id).await?;
            match asked.state {
                State::Declined => return Ok(Answer::ok(&RequestView::of(&asked))),
                State::NeedsAPerson => asked.decline(self.notes.now),
                State::Open | State::Ready | State::Done => {
                    return Err(Problem::conflict("state", DECIDED).into());
                }
            }
            if self.decided(request, &mut asked).await? {
                return Ok(Answer::ok(&RequestView::of(&asked)));
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }

    /// Writes what the caller decided; not if the request changed meanwhile.
    async fn decided(&self, request: Request<'_>, asked: &mut Asked) -> Result<bool, StoreError> {
        asked.done_by = Some(request.caller().to_owned());
        let mut changes = Changes::new();
        changes.privacy_put(asked)?;
        Ok(self.notes.store.commit(changes).await? == Committed::Done)
    }

    async fn set_off(&self, asked: &Asked) -> Result<Answer, Trouble> {
        self.steps.start(&asked.id).await?;
        let list = "/v1/privacy/requests".to_owned();
        Ok(Answer::accepted(&RequestView::of(asked), list))
    }

    async fn needed(&self, id: &str) -> Result<Asked, Trouble> {
        // Requests have ids of the same form as nodes.
        let id = NodeId::parse(id).map_err(|_| Problem::not_found("request"))?;
        let asked = self.notes.store.privacy_fetch(id.as_str()).await?;
        Ok(asked.ok_or_else(|| Problem::not_found("request"))?)
    }

    async fn note(&self, request: Request<'_>, asked: &Asked) -> Result<(), StoreError> {
        let person = asked.node.as_ref();
        self.notes
            .note_about(self.entry, request, person, &asked.id)
            .await
    }
}

/// Whom a request is to be about, where the caller says.
fn scope(request: Request<'_>) -> Result<Option<Scope>, Problem> {
    let mut fields = Fields::new(request.optional_body()?);
    let scope = fields.optional_text("scope", SCOPE)?;
    fields.finish()?;
    match scope.as_deref() {
        None => Ok(None),
        Some("node") => Ok(Some(Scope::Node)),
        Some("person") => Ok(Some(Scope::Person)),
        Some(_) => Err(Problem::field("scope", SCOPE)),
    }
}
