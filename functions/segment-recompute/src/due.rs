//! Whoever has come due: a customer becomes At-Risk on the day, without a
//! scan of the others.

use std::collections::BTreeSet;

use crm_domain::chronicle::Trigger;
use crm_domain::identity::NodeId;
use crm_domain::population::Cutoffs;
use crm_domain::segment::{Rules, Segment};
use crm_lambda::{Failure, Metrics, Unit};
use crm_store::{Consistency, PersonRecord, StoreError};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::Function;
use crate::evaluate::Assessed;

/// Persons taken from each shard of the index at a time.
const PAGE: i32 = 100;
/// Persons taken from a segment at a time.
const WALK: usize = 100;

/// Some of those who are due could not be assessed.
#[derive(Debug, thiserror::Error)]
#[error("{count} customers who are due could not be assessed; the next tick tries again")]
struct Unassessed {
    count: usize,
    #[source]
    first: StoreError,
}

impl Function {
    /// Assesses everyone whose next change has come by the tick, until the
    /// index shows nobody new.
    pub(crate) async fn due(&self, metrics: &mut Metrics, tick: Timestamp) -> Result<(), Failure> {
        let settings = self.store.settings_fetch().await?;
        let cutoffs = Cutoffs::default();
        let rules = Rules {
            settings: &settings,
            cutoffs: &cutoffs,
        };
        let today = settings.date_of(tick);
        let mut seen = BTreeSet::new();
        let mut failed = Vec::new();
        loop {
            let found = self.store.persons_due(today, PAGE).await?;
            let new: Vec<_> = found
                .into_iter()
                .filter(|id| seen.insert(id.clone()))
                .collect();
            if new.is_empty() {
                break;
            }
            for id in new.iter().filter_map(|id| NodeId::parse(id).ok()) {
                let outcome = self.assess_due(&rules, &id, today, Trigger::Time).await;
                tell(metrics, &mut failed, outcome);
            }
        }
        self.follow_settings(metrics, &rules, today, &mut failed)
            .await?;
        let count = failed.len();
        match failed.into_iter().next() {
            Some(first) => Err(Unassessed { count, first }.into()),
            None => Ok(()),
        }
    }

    /// Assesses everyone by settings that are newer than those everyone was
    /// assessed by last; a walk that fails begins again at the next tick.
    async fn follow_settings(
        &self,
        metrics: &mut Metrics,
        rules: &Rules<'_>,
        today: Date,
        failed: &mut Vec<StoreError>,
    ) -> Result<(), StoreError> {
        let settings = rules.settings;
        let known = self.store.assessed_settings().await?;
        if known >= settings.version || !failed.is_empty() {
            return Ok(());
        }
        for segment in Segment::ALL {
            let mut place = None;
            loop {
                let page = self.store.segment_list(segment, place, WALK).await?;
                for id in &page.items {
                    let outcome = self.assess_due(rules, id, today, Trigger::Settings).await;
                    tell(metrics, failed, outcome);
                }
                place = page.next;
                if place.is_none() {
                    break;
                }
            }
        }
        if failed.is_empty() {
            // Somebody who was faster has noted the same.
            self.store
                .assessed_settings_put(known, settings.version)
                .await?;
        }
        Ok(())
    }

    async fn assess_due(
        &self,
        rules: &Rules<'_>,
        id: &NodeId,
        today: Date,
        trigger: Trigger,
    ) -> Result<Assessed, StoreError> {
        match self.store.person_fetch(id, Consistency::Strong).await? {
            Some(PersonRecord::Single(node)) => {
                self.assess_single(rules, *node, today, trigger).await
            }
            Some(PersonRecord::Joined(_, nodes)) => match nodes.into_iter().next() {
                Some(node) => self.assess_joined(rules, node, Some(today), trigger).await,
                None => Ok(Assessed::Superseded),
            },
            None => Ok(Assessed::Superseded),
        }
    }
}

/// Counts an assessment, or keeps why it was not made.
fn tell(
    metrics: &mut Metrics,
    failed: &mut Vec<StoreError>,
    outcome: Result<Assessed, StoreError>,
) {
    match outcome {
        Ok(Assessed::Written) => metrics.add("customers_assessed", Unit::Count, 1.0),
        Ok(Assessed::Superseded) => {}
        Err(error) => failed.push(error),
    }
}
