//! What a customer told the store's people about marketing: an opt-out by
//! telephone, a yes at a fair.

use crm_domain::consent::{self, ConsentNews, ConsentState, Decision, Medium, OptIn, ToldBy};
use crm_domain::customer::Node;
use crm_domain::stamp::Stamp;
use crm_store::{Changes, Committed, PersonRecord, Store, StoreError};
use jiff::Timestamp;

use super::consent::Consent;
use crate::answer::Answer;
use crate::customers;
use crate::fields::Fields;
use crate::problem::{Problem, Trouble};
use crate::request::Request;

/// How often a decision is noted while the customer's record changes.
const ATTEMPTS: u32 = 8;
/// What tells of such a decision.
const SOURCE: &str = "staff";
const MEDIUM: &str = "must be email, sms or whatsapp";
const STATE: &str = "must be given or withdrawn";
const OPT_IN: &str = "must be single or confirmed";
const DECIDED_AT: &str = "must be a time from 1900 up to now, as 2026-05-03T12:00:00Z";

/// Nobody could be asked about marketing before: a date is mistyped, or stands
/// where none is known. As of all dates that are told, 1900.
const EARLIEST: Timestamp = Timestamp::constant(-2_208_988_800, 0);

/// `PUT /v1/customers/{id}/consent/{medium}`, and what it needs.
pub(crate) struct Deciding<'a> {
    pub(crate) store: &'a Store,
    pub(crate) now: Timestamp,
}

/// What is told.
struct Told {
    medium: Medium,
    state: ConsentState,
    opt_in: Option<OptIn>,
    /// When it was decided, if that is told; else now.
    at: Option<Timestamp>,
}

impl Deciding<'_> {
    /// Notes a decision with the profile whose id was used; and whether it is
    /// news. Without a date the same state once more is none.
    pub(crate) async fn decide(
        &self,
        request: Request<'_>,
        (id, medium): (&str, &str),
    ) -> Result<(Answer, bool), Trouble> {
        request.only_parameters(&[])?;
        let medium = Medium::named(medium).ok_or_else(|| Problem::field("medium", MEDIUM))?;
        let told = self.read(request, medium)?;
        for _ in 0..ATTEMPTS {
            let person = customers::needed(self.store, id).await?;
            let mut nodes = person.nodes().to_vec();
            if Self::is_known(&person, &told) {
                return Ok((Answer::ok(&Consent::of(&nodes)), false));
            }
            let own = nodes.iter_mut().find(|node| node.id.as_str() == id);
            let own = own.ok_or_else(|| Problem::not_found("customer"))?;
            if own.redacted.is_some() {
                let limit = "leads to somebody who was forgotten, and decides nothing any more";
                return Err(Problem::conflict("id", limit).into());
            }
            let before = own.consents.clone();
            own.decide(&[self.news(&told)]);
            if own.consents == before {
                return Ok((Answer::ok(&Consent::of(&nodes)), false));
            }
            if self.record(own).await? == Committed::Done {
                tracing::info!(node.id = id, "noted a decision about marketing");
                return Ok((Answer::ok(&Consent::of(&nodes)), true));
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }

    fn read(&self, request: Request<'_>, medium: Medium) -> Result<Told, Problem> {
        let mut fields = Fields::new(request.body()?);
        let state = match fields.text("state", STATE)?.as_str() {
            "given" => ConsentState::Given,
            "withdrawn" => ConsentState::Withdrawn,
            _ => return Err(Problem::field("state", STATE)),
        };
        let opt_in = match fields.optional_text("opt_in", OPT_IN)?.as_deref() {
            None => None,
            Some("single") => Some(OptIn::Single),
            Some("confirmed") => Some(OptIn::Confirmed),
            Some(_) => return Err(Problem::field("opt_in", OPT_IN)),
        };
        if opt_in.is_some() && !state.is_yes() {
            return Err(Problem::senseless("opt_in", "goes with given alone"));
        }
        let at = fields.optional_text("decided_at", DECIDED_AT)?;
        let at = at.map(|at| at.parse::<Timestamp>()).transpose();
        let at = at.map_err(|_| Problem::field("decided_at", DECIDED_AT))?;
        if at.is_some_and(|at| at > self.now || at < EARLIEST) {
            return Err(Problem::senseless("decided_at", DECIDED_AT));
        }
        fields.finish()?;
        Ok(Told {
            medium,
            state,
            opt_in,
            at,
        })
    }

    fn is_known(person: &PersonRecord, told: &Told) -> bool {
        let all = person.nodes().iter().map(|node| &node.consents);
        let now = consent::standing(all, told.medium);
        told.at.is_none() && now.is_some_and(|now| now.state == told.state)
    }

    fn news(&self, told: &Told) -> ConsentNews {
        let stamp = Stamp {
            updated_at: None,
            triggered_at: Some(self.now),
            rank: 0,
            digest: 0,
        };
        ConsentNews {
            medium: told.medium,
            decision: Decision {
                at: Some(told.at.unwrap_or(self.now)),
                state: told.state,
                opt_in: told.opt_in,
                source: SOURCE.to_owned(),
                told_by: ToldBy::Decision,
                stamp,
            },
        }
    }

    async fn record(&self, node: &mut Node) -> Result<Committed, StoreError> {
        node.touch(self.now);
        let mut changes = Changes::new();
        changes.node_put(node)?;
        self.store.commit(changes).await
    }
}
