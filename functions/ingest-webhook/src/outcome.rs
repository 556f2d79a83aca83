//! What became of a request: the answer, the log line, the metric.

use aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use aws_lambda_events::encodings::Body;
use crm_lambda::{Metrics, SecretError, Unit, with_causes};
use crm_sources::Delivery;
use crm_sources::door::Refusal;

/// Why a genuine request could not be queued: not its own fault.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unqueued {
    #[error("cannot check the signature")]
    Secret(#[from] SecretError),
    #[error("the queue did not take the message")]
    Queue(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the queue answered without confirming the message")]
    Unconfirmed,
}

/// What became of a request.
pub(crate) enum Outcome {
    Queued(Delivery),
    /// With the delivery, where it is a genuine one.
    Refused(Refusal, Option<Delivery>),
    Failed(Unqueued),
}

impl From<Refusal> for Outcome {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal, None)
    }
}

impl From<SecretError> for Outcome {
    fn from(error: SecretError) -> Self {
        Self::Failed(Unqueued::Secret(error))
    }
}

impl Outcome {
    /// Logs it and counts it. Of a request that is not genuine nothing is
    /// logged but why: its headers are anyone's words.
    pub(crate) fn tell(&self, metrics: &mut Metrics) {
        match self {
            Self::Queued(delivery) => {
                tracing::info!(
                    delivery.source,
                    delivery.shop,
                    delivery.topic,
                    delivery.webhook_id,
                    delivery.event_id,
                    "queued a delivery about {}",
                    delivery.topic
                );
                metrics.add("webhooks_queued", Unit::Count, 1.0);
            }
            Self::Refused(Refusal::TooLarge, delivery) => {
                let delivery = delivery.as_ref();
                tracing::error!(
                    delivery.shop = delivery.map(|delivery| &delivery.shop),
                    delivery.topic = delivery.map(|delivery| &delivery.topic),
                    delivery.webhook_id = delivery.and_then(|d| d.webhook_id.as_deref()),
                    "refused a genuine delivery: {}",
                    Refusal::TooLarge
                );
                metrics.add("webhooks_too_large", Unit::Count, 1.0);
            }
            Self::Refused(refusal, _) => {
                tracing::warn!(status = refusal.status(), "refused a request: {refusal}");
                metrics.add("webhooks_refused", Unit::Count, 1.0);
            }
            Self::Failed(error) => {
                let error = with_causes(error);
                tracing::error!(
                    error,
                    "could not queue a delivery, the sender will try again"
                );
                metrics.add("webhooks_not_queued", Unit::Count, 1.0);
            }
        }
    }

    /// The answer to the sender.
    pub(crate) fn response(&self) -> ApiGatewayV2httpResponse {
        let mut response = ApiGatewayV2httpResponse::default();
        let (status, text) = match self {
            Self::Queued(_) => (200, None),
            Self::Refused(refusal, _) => (refusal.status(), Some(refusal.to_string())),
            Self::Failed(_) => (503, Some("try again later".to_owned())),
        };
        response.status_code = i64::from(status);
        response.body = text.map(Body::Text);
        response
    }
}
