//! Sends what was decided: each message once, or visibly not.
//!
//! In: the outbound queue, one message id a message. Out: the message handed
//! to the mail service, and how far it got in its record. Nobody sends
//! without having claimed, and what nobody knows the outcome of is shown to a
//! person instead of being sent again.

mod push;
mod render;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use crm_connectors::mail::Mailer;
use crm_events::Outbound;
use crm_lambda::{Failure, Metrics, OnFirstUse, Random, SdkConfig, VariableError, Variables};
use crm_store::{Store, StoreError};
use jiff::Timestamp;

/// Why a message was left in the queue.
#[derive(Debug, thiserror::Error)]
enum PushError {
    #[error("there is no such message")]
    UnknownMessage,
    #[error("no text is known for the workflow of the message")]
    UnknownWorkflow,
    #[error("the customer is being joined or parted, or is gone")]
    UnknownCustomer,
    #[error("another attempt is at work on the message")]
    Busy,
    #[error("the mail service did not take it now ({0})")]
    Deferred(String),
    #[error("cannot keep track of the message")]
    Store(#[from] StoreError),
}

/// The function with its clients.
#[derive(Debug)]
pub struct Function {
    store: Store,
    mailer: OnFirstUse<Mailer>,
    from: String,
    store_name: String,
    random: Random,
}

impl Function {
    /// Builds the function from its variables: `PEOPLE_TABLE`, `FACTS_TABLE`,
    /// `MAIL_FROM` and `STORE_NAME`.
    ///
    /// # Errors
    ///
    /// [`VariableError`] naming the variable that is missing.
    pub fn new(sdk: &SdkConfig, variables: &Variables) -> Result<Self, VariableError> {
        let people = variables.required("PEOPLE_TABLE")?;
        let facts = variables.required("FACTS_TABLE")?;
        Ok(Self {
            store: Store::new(sdk, people, facts),
            mailer: OnFirstUse::new(sdk, Mailer::new),
            random: Random::from_os(),
            from: variables.required("MAIL_FROM")?.to_owned(),
            store_name: variables.required("STORE_NAME")?.to_owned(),
        })
    }

    /// Handles one batch; the response names the messages to deliver again.
    ///
    /// # Errors
    ///
    /// None of its own.
    pub async fn handle(
        &self,
        now: Timestamp,
        metrics: &mut Metrics,
        event: SqsEvent,
    ) -> Result<SqsBatchResponse, Failure> {
        let response = crm_lambda::each_message(event, async |wanted: Outbound| {
            self.push(now, metrics, &wanted.message_id).await
        })
        .await;
        Ok(response)
    }
}
