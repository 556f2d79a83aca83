//! Carries out what people ask about themselves (DOMAIN section 11).
//!
//! A request is recorded with its delivery, and carried out step by step
//! through a queue: somebody may have forty thousand orders, a shop a million
//! customers. Every step may come twice.

mod forget;
mod letters;
mod named;
mod restate;
mod shop;
mod step;
mod words;

use std::collections::BTreeSet;

use crm_domain::fact::Fact;
use crm_domain::identity::{ExternalId, NodeId};
use crm_domain::privacy::{Doubt, Kind, Leads, PrivacyNews, Request, State, meant};
use crm_lambda::{OnFirstUse, SdkConfig, VariableError, Variables};
use crm_sources::Delivery;
use crm_store::{
    Changes, Claim, Committed, Consistency, FactKind, PrivacyMessage, StoreError, Summary, Wanted,
};
use jiff::Timestamp;

use crate::{ATTEMPTS, Function, Outcome, UpsertError};

/// How long a message may be hidden at first: as long as five tries of a
/// delivery take.
const LATER_SECONDS: i32 = 900;

/// The queues that carrying a request out has to do with.
#[derive(Debug)]
pub(crate) struct Queues {
    client: OnFirstUse<aws_sdk_sqs::Client>,
    steps: String,
    /// Where deliveries wait.
    ingest: String,
    /// Queues nobody reads, in which the person may still be named.
    letters: Vec<String>,
}

impl Queues {
    /// Reads `PRIVACY_QUEUE_URL`, `INGEST_QUEUE_URL`, `INGEST_DEAD_LETTERS_URL`,
    /// `RECOMPUTE_PARKED_URL` and `RELAY_PARKED_URL`.
    pub(crate) fn new(sdk: &SdkConfig, variables: &Variables) -> Result<Self, VariableError> {
        let letters = [
            "INGEST_DEAD_LETTERS_URL",
            "RECOMPUTE_PARKED_URL",
            "RELAY_PARKED_URL",
        ];
        let letters = letters.map(|name| variables.required(name).map(str::to_owned));
        Ok(Self {
            client: OnFirstUse::new(sdk, aws_sdk_sqs::Client::new),
            steps: variables.required("PRIVACY_QUEUE_URL")?.to_owned(),
            ingest: variables.required("INGEST_QUEUE_URL")?.to_owned(),
            letters: letters.into_iter().collect::<Result<_, _>>()?,
        })
    }

    /// Whether an event source is the queue of steps.
    pub(crate) fn is_of_steps(&self, source_arn: &str) -> bool {
        let name = |text: &str, by| text.rsplit(by).next().map(str::to_owned);
        name(source_arn, ':') == name(&self.steps, '/')
    }

    async fn send(&self, step: &PrivacyMessage) -> Result<(), UpsertError> {
        self.put(&self.steps, step.body(), 0).await
    }

    /// Lets letters be looked through once more, when whatever was still being
    /// tried has been given up too.
    async fn send_later(&self, step: &PrivacyMessage) -> Result<(), UpsertError> {
        self.put(&self.steps, step.body(), LATER_SECONDS).await
    }

    /// Lets a delivery be tried again, and given up again while it has to wait.
    async fn deliver_again(&self, delivery: &Delivery) -> Result<(), UpsertError> {
        let body = serde_json::to_string(delivery);
        let body = body.map_err(|error| UpsertError::Queue(error.into()))?;
        self.put(&self.ingest, body, 0).await
    }

    /// Puts a message into a queue, where it is hidden for some seconds.
    async fn put(&self, queue: &str, body: String, hidden: i32) -> Result<(), UpsertError> {
        self.client
            .get()
            .send_message()
            .queue_url(queue)
            .message_body(body)
            .set_delay_seconds((hidden > 0).then_some(hidden))
            .send()
            .await
            .map_err(|error| UpsertError::Queue(error.into()))?;
        Ok(())
    }
}

