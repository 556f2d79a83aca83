//! What everyone was on a past date, as a run that looked at it found them.

use crm_domain::field;
use crm_domain::identity::NodeId;
use crm_domain::segment::assess;
use crm_store::{AsOfRow, PersonRecord, Store, StoreError};
use jiff::Timestamp;
use jiff::civil::Date;

use super::made_by::MadeBy;
use super::view::Live;
use crate::answer::Answer;
use crate::problem::{Problem, Trouble};
use crate::runs;

/// A date that a run has looked at, and what the run was made by.
pub(crate) struct Past {
    pub(crate) run: String,
    pub(crate) on: Date,
    pub(crate) made_by: MadeBy,
}

impl Past {
    /// The run that answers for a date, or a problem that says how to get one.
    pub(crate) async fn of(store: &Store, on: Date, now: Timestamp) -> Result<Self, Trouble> {
        let run = store.asof_run(on, now).await?;
        let run = run.ok_or_else(|| not_looked_at(on))?;
        Self::of_run(store, &run, on, now).await
    }

    /// A run that looked at a date, perhaps not the latest that did.
    pub(crate) async fn of_run(
        store: &Store,
        run: &str,
        on: Date,
        now: Timestamp,
    ) -> Result<Self, Trouble> {
        let record = store.run_fetch(run).await?;
        let record = record.filter(|record| runs::lasts(record, now));
        let record = record.ok_or_else(|| not_looked_at(on))?;
        Ok(Self {
            run: record.id.clone(),
            on,
            made_by: MadeBy::of_run(&record)?,
        })
    }

    /// What a customer was then, with the orders of then.
    pub(super) async fn assessment(
        &self,
        store: &Store,
        person: &PersonRecord,
    ) -> Result<Answer, Trouble> {
        let row = self.row(store, person).await?;
        let row = row.ok_or_else(|| Problem::not_found("customer on that date"))?;
        let rules = self.made_by.rules();
        // As joins and settings, what was said of it is today's.
        let source = field::acquisition_source(person.nodes(), rules.settings);
        let subject = row.subject().won_by(source.as_deref());
        let made = assess(&subject, &rules, self.on, None);
        let live = Live::of(person.id(), &subject, &made, &rules);
        Ok(Answer::ok(&live))
    }

    /// Their row: they may have been known by the id of any of their nodes.
    async fn row(
        &self,
        store: &Store,
        person: &PersonRecord,
    ) -> Result<Option<AsOfRow>, StoreError> {
        let nodes = person.nodes().iter().map(|node| &node.id);
        let ids: Vec<&NodeId> = std::iter::once(person.id()).chain(nodes).collect();
        for id in ids {
            let row = store.asof_row(&self.run, id).await?;
            if row.is_some() {
                return Ok(row);
            }
        }
        Ok(None)
    }
}

fn not_looked_at(on: Date) -> Problem {
    let limit = format!(
        r#"must be a date that was looked at: POST /v1/segments/refresh with {{"as_of": "{on}"}} first, and wait until it is done"#
    );
    Problem::missing("as_of", &limit)
}
