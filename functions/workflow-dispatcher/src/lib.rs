//! Starts what follows from an event: today, the welcome of a new customer.
//!
//! In: the workflow queue, one event of the bus a message. Out: a workflow's
//! run and its message, written together once, and the message's id in the
//! outbound queue.

mod welcome;

use std::fmt;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use aws_smithy_async::rt::sleep::SharedAsyncSleep;
use crm_events::order::OrderCounted;
use crm_events::{BusEvent, Event, News, Outbound, UnreadableEvent};
use crm_lambda::{Failure, Metrics, OnFirstUse, SdkConfig, Unit, VariableError, Variables};
use crm_store::{Store, StoreError};
use jiff::Timestamp;

/// Why an event was left in the queue.
#[derive(Debug, thiserror::Error)]
enum DispatchError {
    #[error("cannot read the event")]
    Unreadable(#[from] UnreadableEvent),
    #[error("cannot start the workflow")]
    Store(#[from] StoreError),
    #[error("cannot queue the message")]
    Queue(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The function with its clients.
pub struct Function {
    store: Store,
    queues: OnFirstUse<aws_sdk_sqs::Client>,
    outbound: String,
    sleep: Option<SharedAsyncSleep>,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Function(outbound {})", self.outbound)
    }
}

impl Function {
    /// Builds the function from its variables: `PEOPLE_TABLE`, `FACTS_TABLE`
    /// and `OUTBOUND_QUEUE_URL`.
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
            outbound: variables.required("OUTBOUND_QUEUE_URL")?.to_owned(),
            sleep: sdk.sleep_impl(),
        })
    }

    /// Handles one batch; the response names the messages to deliver again.
    ///
    /// # Errors
    ///
    /// None of its own.
    pub async fn handle(
        &self,
        _now: Timestamp,
        metrics: &mut Metrics,
        event: SqsEvent,
    ) -> Result<SqsBatchResponse, Failure> {
        let response = crm_lambda::each_message(event, async |told: BusEvent| {
            let done = match told.event()? {
                Some(Event {
                    at,
                    news:
                        News::OrderCounted(OrderCounted {
                            order_id,
                            fresh: true,
                            newcomer: true,
                            ..
                        }),
                    ..
                }) => self.welcome(&order_id, at).await?.metric(),
                _ => "events_ignored",
            };
            metrics.add(done, Unit::Count, 1.0);
            Ok::<_, DispatchError>(())
        })
        .await;
        Ok(response)
    }

    /// Asks for a message to be sent. More than once does no harm: whoever
    /// sends it claims it first.
    async fn ask_for(&self, message_id: &str) -> Result<(), DispatchError> {
        self.queues
            .get()
            .send_message()
            .queue_url(&self.outbound)
            .message_body(Outbound::of(message_id).body())
            .send()
            .await
            .map_err(|error| DispatchError::Queue(error.into()))?;
        Ok(())
    }
}