impl Function {
    /// Records a request, and sets it off if it is certain what is meant.
    pub(crate) async fn privacy_news(
        &self,
        news: &PrivacyNews,
        received_at: Timestamp,
        now: Timestamp,
    ) -> Result<Outcome, UpsertError> {
        let id = self.tombs.request_id(news, now).await?;
        for _ in 0..ATTEMPTS {
            if let Some(known) = self.store.privacy_fetch(&id).await? {
                // Whoever recorded it may have died before setting it off.
                self.set_off(&known).await?;
                return Ok(Outcome::Unchanged);
            }
            let request = self.request(id.clone(), news, received_at).await?;
            let mut changes = Changes::new();
            changes.privacy_put(&request)?;
            if self.store.commit(changes).await? == Committed::Done {
                tracing::info!(request.id = %id, state = ?request.state, "recorded privacy request {id}");
                self.set_off(&request).await?;
                return Ok(match request.state {
                    State::NeedsAPerson => Outcome::Waiting,
                    _ => Outcome::Recorded,
                });
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }

    async fn set_off(&self, request: &Request) -> Result<(), UpsertError> {
        if request.state == State::Open {
            self.queues
                .send(&PrivacyMessage::start(&request.id))
                .await?;
        }
        Ok(())
    }

    async fn request(
        &self,
        id: String,
        news: &PrivacyNews,
        received_at: Timestamp,
    ) -> Result<Request, UpsertError> {
        let (leads, unknown) = self.leads(news).await?;
        let mut request = Request::new(id, news, leads.whom(), received_at);
        let is_erasure = request.asks == Kind::Redact;
        if is_erasure {
            request.orders = unknown;
        }
        let asked: Vec<NodeId> = request.nodes().cloned().collect();
        let mut left_out = BTreeSet::new();
        for node in &asked {
            let person = self.store.person_fetch(node, Consistency::Strong).await?;
            let Some(person) = person else {
                continue;
            };
            let merges = self.store.merges_fetch(&person).await?;
            match meant(&person, &asked.iter().collect(), &merges) {
                Ok(meant) if !meant.contains(node) => {
                    left_out.insert(node);
                }
                Ok(_) => {}
                Err(doubt) => request.doubt(doubt),
            }
        }
        request.also.retain(|node| !left_out.contains(node));
        if is_erasure && request.doubt.is_none() && self.bought_since(&request).await? {
            request.doubt(Doubt::BoughtSince);
        }
        Ok(request)
    }

    /// Whether any of those a request is about bought after it was asked.
    async fn bought_since(&self, request: &Request) -> Result<bool, StoreError> {
        let how = Consistency::Strong;
        for node in self.store.nodes_fetch(request.nodes(), how).await? {
            if node.redacted.is_some() {
                continue;
            }
            let newest = self.store.facts_list(&node.id, FactKind::Order, None, 1);
            let is_newer = |fact: &Summary| match fact {
                Summary::Order(order) => order.placed_at > request.asked_at,
                _ => false,
            };
            if newest.await?.items.iter().any(is_newer) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Lets a person decide if somebody bought while their wish was on its way;
    /// whether it now waits for one.
    async fn doubts_now(&self, request: &mut Request) -> Result<bool, UpsertError> {
        if request.doubt.is_some() || !self.bought_since(request).await? {
            return Ok(false);
        }
        request.doubt(Doubt::BoughtSince);
        let mut changes = Changes::new();
        changes.privacy_put(request)?;
        match self.store.commit(changes).await? {
            Committed::Done => Ok(true),
            Committed::Conflict => Err(StoreError::Contended { attempts: 1 }.into()),
        }
    }

    /// Who goes by what a request names, and the orders among it that are
    /// nobody's yet.
    async fn leads(&self, news: &PrivacyNews) -> Result<(Leads, Vec<ExternalId>), StoreError> {
        let Some(customer) = news.asked.customer() else {
            return Ok((Leads::default(), Vec::new()));
        };
        let by_id = Claim::Id(customer.clone());
        let by_email = news.email().map(Claim::Email);
        let mut wanted = Wanted::default();
        wanted.claim(&by_id);
        if let Some(claim) = &by_email {
            wanted.claim(claim);
        }
        news.orders.iter().for_each(|order| {
            wanted.order(order);
        });
        let loaded = self.store.load(&wanted, Consistency::Strong).await?;
        let mut others = Vec::new();
        if let Some(claim) = &by_email {
            others.extend(loaded.claim(claim)?);
        }
        let mut unknown = Vec::new();
        for order in &news.orders {
            match loaded.order(order)?.and_then(|record| record.order.node) {
                Some(node) => others.push(node),
                None => unknown.push(order.clone()),
            }
        }
        let how = Consistency::Strong;
        let by_id = self.store.nodes_fetch(&loaded.claim(&by_id)?, how).await?;
        let leads = Leads {
            by_id: by_id.into_iter().next(),
            others: self.store.nodes_fetch(&others, how).await?,
        };
        Ok((leads, unknown))
    }
}

/// The request in a fact, if it is one.
pub(crate) fn news(fact: &Fact) -> Option<&PrivacyNews> {
    match fact {
        Fact::Privacy(news) => Some(news),
        _ => None,
    }
}
