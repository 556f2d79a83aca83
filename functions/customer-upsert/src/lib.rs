//! Turns accepted deliveries into customers with up-to-date totals.
//!
//! In: the ingest queue, one [`Delivery`] a message, and the queue of steps by
//! which privacy requests are carried out. Out: one transaction of guarded
//! writes a delivery, from which the tables' streams carry on.

mod customers;
mod news;
mod orders;
mod partings;
mod privacy;
mod products;
mod returned;
mod tombs;
mod work;

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use crm_domain::fact::Fact;
use crm_domain::money::Currency;
use crm_domain::order::{CannotCount, OrderChange};
use crm_domain::settings::Settings;
use crm_lambda::{
    Failure, Metrics, Random, SdkConfig, SecretError, Unit, VariableError, Variables,
};
use crm_sources::{Delivery, Unreadable};
use crm_store::{Committed, Consistency, PrivacyMessage, Store, StoreError};
use jiff::Timestamp;

use crate::privacy::Queues;
use crate::tombs::Tombs;
use crate::work::{Means, Work};

/// How often a delivery is tried when others change the same customer.
const ATTEMPTS: u32 = 6;

/// Why a delivery was left in the queue.
#[derive(Debug, thiserror::Error)]
enum UpsertError {
    #[error("cannot read the delivery")]
    Unreadable(#[from] Unreadable),
    #[error("cannot count the order")]
    CannotCount(#[from] CannotCount),
    #[error("cannot record the delivery")]
    Store(#[from] StoreError),
    /// What was read does not fit together: somebody is changing it.
    #[error("the customer is being joined with another")]
    Torn,
    /// Whether somebody was forgotten cannot be told without it.
    #[error("the key of the tombstones cannot be had")]
    Key(#[from] SecretError),
    #[error("a queue cannot be used")]
    Queue(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What became of a delivery.
enum Outcome {
    Recorded,
    /// Everything it says was known already.
    Unchanged,
    NotFollowed,
    /// A privacy request that somebody has to decide on.
    Waiting,
}

/// The function with its clients.
#[derive(Debug)]
pub struct Function {
    store: Store,
    random: Random,
    // Boxed: each holds what a client is made from.
    tombs: Box<Tombs>,
    queues: Box<Queues>,
    /// Shops already told to the store by this process.
    shops: Mutex<BTreeSet<(String, String)>>,
}

impl Function {
    /// Builds the function from its variables: `PEOPLE_TABLE`, `FACTS_TABLE`,
    /// `TOMBSTONE_KEY_ID`, `PRIVACY_QUEUE_URL`, `INGEST_QUEUE_URL`, the three queues of letters
    /// that were given up (`INGEST_DEAD_LETTERS_URL`, `RECOMPUTE_PARKED_URL`,
    /// `RELAY_PARKED_URL`) and, for repeatable ids in tests, `RANDOM_SEED`.
    ///
    /// # Errors
    ///
    /// [`VariableError`] naming the variable that is missing.
    pub fn new(sdk: &SdkConfig, variables: &Variables) -> Result<Self, VariableError> {
        let people = variables.required("PEOPLE_TABLE")?;
        let facts = variables.required("FACTS_TABLE")?;
        let seed = variables
            .optional("RANDOM_SEED")
            .and_then(|seed| seed.parse().ok());
        Ok(Self {
            store: Store::new(sdk, people, facts),
            random: seed.map_or_else(Random::from_os, Random::seeded),
            tombs: Box::new(Tombs::new(sdk, variables.required("TOMBSTONE_KEY_ID")?)),
            queues: Box::new(Queues::new(sdk, variables)?),
            shops: Mutex::default(),
        })
    }

    /// Handles one batch; the response names the messages to deliver again.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the settings cannot be read: the whole batch waits.
    pub async fn handle(
        &self,
        now: Timestamp,
        metrics: &mut Metrics,
        event: SqsEvent,
    ) -> Result<SqsBatchResponse, Failure> {
        let source = event.records.first();
        let source = source.and_then(|record| record.event_source_arn.as_deref());
        if source.is_some_and(|source| self.queues.is_of_steps(source)) {
            return Ok(self.steps(metrics, event, now).await);
        }
        let mut settings = self.store.settings_fetch().await?;
        let response = crm_lambda::each_message(event, async |delivery: Delivery| {
            let outcome = self.upsert(&mut settings, &delivery, now).await?;
            metrics.add(outcome.metric(), Unit::Count, 1.0);
            Ok::<_, UpsertError>(())
        })
        .await;
        Ok(response)
    }

    async fn steps(
        &self,
        metrics: &mut Metrics,
        event: SqsEvent,
        now: Timestamp,
    ) -> SqsBatchResponse {
        crm_lambda::each_message(event, async |message: PrivacyMessage| {
            // Boxed: a step's state would be most of every invocation's.
            let outcome = Box::pin(self.step(message, now)).await?;
            metrics.add("privacy_steps_done", Unit::Count, 1.0);
            if let Outcome::Waiting = outcome {
                metrics.add(outcome.metric(), Unit::Count, 1.0);
            }
            Ok::<_, UpsertError>(())
        })
        .await
    }

    async fn upsert(
        &self,
        settings: &mut Settings,
        delivery: &Delivery,
        now: Timestamp,
    ) -> Result<Outcome, UpsertError> {
        let Some(fact) = crm_sources::read(delivery)? else {
            return Ok(Outcome::NotFollowed);
        };
        if let Some(news) = privacy::news(&fact) {
            return Box::pin(self.privacy_news(news, delivery.received_at, now)).await;
        }
        self.know_shop(delivery).await?;
        if let Fact::Product {
            id,
            stamp,
            category,
        } = &fact
        {
            let (category, at) = (category.as_deref(), delivery.received_at);
            return Box::pin(self.product_news(id, *stamp, category, settings, at)).await;
        }
        if settings.reporting_currency.is_none() {
            // Another batch may have set it since these settings were read.
            *settings = match currency_of(&fact) {
                Some(currency) => self.adopt_currency(currency, delivery.received_at).await?,
                None => self.store.settings_read(Consistency::Strong).await?,
            };
        }
        for attempt in 0..ATTEMPTS {
            let how = if attempt == 0 {
                Consistency::Eventual
            } else {
                pause(attempt).await;
                Consistency::Strong
            };
            let means = Means {
                store: &self.store,
                random: &self.random,
                tombs: &self.tombs,
                clock: now,
            };
            let mut work = Work::new(means, settings, how, delivery.received_at);
            match work.take(&fact).await {
                Err(UpsertError::Torn) => continue,
                taken => taken?,
            }
            let changes = work.into_changes()?;
            if changes.is_empty() {
                return Ok(Outcome::Unchanged);
            }
            if self.store.commit(changes).await? == Committed::Done {
                return Ok(Outcome::Recorded);
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }

    async fn know_shop(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let shop = (delivery.source.clone(), delivery.shop.clone());
        let known = |shop: &_| {
            let shops = self.shops.lock().unwrap_or_else(PoisonError::into_inner);
            shops.contains(shop)
        };
        if !known(&shop) {
            self.store.shop_register(&shop.0, &shop.1).await?;
            let mut shops = self.shops.lock().unwrap_or_else(PoisonError::into_inner);
            shops.insert(shop);
        }
        Ok(())
    }

    /// Forgets that a shop was told: should it come back, it is told again.
    fn shop_is_gone(&self, source: &str, shop: &str) {
        let mut shops = self.shops.lock().unwrap_or_else(PoisonError::into_inner);
        shops.remove(&(source.to_owned(), shop.to_owned()));
    }

    /// The first shop's currency becomes the store's, unless somebody set one
    /// at the same moment.
    async fn adopt_currency(
        &self,
        currency: Currency,
        at: Timestamp,
    ) -> Result<Settings, StoreError> {
        for _ in 0..ATTEMPTS {
            let old = self.store.settings_read(Consistency::Strong).await?;
            if old.reporting_currency.is_some() {
                return Ok(old);
            }
            let mut new = old.clone();
            new.reporting_currency = Some(currency);
            let by = "the first order";
            if self.store.settings_replace(&old, &new, by, at).await? == Committed::Done {
                new.version = old.version + 1;
                return Ok(new);
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS })
    }
}

impl Outcome {
    fn metric(&self) -> &'static str {
        match self {
            Self::Recorded => "deliveries_recorded",
            Self::Unchanged => "deliveries_unchanged",
            Self::NotFollowed => "deliveries_not_followed",
            Self::Waiting => "privacy_requests_waiting",
        }
    }
}

/// The currency in which a fact counts; an order that does not count, such as
/// a test, decides nothing.
fn currency_of(fact: &Fact) -> Option<Currency> {
    match fact {
        Fact::Order {
            change: OrderChange::Body(snapshot),
            ..
        } if snapshot.body.counts() => Some(snapshot.body.currency),
        Fact::LooseReturn { currency, .. } => Some(*currency),
        _ => None,
    }
}

/// Waits a little, longer and more at random each time: whoever lost a race
/// should not meet the same rival again.
async fn pause(attempt: u32) {
    let most = 5_u64 << attempt.min(6);
    tokio::time::sleep(Duration::from_millis(fastrand::u64(0..=most))).await;
}
