//! Assesses whoever changed, and whoever time alone changes.
//!
//! In: the stream of people whose record is `stale`, a clock's tick for those
//! whose next change has come due, and the steps of a walk over everyone, set
//! off by the night's clock or on request; and nodes to be compared with others. Out: the assessment on the person's
//! record, written on the version it was made from, and what follows from all
//! together. The write clears `stale`, so it never wakes this function again.

mod due;
mod evaluate;
mod link;
mod members;
mod pass;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use aws_lambda_events::streams::DynamoDbEventResponse;
use crm_domain::customer::Node;
use crm_domain::linkage::{Weights, is_news};
use crm_domain::search;
use crm_domain::segment::Rules;
use crm_lambda::{Failure, Metrics, OnFirstUse, SdkConfig, Unit, VariableError, Variables};
use crm_store::{Consistency, ImageError, PassMessage, Store, StoreError};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use evaluate::Assessed;
use link::{LinkError, LinkMessage};
pub use pass::Bounds;
use pass::PassError;

/// Why a record is delivered again.
#[derive(Debug, thiserror::Error)]
enum RecomputeError {
    #[error("cannot assess the customer")]
    Store(#[from] StoreError),
    #[error("cannot park the record")]
    Park(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A clock's tick, with the clock's own time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Tick {
    /// Which clock: `due` or `nightly`.
    pub kind: String,
    /// The time it was set for; the machine's may be later.
    #[serde(default)]
    pub time: Option<Timestamp>,
}

/// What a queue carries.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Message {
    Pass(PassMessage),
    Link(LinkMessage),
}

/// Why a message is delivered again.
#[derive(Debug, thiserror::Error)]
enum MessageError {
    #[error("cannot make a step of the walk over everyone")]
    Pass(#[from] PassError),
    #[error("cannot compare a customer with others")]
    Link(#[from] LinkError),
}

/// An event this function does not know.
#[derive(Debug, thiserror::Error)]
#[error("the event is no batch of a stream or a queue, and no tick of a known kind")]
struct UnknownEvent;

/// The function with its clients.
#[derive(Debug)]
pub struct Function {
    store: Store,
    queues: OnFirstUse<aws_sdk_sqs::Client>,
    parked: String,
    passes: String,
    links: String,
    weights: Mutex<Option<(Timestamp, Arc<Weights>)>>,
    bounds: Bounds,
}

impl Function {
    /// Builds the function from its variables: `PEOPLE_TABLE`, `FACTS_TABLE`,
    /// `PARKED_QUEUE_URL`, `PASS_QUEUE_URL` and `LINK_QUEUE_URL`.
    ///
    /// # Errors
    ///
    /// [`VariableError`] naming the variable that is missing.
    pub fn new(sdk: &SdkConfig, variables: &Variables) -> Result<Self, VariableError> {
        let people = variables.required("PEOPLE_TABLE")?;
        let facts = variables.required("FACTS_TABLE")?;
        Ok(Self {
            store: Store::new(sdk, people, facts),
            queues: OnFirstUse::new(sdk, aws_sdk_sqs::Client::new),
            parked: variables.required("PARKED_QUEUE_URL")?.to_owned(),
            passes: variables.required("PASS_QUEUE_URL")?.to_owned(),
            links: variables.required("LINK_QUEUE_URL")?.to_owned(),
            weights: Mutex::default(),
            bounds: Bounds::default(),
        })
    }

    /// The function with another idea of how much is done at once.
    #[must_use]
    pub fn bounded(self, bounds: Bounds) -> Self {
        Self { bounds, ..self }
    }

    /// Handles a batch of stream records or of a walk's steps, or a tick.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the settings cannot be read, when somebody who is due
    /// could not be assessed, when a walk cannot be begun, or for an event of
    /// another shape.
    pub async fn handle(
        &self,
        now: Timestamp,
        metrics: &mut Metrics,
        event: Value,
    ) -> Result<Value, Failure> {
        let source = event.pointer("/Records/0/eventSource");
        if source.is_some_and(|source| source == "aws:sqs") {
            let event: SqsEvent = serde_json::from_value(event)?;
            return Ok(serde_json::to_value(
                self.messages(now, metrics, event).await,
            )?);
        }
        if event.get("Records").is_some() {
            let event: Event = serde_json::from_value(event)?;
            let response = Box::pin(self.stream(metrics, event)).await?;
            return Ok(serde_json::to_value(response)?);
        }
        let tick: Tick = serde_json::from_value(event).map_err(|_| UnknownEvent)?;
        let time = tick.time.unwrap_or(now);
        match tick.kind.as_str() {
            "due" => self.due(metrics, time).await?,
            "nightly" => self.pass_nightly(time).await?,
            _ => return Err(UnknownEvent.into()),
        }
        Ok(Value::Null)
    }

    async fn messages(
        &self,
        now: Timestamp,
        metrics: &mut Metrics,
        event: SqsEvent,
    ) -> SqsBatchResponse {
        crm_lambda::each_message(event, async |message: Message| {
            // Boxed: a step's state would be most of every invocation's.
            match message {
                Message::Pass(message) => Box::pin(self.pass(metrics, message)).await?,
                Message::Link(message) => Box::pin(self.link(now, metrics, message)).await?,
            }
            Ok::<_, MessageError>(())
        })
        .await
    }

    async fn stream(
        &self,
        metrics: &mut Metrics,
        event: Event,
    ) -> Result<DynamoDbEventResponse, Failure> {
        let laws = self.store.laws_read(Consistency::Eventual).await?;
        let (settings, cutoffs, named) = laws;
        let rules = Rules {
            settings: &settings,
            cutoffs: &cutoffs,
            named: &named,
        };
        let mut changed = BTreeSet::new();
        let response = crm_lambda::each_record(event, async |record| {
            match stale_node(record) {
                Ok(Some(node)) => {
                    let before = node_before(record);
                    let is_found_by_others = search::is_news(before.as_ref(), &node);
                    if is_news(before.as_ref(), &node) || is_found_by_others {
                        changed.insert(node.id.clone());
                    }
                    let assessed = Box::pin(self.store_assessed(&rules, node)).await?;
                    tell(metrics, assessed);
                }
                Ok(None) => {}
                Err(error) => {
                    self.park(record, &error).await?;
                    metrics.add("records_parked", Unit::Count, 1.0);
                }
            }
            Ok::<_, RecomputeError>(())
        })
        .await;
        self.send_links(&changed).await?;
        Ok(response)
    }

    /// Puts a record that cannot be read aside, whole, for a fix: it must
    /// neither block its shard nor be lost.
    async fn park(&self, record: &EventRecord, error: &ImageError) -> Result<(), RecomputeError> {
        let id = record.change.sequence_number.as_deref().unwrap_or_default();
        let reason = crm_lambda::with_causes(error);
        tracing::error!(record.sequence_number = %id, reason, "record {id} cannot be read and is parked");
        let body = serde_json::to_string(record).map_err(|e| RecomputeError::Park(e.into()))?;
        self.queues
            .get()
            .send_message()
            .queue_url(&self.parked)
            .message_body(body)
            .send()
            .await
            .map_err(|e| RecomputeError::Park(e.into()))?;
        Ok(())
    }
}

/// Counts what became of an assessment.
fn tell(metrics: &mut Metrics, assessed: Assessed) {
    match assessed {
        Assessed::Written => metrics.add("customers_assessed", Unit::Count, 1.0),
        Assessed::Superseded => metrics.add("assessments_superseded", Unit::Count, 1.0),
        Assessed::Unchanged => {}
    }
}

/// The node that a record says has changed since it was assessed.
fn stale_node(record: &EventRecord) -> Result<Option<Node>, ImageError> {
    let image = &record.change.new_image;
    let is_node =
        matches!(image.get("kind"), Some(serde_dynamo::AttributeValue::S(kind)) if kind == "node");
    if !is_node {
        return Ok(None);
    }
    let node: Node = crm_store::image("node", image.clone())?;
    Ok(Some(node).filter(|node| node.stale))
}

/// The node as it was before; one that cannot be read any more is as good as
/// new.
fn node_before(record: &EventRecord) -> Option<Node> {
    let image = &record.change.old_image;
    let known = (!image.is_empty()).then(|| crm_store::image("node", image.clone()));
    known?.ok()
}
