//! An order in a letter that was given up, kept without its buyer.

use crm_domain::fact::{Buyer, Fact};
use crm_domain::identity::ExternalId;
use crm_domain::order::OrderChange;
use crm_sources::{Delivery, restated};
use crm_store::{Changes, Committed, Consistency, StoreError};
use jiff::Timestamp;

use crate::work::{Means, Work};
use crate::{ATTEMPTS, Function, UpsertError};

/// News of an order, and the delivery that told it.
pub(super) struct Told<'a> {
    pub(super) delivery: &'a Delivery,
    pub(super) order: ExternalId,
    pub(super) change: OrderChange,
    pub(super) buyer: Option<Buyer>,
}

impl Function {
    /// Records an order as any delivery would: whoever was forgotten is known
    /// again by then. One that still cannot be counted is recorded all the
    /// same, so that it is known whose it is, and told anew without its buyer:
    /// that letter waits for the rate instead.
    pub(super) async fn restate(&self, told: Told<'_>, now: Timestamp) -> Result<(), UpsertError> {
        let settings = self.store.settings_read(Consistency::Strong).await?;
        let fact = Fact::Order {
            order: told.order.clone(),
            change: told.change.clone(),
            buyer: told.buyer.clone(),
        };
        for _ in 0..ATTEMPTS {
            let means = Means {
                store: &self.store,
                random: &self.random,
                tombs: &self.tombs,
                clock: now,
            };
            let at = told.delivery.received_at;
            let mut work = Work::new(means, &settings, Consistency::Strong, at);
            let waits = match work.take(&fact).await {
                Ok(()) => false,
                Err(UpsertError::CannotCount(_)) => true,
                Err(UpsertError::Torn) => continue,
                Err(error) => return Err(error),
            };
            // What is known and counted already stays as it is until the rate
            // is there.
            let known = work.order(&told.order).version > 0;
            let changes = if waits && known {
                Changes::new()
            } else {
                work.into_changes()?
            };
            if self.store.commit(changes).await? == Committed::Conflict {
                continue;
            }
            if waits {
                let letter = restated::of(told.delivery, &told.order, &told.change);
                self.queues.deliver_again(&letter).await?;
            }
            return Ok(());
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }
}
