//! Walks over everyone that somebody asked for: a refresh, a look into the
//! past, a comparison of settings.
//!
//! A run is recorded here and set off by one message; segment-recompute does
//! the work. Asking again while it is under way finds it.

pub(crate) mod contract;
mod queue;
mod view;

use crm_domain::settings::Settings;
use crm_lambda::Random;
use crm_store::{Changes, Committed, RunKind, RunRecord, Store, StoreError};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::answer::Answer;
use crate::fields::Fields;
use crate::once::{OnceKey, digest};
use crate::problem::{Problem, Trouble};
use crate::request::{self, Request};
use crate::settings;
pub(crate) use queue::Passes;
use view::RunView;

/// How often a run is tried to be recorded when others ask for the same.
const ATTEMPTS: u32 = 5;
/// After so long without an end a run is given up, and the next one begins.
const GIVEN_UP: SignedDuration = SignedDuration::from_hours(6);

/// `GET /v1/segments/refresh/{id}`: any run, whatever it is for.
pub(crate) async fn fetch(
    store: &Store,
    request: Request<'_>,
    id: &str,
    now: Timestamp,
) -> Result<Answer, Trouble> {
    request.only_parameters(&[])?;
    let run = store.run_fetch(id).await?;
    let run = run.filter(|run| lasts(run, now));
    let run = run.ok_or_else(|| Problem::not_found("run"))?;
    Ok(Answer::ok(&RunView::of(&run)))
}

/// Whether a run is still kept: the table deletes what is over within days,
/// not at once.
pub(crate) fn lasts(run: &RunRecord, now: Timestamp) -> bool {
    i64::try_from(run.expires_at).is_ok_and(|second| second > now.as_second())
}

/// A request for a run, and what it needs.
pub(crate) struct Asking<'a> {
    pub(crate) store: &'a Store,
    pub(crate) random: &'a Random,
    pub(crate) passes: &'a Passes,
    pub(crate) now: Timestamp,
}

/// What is asked for.
pub(crate) struct Wish {
    pub(crate) kind: RunKind,
    pub(crate) on: Date,
    /// Proposed settings, as JSON.
    pub(crate) settings: Option<String>,
    /// Who asks: the subject of the caller's token.
    pub(crate) by: String,
    /// The same for all who ask for the same.
    pub(crate) name: String,
    /// A proposed named segment, as JSON.
    pub(crate) proposal: Option<String>,
}

