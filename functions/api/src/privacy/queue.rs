//! The queue through which a request is set off.

use crm_lambda::{OnFirstUse, SdkConfig};
use crm_store::PrivacyMessage;

use crate::problem::Trouble;

/// The queue of steps.
#[derive(Debug)]
pub(crate) struct Steps {
    queues: OnFirstUse<aws_sdk_sqs::Client>,
    url: String,
}

impl Steps {
    pub(crate) fn new(sdk: &SdkConfig, url: &str) -> Self {
        Self {
            queues: OnFirstUse::new(sdk, aws_sdk_sqs::Client::new),
            url: url.to_owned(),
        }
    }

    /// Sets a recorded request off. More than once does no harm.
    pub(crate) async fn start(&self, request: &str) -> Result<(), Trouble> {
        self.queues
            .get()
            .send_message()
            .queue_url(&self.url)
            .message_body(PrivacyMessage::start(request).body())
            .send()
            .await
            .map_err(|error| Trouble::Queue(error.into()))?;
        Ok(())
    }
}
