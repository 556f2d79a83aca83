//! Whoever has come due: a customer becomes At-Risk on the day, without a
//! scan of the others.

use std::collections::BTreeSet;

use crm_domain::identity::NodeId;
use crm_domain::settings::Settings;
use crm_lambda::{Failure, Metrics, Unit};
use crm_store::{Consistency, PersonRecord, StoreError};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::Function;
use crate::evaluate::Assessed;

/// Persons taken from each shard of the index at a time.
const PAGE: i32 = 100;

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
                match self.assess_due(&settings, &id, today).await {
                    Ok(Assessed::Written) => metrics.add("customers_assessed", Unit::Count, 1.0),
                    Ok(Assessed::Superseded) => {}
                    Err(error) => failed.push(error),
                }
            }
        }
        let count = failed.len();
        match failed.into_iter().next() {
            Some(first) => Err(Unassessed { count, first }.into()),
            None => Ok(()),
        }
    }

    async fn assess_due(
        &self,
        settings: &Settings,
        id: &NodeId,
        today: Date,
    ) -> Result<Assessed, StoreError> {
        match self.store.person_fetch(id, Consistency::Strong).await? {
            Some(PersonRecord::Single(node)) => self.assess_single(settings, *node, today).await,
            Some(PersonRecord::Joined(_, nodes)) => match nodes.into_iter().next() {
                Some(node) => self.assess_joined(settings, node, Some(today)).await,
                None => Ok(Assessed::Superseded),
            },
            None => Ok(Assessed::Superseded),
        }
    }
}
