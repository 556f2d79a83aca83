//! Cases: opened once however often they are asked for, and shown.
//!
//! An open case says something of its customer's health, so the customer's
//! record is told in the same transaction, and is assessed anew.

pub(crate) mod contract;
mod new;
mod status;
mod view;

use crm_domain::case::{Case, CaseStatus, Clock};
use crm_domain::customer::Node;
use crm_domain::identity::NodeId;
use crm_lambda::Random;
use crm_store::{Changes, Committed, Store, StoreError};
use jiff::Timestamp;

use crate::answer::Answer;
use crate::customers;
use crate::etag;
use crate::once::OnceKey;
use crate::problem::{Problem, Trouble};
use crate::request::Request;
use new::NewCase;
pub(crate) use status::Moving;
use view::CaseView;

/// How often a case is tried to be opened when its customer's record changes
/// meanwhile, or the same request is under way elsewhere.
const ATTEMPTS: u32 = 8;

/// `GET /v1/cases/{id}`.
pub(crate) async fn fetch(
    store: &Store,
    request: Request<'_>,
    id: &str,
) -> Result<Answer, Trouble> {
    request.only_parameters(&[])?;
    // Cases have ids of the same form as nodes.
    let id = NodeId::parse(id).map_err(|_| Problem::not_found("case"))?;
    let case = store.case_fetch(id.as_str()).await?;
    let case = case.ok_or_else(|| Problem::not_found("case"))?;
    Ok(shown(&case))
}

/// `POST /v1/cases`, and what it needs.
pub(crate) struct Opening<'a> {
    pub(crate) store: &'a Store,
    pub(crate) random: &'a Random,
    pub(crate) now: Timestamp,
}

impl Opening<'_> {
    /// Opens a case, or finds the one that the same request has opened; and
    /// whether it is new.
    pub(crate) async fn open(&self, request: Request<'_>) -> Result<(Answer, bool), Trouble> {
        request.only_parameters(&[])?;
        let key = OnceKey::of(request, "case")?;
        let new = NewCase::read(request.body()?)?;
        for _ in 0..ATTEMPTS {
            if let Some(known) = self.opened_before(key.as_ref(), &new).await? {
                return Ok((created(&known), false));
            }
            let (case, node) = self.case(&new).await?;
            if let Some(case) = self.record(case, node, key.as_ref(), &new).await? {
                return Ok((created(&case), true));
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }

    /// The case that this request opened when it came before.
    async fn opened_before(
        &self,
        key: Option<&OnceKey>,
        new: &NewCase,
    ) -> Result<Option<Case>, Trouble> {
        let Some(key) = key else {
            return Ok(None);
        };
        match key.made(self.store, &new.digest(), self.now).await? {
            Some(made) => Ok(self.store.case_fetch(&made).await?),
            None => Ok(None),
        }
    }

    /// The case as it is to be, its order checked to be the customer's, and
    /// the node it is about.
    async fn case(&self, new: &NewCase) -> Result<(Case, Node), Trouble> {
        let nobody = || Problem::senseless("customer_id", new::CUSTOMER);
        let person = customers::person(self.store, &new.customer).await?;
        let person = person.ok_or_else(nobody)?;
        let mut nodes = person.nodes().iter();
        let node = nodes.find(|node| node.id.as_str() == new.customer);
        let node = node.ok_or_else(nobody)?;
        if node.redacted.is_some() {
            let limit = "leads to a customer who was forgotten: nothing is kept of them";
            return Err(Problem::conflict("customer_id", limit).into());
        }
        let order = match &new.order {
            Some(order) => Some(customers::order_of(self.store, &person, order).await?),
            None => None,
        };
        let settings = self.store.settings_fetch().await?;
        let case = Case {
            id: self.random.id(),
            version: 0,
            node: node.id.clone(),
            order,
            subject: new.subject.clone(),
            priority: new.priority,
            status: CaseStatus::New,
            opened_at: self.now,
            ended_at: None,
            moves: Vec::new(),
            first_response: Clock::first_response(&settings, new.priority, self.now),
        };
        Ok((case, node.clone()))
    }

    /// Writes the case, its customer's care and its receipt; none when
    /// another got there first.
    async fn record(
        &self,
        case: Case,
        mut node: Node,
        key: Option<&OnceKey>,
        new: &NewCase,
    ) -> Result<Option<Case>, Trouble> {
        let settings = self.store.settings_fetch().await?;
        node.care.note(&case.id, case.span(), &settings, self.now);
        node.touch(self.now);
        let mut changes = Changes::new();
        changes.case_put(&case)?;
        changes.node_put(&node)?;
        if let Some(key) = key {
            key.remember(&mut changes, &new.digest(), &case.id, self.now)?;
        }
        if self.store.commit(changes).await? == Committed::Done {
            tracing::info!(case.id = %case.id, "opened case {}", case.id);
            let version = case.version + 1;
            return Ok(Some(Case { version, ..case }));
        }
        // An id is nobody else's: if it is there, this very write went
        // through, and only its answer was lost.
        Ok(self.store.case_fetch(&case.id).await?)
    }
}

/// A case with its version as the tag.
fn shown(case: &Case) -> Answer {
    let tag = etag::of_version(case.version);
    let answer = Answer::ok(&CaseView::of(case)).with("etag", tag);
    answer.and_about(&case.node)
}

fn created(case: &Case) -> Answer {
    let tag = etag::of_version(case.version);
    Answer::created(&CaseView::of(case), format!("/v1/cases/{}", case.id)).with("etag", tag)
}
