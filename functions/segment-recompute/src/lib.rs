//! Assesses whoever changed, and whoever time alone changes.
//!
//! In: the stream of people whose record is `stale`, and a clock's tick for
//! those whose next change has come due. Out: the assessment on the person's
//! record, written on the version it was made from. That write clears
//! `stale`, so it never wakes this function again.

mod due;
mod evaluate;

use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::DynamoDbEventResponse;
use crm_domain::customer::Node;
use crm_domain::population::Cutoffs;
use crm_domain::segment::Rules;
use crm_lambda::{Failure, Metrics, OnFirstUse, SdkConfig, Unit, VariableError, Variables};
use crm_store::{ImageError, Store, StoreError};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

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
    /// Which clock: `due`.
    pub kind: String,
    /// The time it was set for; the machine's may be later.
    #[serde(default)]
    pub time: Option<Timestamp>,
}

/// An event this function does not know.
#[derive(Debug, thiserror::Error)]
#[error("the event is neither a stream's batch nor a tick of a known kind")]
struct UnknownEvent;

/// The function with its clients.
#[derive(Debug)]
pub struct Function {
    store: Store,
    queues: OnFirstUse<aws_sdk_sqs::Client>,
    parked: String,
}

impl Function {
    /// Builds the function from its variables: `PEOPLE_TABLE`, `FACTS_TABLE`
    /// and `PARKED_QUEUE_URL`.
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
        })
    }

    /// Handles a batch of stream records, or a tick.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the settings cannot be read, when somebody who is due
    /// could not be assessed, or for an event of another shape.
    pub async fn handle(
        &self,
        now: Timestamp,
        metrics: &mut Metrics,
        event: Value,
    ) -> Result<Value, Failure> {
        if event.get("Records").is_some() {
            let event: Event = serde_json::from_value(event)?;
            let response = Box::pin(self.stream(metrics, event)).await?;
            return Ok(serde_json::to_value(response)?);
        }
        let tick: Tick = serde_json::from_value(event).map_err(|_| UnknownEvent)?;
        if tick.kind != "due" {
            return Err(UnknownEvent.into());
        }
        self.due(metrics, tick.time.unwrap_or(now)).await?;
        Ok(Value::Null)
    }

    async fn stream(
        &self,
        metrics: &mut Metrics,
        event: Event,
    ) -> Result<DynamoDbEventResponse, Failure> {
        let settings = self.store.settings_fetch().await?;
        let cutoffs = Cutoffs::default();
        let rules = Rules {
            settings: &settings,
            cutoffs: &cutoffs,
        };
        let response = crm_lambda::each_record(event, async |record| {
            let outcome = match stale_node(record) {
                Ok(Some(node)) => self.assess_changed(&rules, node).await?,
                Ok(None) => return Ok(()),
                Err(error) => {
                    self.park(record, &error).await?;
                    "records_parked"
                }
            };
            metrics.add(outcome, Unit::Count, 1.0);
            Ok::<_, RecomputeError>(())
        })
        .await;
        Ok(response)
    }

    async fn assess_changed(
        &self,
        rules: &Rules<'_>,
        node: Node,
    ) -> Result<&'static str, RecomputeError> {
        match self.store_assessed(rules, node).await {
            Ok(evaluate::Assessed::Written) => Ok("customers_assessed"),
            Ok(evaluate::Assessed::Superseded) => Ok("assessments_superseded"),
            Err(error) => Err(error.into()),
        }
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