impl Asking<'_> {
    /// `POST /v1/segments/refresh`: everyone anew; with `as_of`, what everyone
    /// was on a date, apart from what they are.
    pub(crate) async fn refresh(&self, request: Request<'_>) -> Result<Answer, Trouble> {
        request.only_parameters(&[])?;
        let mut fields = Fields::new(request.optional_body()?);
        let as_of = fields.optional_text("as_of", request::DATE)?;
        fields.finish()?;
        let today = self.store.settings_fetch().await?.date_of(self.now);
        let wish = match as_of {
            None => Wish {
                kind: RunKind::Refresh,
                on: today,
                settings: None,
                by: request.caller().to_owned(),
                name: "refresh".to_owned(),
                proposal: None,
            },
            Some(text) => as_of_wish(&text, today, request.caller())?,
        };
        self.ask(request, &wish).await
    }

    /// `POST /v1/settings/diff`: who would enter and leave each segment and
    /// group if these were the settings. Nothing is changed.
    pub(crate) async fn compare(&self, request: Request<'_>) -> Result<Answer, Trouble> {
        let (old, new) = settings::proposed(self.store, request, self.now).await?;
        let document = document(&Settings {
            version: old.version,
            ..new
        })?;
        let wish = Wish {
            kind: RunKind::Diff,
            on: old.date_of(self.now),
            by: request.caller().to_owned(),
            name: format!("diff#{}", digest([document.clone()])),
            settings: Some(document),
            proposal: None,
        };
        self.ask(request, &wish).await
    }

    /// `POST /v1/duplicates/search`: everyone compared with everyone who has
    /// something in common. Nobody is joined.
    pub(crate) async fn search(&self, request: Request<'_>) -> Result<Answer, Trouble> {
        request.only_parameters(&[])?;
        Fields::new(request.optional_body()?).finish()?;
        let wish = Wish {
            kind: RunKind::Duplicates,
            on: self.store.settings_fetch().await?.date_of(self.now),
            settings: None,
            by: request.caller().to_owned(),
            name: "duplicates".to_owned(),
            proposal: None,
        };
        self.ask(request, &wish).await
    }

    /// The run that does what is asked for: a new one, or one that is under
    /// way for the same.
    pub(crate) async fn ask(&self, request: Request<'_>, wish: &Wish) -> Result<Answer, Trouble> {
        let key = OnceKey::of(request, "run")?;
        for _ in 0..ATTEMPTS {
            if let Some(run) = self.known(key.as_ref(), wish).await? {
                // Whoever recorded it may have died before saying so.
                if !run.started && !run.is_over() {
                    self.passes.start(&run.id).await?;
                }
                return Ok(accepted(&run));
            }
            if let Some(run) = self.record(key.as_ref(), wish).await? {
                self.passes.start(&run.id).await?;
                return Ok(accepted(&run));
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }

    /// The run that this request made before, or that is under way for
    /// another one like it.
    async fn known(
        &self,
        key: Option<&OnceKey>,
        wish: &Wish,
    ) -> Result<Option<RunRecord>, Trouble> {
        if let Some(key) = key
            && let Some(made) = key.made(self.store, &wish.name, self.now).await?
        {
            return Ok(self.store.run_fetch(&made).await?);
        }
        let asked = self.store.requested_fetch(&wish.name).await?;
        let Some(id) = asked.run else {
            return Ok(None);
        };
        let run = self.store.run_fetch(&id).await?;
        Ok(run.filter(|run| self.is_under_way(run)))
    }

    fn is_under_way(&self, run: &RunRecord) -> bool {
        let age = self.now.duration_since(run.requested_at);
        !run.is_over() && age < GIVEN_UP
    }

    /// Writes a new run; none when somebody else was faster.
    async fn record(
        &self,
        key: Option<&OnceKey>,
        wish: &Wish,
    ) -> Result<Option<RunRecord>, StoreError> {
        let before = self.store.requested_fetch(&wish.name).await?;
        let id = self.random.id();
        let mut run = RunRecord::new(&id, wish.kind, wish.on, &wish.by, self.now);
        run.settings.clone_from(&wish.settings);
        run.proposal.clone_from(&wish.proposal);
        let mut changes = Changes::new();
        changes.run_put(&run)?;
        changes.requested_put(&wish.name, &before, &run)?;
        if let Some(key) = key {
            key.remember(&mut changes, &wish.name, &run.id, self.now)?;
        }
        if self.store.commit(changes).await? == Committed::Conflict {
            return Ok(None);
        }
        tracing::info!(run.id = %run.id, "recorded run {}", run.id);
        Ok(Some(run))
    }
}

fn as_of_wish(text: &str, today: Date, by: &str) -> Result<Wish, Problem> {
    let on = request::date(text).ok_or_else(|| Problem::field("as_of", request::DATE))?;
    if on > today {
        return Err(Problem::senseless(
            "as_of",
            "must be a date not after today",
        ));
    }
    Ok(Wish {
        kind: RunKind::AsOf,
        on,
        settings: None,
        by: by.to_owned(),
        name: format!("as_of#{on}"),
        proposal: None,
    })
}

fn document(settings: &Settings) -> Result<String, StoreError> {
    serde_json::to_string(settings).map_err(|_| StoreError::Malformed { item: "settings" })
}

fn accepted(run: &RunRecord) -> Answer {
    let location = format!("/v1/segments/refresh/{}", run.id);
    Answer::accepted(&RunView::of(run), location)
}
