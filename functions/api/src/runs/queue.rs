//! The queue through which a run is set off.

use crm_lambda::{OnFirstUse, SdkConfig};
use crm_store::PassMessage;

use crate::problem::Trouble;

/// The queue of passes.
#[derive(Debug)]
pub(crate) struct Passes {
    queues: OnFirstUse<aws_sdk_sqs::Client>,
    url: String,
}

impl Passes {
    pub(crate) fn new(sdk: &SdkConfig, url: &str) -> Self {
        Self {
            queues: OnFirstUse::new(sdk, aws_sdk_sqs::Client::new),
            url: url.to_owned(),
        }
    }

    /// Sets a recorded run off. More than once does no harm.
    pub(crate) async fn start(&self, run: &str) -> Result<(), Trouble> {
        self.queues
            .get()
            .send_message()
            .queue_url(&self.url)
            .message_body(PassMessage::start(run).body())
            .send()
            .await
            .map_err(|error| Trouble::Queue(error.into()))?;
        Ok(())
    }
}
