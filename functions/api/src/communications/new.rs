//! Adds what was said, once however often it is asked for.

use crm_domain::communication::{
    Communication, CommunicationKind, Direction, MOST_BODY_CHARS, MOST_SUBJECT_CHARS, Wording,
};
use crm_domain::identity::NodeId;
use crm_lambda::Random;
use crm_store::{Changes, Committed, PersonRecord, Store, StoreError};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::view::WholeView;
use crate::answer::Answer;
use crate::customers;
use crate::fields::Fields;
use crate::once::{OnceKey, digest};
use crate::problem::{Problem, Trouble};
use crate::request::Request;

/// How often it is tried while the customer changes.
const ATTEMPTS: u32 = 8;
const KIND: &str = "must be email, call, note or internal_comment";
const DIRECTION: &str = "must be inbound or outbound of an email or a call, and is of no other";
const SUBJECT: &str = "must have at most 300 characters";
const BODY: &str = "must have from 1 to 10000 characters";
const AT: &str = "must be an instant from 1970 up to now, as 2026-05-03T09:30:00Z";
const ORDER: &str = customers::ORDER_OF_CUSTOMER;
const CASE: &str = "must be the id of a case of this customer";

/// What is to be added, as far as its form goes.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct New {
    is: CommunicationKind,
    direction: Option<Direction>,
    wording: Wording,
    at: Option<Timestamp>,
    order: Option<String>,
    case: Option<String>,
}

impl New {
    fn read(body: Map<String, Value>, now: Timestamp) -> Result<Self, Problem> {
        let mut fields = Fields::new(body);
        let kind = fields.text("kind", KIND)?;
        let is = CommunicationKind::named(&kind).ok_or_else(|| Problem::field("kind", KIND))?;
        let direction = match (fields.optional_text("direction", DIRECTION)?.as_deref(), is) {
            (Some("inbound"), is) if is.has_direction() => Some(Direction::Inbound),
            (Some("outbound"), is) if is.has_direction() => Some(Direction::Outbound),
            (None, is) if !is.has_direction() => None,
            (Some("inbound" | "outbound") | None, _) => {
                return Err(Problem::senseless("direction", DIRECTION));
            }
            _ => return Err(Problem::field("direction", DIRECTION)),
        };
        let subject = fields.optional_text("subject", SUBJECT)?;
        let body = fields.text("body", BODY)?;
        let at = fields.optional_text("at", AT)?;
        let order = fields.order("order_id", ORDER)?;
        let case = fields.optional_id("case_id", CASE)?;
        fields.finish()?;
        Ok(Self {
            is,
            direction,
            wording: wording(subject.as_deref().unwrap_or_default(), &body)?,
            at: at.map(|at| instant(&at, now)).transpose()?,
            order,
            case,
        })
    }

    fn digest(&self, customer: &str) -> String {
        let asked = serde_json::to_string(self).expect("texts are JSON");
        digest([customer.to_owned(), asked])
    }
}

/// A wording of bounded length, without the space around it.
pub(super) fn wording(subject: &str, body: &str) -> Result<Wording, Problem> {
    let longer = |text: &str, most| text.chars().count() > most;
    if longer(subject, MOST_SUBJECT_CHARS) {
        return Err(Problem::field("subject", SUBJECT));
    }
    if longer(body, MOST_BODY_CHARS) || body.trim().is_empty() {
        return Err(Problem::field("body", BODY));
    }
    let (subject, body) = (subject.trim(), body.trim());
    Ok(Wording {
        subject: subject.to_owned(),
        body: body.to_owned(),
    })
}

fn instant(text: &str, now: Timestamp) -> Result<Timestamp, Problem> {
    let at: Timestamp = text.parse().map_err(|_| Problem::field("at", AT))?;
    if at > now || at < Timestamp::UNIX_EPOCH {
        return Err(Problem::senseless("at", AT));
    }
    Ok(at)
}

/// `POST /v1/customers/{id}/communications`, and what it needs.
pub(crate) struct Adding<'a> {
    pub(crate) store: &'a Store,
    pub(crate) random: &'a Random,
    pub(crate) now: Timestamp,
}

