//! Warns about cases that wait too long, and says when they were let down.
//!
//! In: a tick each minute. Out: cases with their warning and breach stamped,
//! each at its own time however late the tick, from which the table's stream
//! carries on. A tick that is missed, repeated or late changes nothing but
//! when a stamp is written.

mod tick;

use crm_domain::case::Case;
use crm_lambda::{Failure, Metrics, SdkConfig, Unit, VariableError, Variables, with_causes};
use crm_store::{Changes, Committed, DuePlace, Store, StoreError};
use jiff::Timestamp;
use serde::Serialize;

pub use tick::{Tick, TickKind};

/// Cases read from the due index at once.
const PAGE: i32 = 100;
/// How often a case is tried that others keep changing.
const ATTEMPTS: u32 = 5;

/// The function with its clients.
#[derive(Debug)]
pub struct Function {
    store: Store,
}

/// What a tick did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Checked {
    /// Warnings stamped.
    pub warned: u32,
    /// Breaches stamped.
    pub breached: u32,
    /// Cases left for the next tick.
    pub failed: u32,
    /// Cases taken out of the due index, until a person looks.
    pub quarantined: u32,
}

/// What became of one case.
#[derive(Default)]
struct Stamped {
    warned: bool,
    breached: bool,
}

impl Function {
    /// Builds the function from its variables: `PEOPLE_TABLE` and
    /// `FACTS_TABLE`.
    ///
    /// # Errors
    ///
    /// [`VariableError`] naming the variable that is missing.
    pub fn new(sdk: &SdkConfig, variables: &Variables) -> Result<Self, VariableError> {
        let people = variables.required("PEOPLE_TABLE")?;
        let facts = variables.required("FACTS_TABLE")?;
        Ok(Self {
            store: Store::new(sdk, people, facts),
        })
    }

    /// Stamps everything due up to the tick's time, or up to `now` if the tick
    /// carries none.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the due index cannot be read. A single case that fails
    /// holds nobody back.
    pub async fn handle(
        &self,
        now: Timestamp,
        metrics: &mut Metrics,
        tick: Tick,
    ) -> Result<Checked, Failure> {
        let until = tick.time.unwrap_or(now);
        let mut checked = Checked::default();
        let mut place = Some(DuePlace::default());
        while let Some(from) = place {
            let page = self.store.cases_due(until, from, PAGE).await?;
            for id in &page.items {
                self.check(id, until, &mut checked).await;
            }
            place = page.next;
        }
        checked.count(metrics);
        Ok(checked)
    }

    async fn check(&self, id: &str, until: Timestamp, checked: &mut Checked) {
        match self.stamp(id, until).await {
            Ok(stamped) => {
                checked.warned += u32::from(stamped.warned);
                checked.breached += u32::from(stamped.breached);
            }
            Err(error @ StoreError::Malformed { .. }) => self.quarantine(id, &error, checked).await,
            // Not its own fault: every case would fail so.
            Err(error) => {
                let error = with_causes(&error);
                tracing::warn!(case.id = id, error, "left case {id} for the next tick");
                checked.failed += 1;
            }
        }
    }

    /// Stamps a case over the version it was read at; a lost race is read again.
    async fn stamp(&self, id: &str, until: Timestamp) -> Result<Stamped, StoreError> {
        for _ in 0..ATTEMPTS {
            let Some(before) = self.store.case_fetch(id).await? else {
                return Ok(Stamped::default());
            };
            let mut after = before.clone();
            after.first_response.advance(until);
            if after == before {
                return Ok(Stamped::default());
            }
            let mut changes = Changes::new();
            changes.case_put(&after)?;
            if self.store.commit(changes).await? == Committed::Done {
                return Ok(Stamped::between(&before, &after));
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS })
    }

    /// A case that no attempt will ever get through leaves the due index, so
    /// that it is not read again each minute for ever.
    async fn quarantine(&self, id: &str, error: &StoreError, checked: &mut Checked) {
        let error = with_causes(error);
        tracing::error!(case.id = id, error, "cannot check case {id}: quarantined");
        if let Err(error) = self.store.case_quarantine(id).await {
            let error = with_causes(&error);
            tracing::error!(case.id = id, error, "cannot quarantine case {id}");
            checked.failed += 1;
            return;
        }
        checked.quarantined += 1;
    }
}

impl Stamped {
    fn between(before: &Case, after: &Case) -> Self {
        let (before, after) = (before.first_response, after.first_response);
        Self {
            warned: before.warned_at != after.warned_at,
            breached: before.breached_at != after.breached_at,
        }
    }
}

impl Checked {
    fn count(self, metrics: &mut Metrics) {
        for (name, count) in [
            ("cases_warned", self.warned),
            ("cases_breached", self.breached),
            ("cases_failed", self.failed),
            ("cases_quarantined", self.quarantined),
        ] {
            metrics.add(name, Unit::Count, f64::from(count));
        }
    }
}
