//! Takes webhooks in: who sent it, is it bounded, then into the queue.
//!
//! In: `POST /webhooks/{source}`. Out: one message a request in the ingest
//! queue, a [`Delivery`], and 200 once it is safely there. What the payload
//! says is not looked at, whatever the topic. Whenever it is not certain that
//! the message is in the queue the answer is 503, so that the sender tries
//! again; that may queue a delivery twice, which does no harm.

mod inbound;
mod outcome;

use std::time::Duration;

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_sdk_sqs::Client;
use aws_smithy_types::timeout::TimeoutConfig;
use crm_lambda::{
    Failure, Metrics, SdkConfig, Secret, SecretError, Secrets, VariableError, Variables,
};
use crm_sources::door::{self, Refusal, Request};
use crm_sources::{Delivery, Dialect};
use jiff::Timestamp;

use inbound::Inbound;
use outcome::{Outcome, Unqueued};

/// The use case with what it needs from outside.
#[derive(Debug)]
pub struct Function {
    queue: Client,
    queue_url: String,
    secrets: Secrets,
    shopify_secret_id: String,
    import_secret_id: String,
}

impl Function {
    /// Reads `INGEST_QUEUE_URL`, `SHOPIFY_SECRET_ID` and `IMPORT_SECRET_ID`.
    ///
    /// # Errors
    ///
    /// [`VariableError`], naming the variable.
    pub fn new(sdk: &SdkConfig, variables: &Variables) -> Result<Self, VariableError> {
        // The sender hangs up after 5 s: better a clear "try again" before.
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_millis(1_500))
            .operation_timeout(Duration::from_secs(3))
            .build();
        let sdk = sdk.to_builder().timeout_config(timeouts).build();
        Ok(Self {
            queue: Client::new(&sdk),
            queue_url: variables.required("INGEST_QUEUE_URL")?.to_owned(),
            secrets: Secrets::new(&sdk),
            shopify_secret_id: variables.required("SHOPIFY_SECRET_ID")?.to_owned(),
            import_secret_id: variables.required("IMPORT_SECRET_ID")?.to_owned(),
        })
    }

    /// Answers one request: 200 when it is queued; 404 for an unknown source,
    /// 401 for a missing or wrong signature, 415 for a compressed body, 400
    /// for headers out of bounds or a body that is not text, 413 for one that
    /// does not fit the queue; 503 when a secret cannot be read or the queue
    /// does not confirm.
    ///
    /// # Errors
    ///
    /// None so far: every outcome is an answer to the sender.
    pub async fn handle(
        &self,
        now: Timestamp,
        metrics: &mut Metrics,
        event: ApiGatewayV2httpRequest,
    ) -> Result<ApiGatewayV2httpResponse, Failure> {
        // Boxed: the SDK's futures lie so deep in one another that callers
        // would run into the compiler's recursion limit.
        let outcome = Box::pin(self.take_in(now, Inbound::from(event))).await;
        outcome.tell(metrics);
        Ok(outcome.response())
    }

    async fn take_in(&self, now: Timestamp, inbound: Inbound) -> Outcome {
        let delivery = match self.delivery(now, inbound).await {
            Ok(delivery) => delivery,
            Err(outcome) => return outcome,
        };
        let message = match door::message(&delivery) {
            Ok(message) => message,
            Err(refusal) => return Outcome::Refused(refusal, Some(delivery)),
        };
        match self.queue_message(message).await {
            Ok(()) => Outcome::Queued(delivery),
            Err(error) => Outcome::Failed(error),
        }
    }

    /// The delivery in a request that is signed and bounded.
    async fn delivery(&self, now: Timestamp, inbound: Inbound) -> Result<Delivery, Outcome> {
        let Inbound {
            source,
            headers,
            body,
        } = inbound;
        let dialect = Dialect::from_path(&source)?;
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let request = Request::open(dialect, header)?;
        let body = body?;
        if !self.is_genuine(now, dialect, &request, &body).await? {
            return Err(Refusal::Forged.into());
        }
        Ok(request.delivery(body, now)?)
    }

    /// Whether a secret of the source signed the body. A secret may just have
    /// been changed, so before saying no the secrets are asked for once more,
    /// at most every 30 s.
    async fn is_genuine(
        &self,
        now: Timestamp,
        dialect: Dialect,
        request: &Request<'_>,
        body: &[u8],
    ) -> Result<bool, SecretError> {
        let secret_id = self.secret_id(dialect);
        let signed_by = |secrets: &[Secret]| {
            let secrets = secrets.iter().map(Secret::expose);
            request.is_signed_by(secrets, body)
        };
        if signed_by(&self.secrets.accepted(secret_id, now).await?) {
            return Ok(true);
        }
        Ok(signed_by(&self.secrets.refresh(secret_id, now).await?))
    }

    fn secret_id(&self, dialect: Dialect) -> &str {
        match dialect {
            Dialect::Shopify => &self.shopify_secret_id,
            Dialect::Import => &self.import_secret_id,
        }
    }

    async fn queue_message(&self, message: String) -> Result<(), Unqueued> {
        let sent = self.queue.send_message().queue_url(&self.queue_url);
        let answer = sent.message_body(message).send().await;
        let answer = answer.map_err(|error| Unqueued::Queue(Box::new(error)))?;
        // An answer that names no message confirms none.
        match answer.message_id() {
            Some(_) => Ok(()),
            None => Err(Unqueued::Unconfirmed),
        }
    }
}