impl Adding<'_> {
    /// Adds what was said, or finds what the same request added; and whether
    /// it is new.
    pub(crate) async fn add(
        &self,
        request: Request<'_>,
        id: &str,
    ) -> Result<(Answer, bool), Trouble> {
        request.only_parameters(&[])?;
        let key = OnceKey::of(request, "communication")?;
        let new = New::read(request.body()?, self.now)?;
        for _ in 0..ATTEMPTS {
            if let Some(known) = self.added_before(key.as_ref(), &new.digest(id)).await? {
                return Ok((WholeView::created(&known), false));
            }
            let person = customers::needed(self.store, id).await?;
            let said = self
                .communication(&person, id, &new, request.caller())
                .await?;
            if let Some(said) = self
                .record(&person, said, key.as_ref(), &new.digest(id))
                .await?
            {
                return Ok((WholeView::created(&said), true));
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }

    async fn added_before(
        &self,
        key: Option<&OnceKey>,
        asked: &str,
    ) -> Result<Option<Communication>, Trouble> {
        let Some(key) = key else {
            return Ok(None);
        };
        match key.made(self.store, asked, self.now).await? {
            Some(made) => Ok(self.store.communication_fetch(&made).await?),
            None => Ok(None),
        }
    }

    /// What is to be kept; what it is about has to be the customer's own.
    async fn communication(
        &self,
        person: &PersonRecord,
        id: &str,
        new: &New,
        by: &str,
    ) -> Result<Communication, Trouble> {
        let node = NodeId::parse(id).map_err(|_| Problem::not_found("customer"))?;
        let order = match &new.order {
            Some(order) => Some(customers::order_of(self.store, person, order).await?),
            None => None,
        };
        if let Some(case) = &new.case {
            let wrong = || Problem::senseless("case_id", CASE);
            let case = NodeId::parse(case).map_err(|_| wrong())?;
            let case = self.store.case_fetch(case.as_str()).await?;
            case.filter(|case| person.has(&case.node))
                .ok_or_else(wrong)?;
        }
        Ok(Communication {
            id: self.random.id(),
            version: 0,
            node,
            is: new.is,
            direction: new.direction,
            wording: new.wording.clone(),
            at: new.at.unwrap_or(self.now),
            order,
            case: new.case.clone(),
            by: by.to_owned(),
            added_at: self.now,
            corrections: Vec::new(),
            redacted: false,
        })
    }

    /// Writes it while the node is as it was read: nothing is said of somebody
    /// who is being forgotten. None when the node changed, or another attempt
    /// of this request was faster.
    async fn record(
        &self,
        person: &PersonRecord,
        said: Communication,
        key: Option<&OnceKey>,
        asked: &str,
    ) -> Result<Option<Communication>, Trouble> {
        let node = person.nodes().iter().find(|node| node.id == said.node);
        let node = node.ok_or_else(|| Problem::not_found("customer"))?;
        if node.redacted.is_some() {
            let limit = "leads to a customer who was forgotten: nothing is kept of them";
            return Err(Problem::conflict("id", limit).into());
        }
        let mut changes = Changes::new();
        changes.communication_put(&said)?;
        changes.node_check(node);
        if let Some(key) = key {
            key.remember(&mut changes, asked, &said.id, self.now)?;
        }
        let committed = self.store.commit(changes).await?;
        if committed == Committed::Done {
            tracing::info!(communication.id = %said.id, "added communication {}", said.id);
            let version = said.version + 1;
            return Ok(Some(Communication { version, ..said }));
        }
        // An id is nobody else's: if it is there, this very write went
        // through, and only its answer was lost.
        Ok(self.store.communication_fetch(&said.id).await?)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn now() -> Timestamp {
        "2026-03-02T12:00:00Z".parse().unwrap()
    }

    fn read(change: &Value) -> Result<New, String> {
        let mut body = json!({
            "kind": "call",
            "direction": "inbound",
            "subject": "Where is it?",
            "body": "She asked for the cup.",
            "at": "2026-03-02T11:00:00Z",
        });
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let body = body.as_object().unwrap().clone();
        New::read(body, now()).map_err(|problem| problem.field.unwrap().into())
    }

    #[test]
    fn only_what_passes_between_two_has_a_direction() {
        assert!(read(&json!({})).is_ok());
        for (kind, direction, fits) in [
            ("email", json!("outbound"), true),
            ("email", json!(null), false),
            ("email", json!("sideways"), false),
            ("note", json!(null), true),
            ("note", json!("inbound"), false),
            ("internal_comment", json!(null), true),
            ("internal_comment", json!("outbound"), false),
        ] {
            let read = read(&json!({"kind": kind, "direction": direction}));
            let expected = fits.then_some(()).ok_or_else(|| "direction".to_owned());
            assert_eq!(read.map(|_| ()), expected, "{kind} {direction}");
        }
        assert_eq!(read(&json!({"kind": "fax"})), Err("kind".to_owned()));
    }

    #[test]
    fn texts_are_bounded_and_nothing_is_said_in_the_future() {
        for (field, value, fits) in [
            ("body", json!("é".repeat(10_000)), true),
            ("body", json!("é".repeat(10_001)), false),
            ("body", json!("  "), false),
            ("body", json!(null), false),
            ("subject", json!("é".repeat(300)), true),
            ("subject", json!("é".repeat(301)), false),
            ("at", json!("2026-03-02T12:00:00Z"), true),
            ("at", json!("2026-03-02T12:00:01Z"), false),
            ("at", json!("1969-12-31T23:59:59Z"), false),
            ("at", json!("yesterday"), false),
            ("colour", json!("red"), false),
        ] {
            let read = read(&json!({field: value}));
            let expected = fits.then_some(()).ok_or_else(|| field.to_owned());
            assert_eq!(read.map(|_| ()), expected, "{field}");
        }
    }
}
