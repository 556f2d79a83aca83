//! Named segments: lists of customers under a name, kept current by the same
//! passes as the rest.
//!
//! All definitions are one document. A change of it and the run that brings it
//! to everyone are recorded in one transaction; then the run is set off.

mod asked;
mod by_hand;
pub(crate) mod contract;
mod members;
mod preview;
mod view;

use crm_domain::condition::VERSION;
use crm_domain::named::{CannotKeep, NamedSegment, NamedSegments, SegmentId};
use crm_lambda::Random;
use crm_store::{Changes, Committed, Consistency, RunKind, RunRecord, Store, StoreError};
use jiff::Timestamp;

use crate::answer::Answer;
use crate::etag;
use crate::once::{OnceKey, digest};
use crate::problem::{Problem, Trouble};
use crate::request::Request;
use crate::runs::Passes;
use asked::Asked;
use view::{List, SegmentView};

/// How often a change is tried over those of others.
const ATTEMPTS: u32 = 8;

/// What requests about named segments need.
pub(crate) struct Naming<'a> {
    pub(crate) store: &'a Store,
    pub(crate) random: &'a Random,
    pub(crate) passes: &'a Passes,
    pub(crate) now: Timestamp,
}

impl Naming<'_> {
    /// `GET /v1/named-segments`.
    pub(crate) async fn list(&self, request: Request<'_>) -> Result<Answer, Trouble> {
        request.only_parameters(&[])?;
        let named = self.store.named_read(Consistency::Strong).await?;
        Ok(Answer::ok(&List::of(&named)))
    }

    /// `GET /v1/named-segments/{id}`, with how many are in it.
    pub(crate) async fn fetch(&self, request: Request<'_>, id: &str) -> Result<Answer, Trouble> {
        request.only_parameters(&[])?;
        let (_, segment) = self.needed(id).await?;
        let members = self.store.members_count(&segment.id).await?;
        let view = SegmentView::of(&segment).with_members(members);
        Ok(Answer::ok(&view).with("etag", tag(&segment)))
    }

    /// `POST /v1/named-segments`.
    pub(crate) async fn create(&self, request: Request<'_>) -> Result<Answer, Trouble> {
        request.only_parameters(&[])?;
        let key = OnceKey::of(request, "named-segment")?;
        let asked = Asked::read(request.body()?)?;
        let sent = digest([asked.name.clone(), asked.condition.print().to_string()]);
        for _ in 0..ATTEMPTS {
            let named = self.store.named_read(Consistency::Strong).await?;
            if let Some(known) = self.made_before(key.as_ref(), &sent, &named).await? {
                // Whoever made it may have died before setting the run off.
                self.set_off(&named).await?;
                return Ok(created(&known));
            }
            let id = SegmentId::parse(&self.random.id()).expect("random ids are ids");
            let segment = NamedSegment {
                id,
                version: 1,
                name: asked.name.clone(),
                shape: VERSION,
                condition: asked.condition.clone(),
                created_at: self.now,
                created_by: request.caller().to_owned(),
                changed_at: self.now,
                changed_by: request.caller().to_owned(),
            };
            let next = named.with(segment.clone()).map_err(|why| refused(&why))?;
            let once = key.as_ref().map(|key| (key, sent.as_str()));
            if self
                .keep(&next, request, once.map(|once| (once, segment.id.as_str())))
                .await?
            {
                return Ok(created(&segment));
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }

    /// `PUT /v1/named-segments/{id}`: another name, another condition.
    pub(crate) async fn replace(&self, request: Request<'_>, id: &str) -> Result<Answer, Trouble> {
        request.only_parameters(&[])?;
        let asked = Asked::read(request.body()?)?;
        for _ in 0..ATTEMPTS {
            let (named, known) = self.needed(id).await?;
            if known.name == asked.name && known.condition == asked.condition {
                return Ok(shown(&known));
            }
            etag::guard(request, &tag(&known))?;
            let segment = NamedSegment {
                version: known.version + 1,
                name: asked.name.clone(),
                shape: VERSION,
                condition: asked.condition.clone(),
                changed_at: self.now,
                changed_by: request.caller().to_owned(),
                ..known
            };
            let next = named.with(segment.clone()).map_err(|why| refused(&why))?;
            if self.keep(&next, request, None).await? {
                return Ok(shown(&segment));
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }

    /// `DELETE /v1/named-segments/{id}`: answers the segment as it was.
    pub(crate) async fn delete(&self, request: Request<'_>, id: &str) -> Result<Answer, Trouble> {
        request.only_parameters(&[])?;
        for _ in 0..ATTEMPTS {
            let (named, known) = self.needed(id).await?;
            etag::guard(request, &tag(&known))?;
            if self.keep(&named.without(&known.id), request, None).await? {
                self.store.placed_clear(&known.id).await?;
                return Ok(Answer::ok(&SegmentView::of(&known)));
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }

    /// The segment of an id, and the list it is in.
    async fn needed(&self, id: &str) -> Result<(NamedSegments, NamedSegment), Trouble> {
        let named = self.store.named_read(Consistency::Strong).await?;
        let id = SegmentId::parse(id).ok();
        let segment = id.and_then(|id| named.get(&id).cloned());
        let segment = segment.ok_or_else(|| Problem::not_found("named segment"))?;
        Ok((named, segment))
    }

    /// The segment that this request made when it came before.
    async fn made_before(
        &self,
        key: Option<&OnceKey>,
        sent: &str,
        named: &NamedSegments,
    ) -> Result<Option<NamedSegment>, Trouble> {
        let Some(key) = key else {
            return Ok(None);
        };
        let Some(made) = key.made(self.store, sent, self.now).await? else {
            return Ok(None);
        };
        let id = SegmentId::parse(&made).map_err(|_| StoreError::Malformed { item: "receipt" })?;
        let segment = named.get(&id).cloned();
        let gone = "made a named segment that was given up since";
        Ok(Some(segment.ok_or_else(|| {
            Problem::conflict("Idempotency-Key", gone)
        })?))
    }

    /// Writes the list with the run that brings it to everyone, and sets that
    /// off; whether nobody was faster.
    async fn keep(
        &self,
        next: &NamedSegments,
        request: Request<'_>,
        once: Option<((&OnceKey, &str), &str)>,
    ) -> Result<bool, Trouble> {
        let on = self.store.settings_fetch().await?.date_of(self.now);
        let id = RunRecord::of_named_segments(next.version);
        let run = RunRecord::new(&id, RunKind::NamedSegments, on, request.caller(), self.now);
        let mut changes = Changes::new();
        changes.named_put(next)?;
        changes.run_put(&run)?;
        if let Some(((key, sent), made)) = once {
            key.remember(&mut changes, sent, made, self.now)?;
        }
        if self.store.commit(changes).await? == Committed::Conflict {
            return Ok(false);
        }
        let version = next.version;
        tracing::info!(
            named.version = version,
            "changed the named segments, version {version}"
        );
        self.passes.start(&run.id).await?;
        Ok(true)
    }

    async fn set_off(&self, named: &NamedSegments) -> Result<(), Trouble> {
        let id = RunRecord::of_named_segments(named.version);
        let run = self.store.run_fetch(&id).await?;
        if run.is_some_and(|run| !run.started && !run.is_over()) {
            self.passes.start(&id).await?;
        }
        Ok(())
    }
}

fn refused(why: &CannotKeep) -> Problem {
    let told = why.to_string();
    match why {
        CannotKeep::TooMany => Problem::conflict("named-segments", &told),
        CannotKeep::NameTaken => Problem::conflict("name", "must be one that no other has"),
        CannotKeep::Name => Problem::senseless("name", &told),
        CannotKeep::TooLong | CannotKeep::SearchOnly => Problem::senseless("condition", &told),
    }
}

fn tag(segment: &NamedSegment) -> String {
    etag::of_version(segment.version)
}

fn shown(segment: &NamedSegment) -> Answer {
    Answer::ok(&SegmentView::of(segment)).with("etag", tag(segment))
}

fn created(segment: &NamedSegment) -> Answer {
    let place = format!("/v1/named-segments/{}", segment.id);
    Answer::created(&SegmentView::of(segment), place).with("etag", tag(segment))
}
