//! Whoever has come due: a customer becomes At-Risk on the day, without a
//! scan of the others.

use crm_domain::chronicle::Trigger;
use crm_domain::identity::NodeId;
use crm_domain::segment::Rules;
use crm_lambda::{Failure, Metrics, with_causes};
use crm_store::{Consistency, DuePlace, StoreError};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::Function;

/// Persons taken from the index at a time.
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
    /// Assesses everyone whose next change has come by the tick, and begins a
    /// run over all when the settings have changed.
    ///
    /// The index is gone through once, page by page: whoever cannot be
    /// assessed stays in it for the next tick and holds nobody back.
    pub(crate) async fn due(&self, metrics: &mut Metrics, tick: Timestamp) -> Result<(), Failure> {
        let laws = self.store.laws_read(Consistency::Eventual).await?;
        let (settings, cutoffs, named) = laws;
        let rules = Rules {
            settings: &settings,
            cutoffs: &cutoffs,
            named: &named,
        };
        let today = settings.date_of(tick);
        let mut failed = Vec::new();
        let mut place = Some(DuePlace::default());
        while let Some(from) = place {
            let page = self.store.persons_due(today, from, PAGE).await?;
            for id in &page.items {
                if let Err(error) = self.assess_due(metrics, &rules, id, today).await {
                    failed.push(error);
                }
            }
            place = page.next;
        }
        if self.store.assessed_settings().await? < settings.version {
            self.pass_settings(settings.version, today, tick).await?;
        }
        self.pass_named(named.version, today, tick).await?;
        let count = failed.len();
        match failed.into_iter().next() {
            Some(first) => Err(Unassessed { count, first }.into()),
            None => Ok(()),
        }
    }

    async fn assess_due(
        &self,
        metrics: &mut Metrics,
        rules: &Rules<'_>,
        id: &NodeId,
        today: Date,
    ) -> Result<(), StoreError> {
        match self.assess_lately(rules, id, today, Trigger::Time).await {
            Ok(assessed) => {
                crate::tell(metrics, assessed);
                Ok(())
            }
            Err(error) => {
                let reason = with_causes(&error);
                tracing::warn!(customer.id = %id, error = reason, "customer {id} is left for the next tick");
                Err(error)
            }
        }
    }
}
