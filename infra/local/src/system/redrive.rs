//! Messages nobody works on any more: looking at them, and sending them on their way again.

use serde_json::{Value, json};

use super::{System, SystemError};
use crate::services::Destination;
use crate::services::queues::{Message, Outgoing};
use crate::template::From;

impl System {
    /// The queues that no function reads: dead letters, and what was parked.
    #[must_use]
    pub fn dead_letter_queues(&self) -> Vec<&str> {
        let is_read = |name: &str| {
            let mut sources = self.wiring.sources.iter();
            sources.any(|source| matches!(&source.from, From::Queue { queue, .. } if queue == name))
        };
        let names = self.wiring.queues.iter().map(|queue| queue.name.as_str());
        names.filter(|name| !is_read(name)).collect()
    }

    /// Every message in those queues as `{queue, reason, body}`.
    ///
    /// # Errors
    ///
    /// [`SystemError::Service`].
    pub fn dead_letters(&self) -> Result<Vec<Value>, SystemError> {
        let mut letters = Vec::new();
        for queue in self.dead_letter_queues() {
            for message in self.services.queues().peek(queue)? {
                let reason = reason(&message);
                letters.push(json!({ "queue": queue, "reason": reason, "body": message.body }));
            }
        }
        Ok(letters)
    }

    /// Sends the messages of one of those queues, or of all, on their way again; tells how many.
    ///
    /// A message goes back to the queue or target it was meant for, an event or record to its
    /// function. What fails once more stays where it is.
    ///
    /// # Errors
    ///
    /// [`SystemError`].
    pub async fn redrive(&self, queue: Option<&str>) -> Result<usize, SystemError> {
        let mut moved = 0;
        for name in self.dead_letter_queues() {
            if queue.is_some_and(|queue| queue != name) {
                continue;
            }
            let now = self.services.clock().now();
            moved += self.services.queues().redrive(name, None, now)?;
            for message in self.services.queues().peek(name)? {
                moved += usize::from(self.send_again(&message).await?);
            }
        }
        self.pump.wake();
        Ok(moved)
    }

    /// Sends on a message that has no queue to go back to; tells whether that worked.
    async fn send_again(&self, message: &Message) -> Result<bool, SystemError> {
        let body = serde_json::from_str(&message.body).unwrap_or(Value::Null);
        let sent = match target(message) {
            Some(Destination::Queue(queue)) => {
                let now = self.services.clock().now();
                self.services
                    .queues()
                    .send(&queue, &Outgoing::of(&*message.body), now)?;
                true
            }
            Some(Destination::Function(name)) => self.invoke_again(&name, body).await,
            None => match body["requestContext"]["functionArn"].as_str() {
                Some(arn) if !body["requestPayload"].is_null() => {
                    let name = arn.rsplit(':').next().unwrap_or(arn);
                    self.invoke_again(name, body["requestPayload"].clone())
                        .await
                }
                _ => self.pump.records_again(&message.queue, &body).await?,
            },
        };
        if sent {
            let queues = self.services.queues();
            // Stale would mean that it is gone already, which is what we want.
            queues.delete(&message.queue, &[&message.receipt])?;
        }
        Ok(sent)
    }

    async fn invoke_again(&self, name: &str, event: Value) -> bool {
        let mut functions = self.wiring.functions.values();
        let Some(function) = functions.find(|function| function.name == name) else {
            return false;
        };
        let now = self.services.clock().now();
        self.functions
            .invoke(&function.id, now, event)
            .await
            .is_ok()
    }
}

/// The target a rule or schedule could not reach.
fn target(message: &Message) -> Option<Destination> {
    Destination::from_arn(message.attributes.get("TARGET_ARN")?["StringValue"].as_str()?)
}

/// Why a message is where it is, as far as it says.
fn reason(message: &Message) -> Option<String> {
    let said = |body: &Value| {
        let error = body["responsePayload"]["errorMessage"].as_str();
        let condition = body["requestContext"]["condition"].as_str();
        error.or(condition).map(str::to_owned)
    };
    let of_body = || said(&serde_json::from_str(&message.body).ok()?);
    message.reason.clone().or_else(of_body)
}
