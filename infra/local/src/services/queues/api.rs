//! The queues as an SQS client sees them.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::entry::{Entry, digest, invalid};
use super::{Message, Queues, Receipted, Settings, batch};
use crate::services::destination::{arn, last_name};
use crate::services::reply::{Refusal, read};
use crate::services::{ACCOUNT, ENDPOINT, ServiceError};

impl Queues {
    pub(in crate::services) fn call(&self, operation: &str, body: &[u8]) -> Result<Value, Refusal> {
        match operation {
            "GetQueueUrl" => return self.url(body),
            "StartMessageMoveTask" => return self.move_task(body),
            _ => {}
        }
        let addressed: Addressed = read(body)?;
        let queue = last_name(&addressed.queue_url);
        self.settings(queue).map_err(missing)?;
        match operation {
            "SendMessage" => self.send_one(queue, body),
            "SendMessageBatch" => self.send_batch(queue, body),
            "ReceiveMessage" => self.receive_some(queue, body),
            "DeleteMessage" => self.delete_one(queue, &addressed.receipt_handle),
            "DeleteMessageBatch" => self.delete_batch(queue, body),
            "ChangeMessageVisibility" => self.hide_one(queue, body),
            "GetQueueAttributes" => self.attributes(queue, body),
            _ => Err(Refusal::unknown_operation(operation)),
        }
    }

    fn url(&self, body: &[u8]) -> Result<Value, Refusal> {
        let request: Named = read(body)?;
        self.settings(&request.queue_name).map_err(missing)?;
        Ok(json!({ "QueueUrl": Self::url_of(&request.queue_name) }))
    }

    /// The address by which clients name a queue.
    #[must_use]
    pub fn url_of(name: &str) -> String {
        format!("{ENDPOINT}/{ACCOUNT}/{name}")
    }

    fn send_one(&self, queue: &str, body: &[u8]) -> Result<Value, Refusal> {
        let entry: Entry = read(body)?;
        let message = entry.message(&self.settings(queue)?)?;
        let id = self.send(queue, &message, self.clock.now())?;
        Ok(json!({ "MessageId": id, "MD5OfMessageBody": digest(&message.body) }))
    }

    fn receive_some(&self, queue: &str, body: &[u8]) -> Result<Value, Refusal> {
        let request: Receive = read(body)?;
        let max = request.max_number_of_messages.unwrap_or(1);
        if !(1..=10).contains(&max) {
            let text = format!(
                "Value {max} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."
            );
            return Err(invalid(text));
        }
        let hidden = request.visibility_timeout;
        let hidden = hidden.unwrap_or(self.settings(queue)?.visibility_seconds);
        let messages = self.receive_hiding(queue, max, hidden, self.clock.now())?;
        let messages: Vec<_> = messages
            .iter()
            .map(|message| on_the_wire(message, &request))
            .collect();
        Ok(json!({ "Messages": messages }))
    }

    fn delete_one(&self, queue: &str, receipt: &str) -> Result<Value, Refusal> {
        if super::message::of_receipt(receipt).is_none() {
            return Err(batch::unknown_receipt());
        }
        // A stale receipt is a success without an effect, as it is with AWS.
        let _: Vec<Receipted> = self.delete(queue, &[receipt])?;
        Ok(json!({}))
    }

    fn hide_one(&self, queue: &str, body: &[u8]) -> Result<Value, Refusal> {
        let request: Hide = read(body)?;
        if request.visibility_timeout > 43_200 {
            return Err(invalid(
                "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]",
            ));
        }
        let (receipt, seconds) = (&request.receipt_handle, request.visibility_timeout);
        match self.change_visibility(queue, receipt, seconds, self.clock.now())? {
            Receipted::Done => Ok(json!({})),
            Receipted::Stale => {
                let text = "The message referred to isn't in flight.";
                Err(Refusal::bad("MessageNotInflight", text)
                    .query_code("AWS.SimpleQueueService.MessageNotInflight"))
            }
        }
    }

    fn attributes(&self, queue: &str, body: &[u8]) -> Result<Value, Refusal> {
        let request: Attributes = read(body)?;
        let settings = self.settings(queue)?;
        let depth = self.depth(queue, self.clock.now())?;
        let mut all = described(queue, &settings);
        all.insert(
            "ApproximateNumberOfMessages".to_owned(),
            json!(depth.visible.to_string()),
        );
        let hidden = depth.in_flight.to_string();
        all.insert(
            "ApproximateNumberOfMessagesNotVisible".to_owned(),
            json!(hidden),
        );
        let delayed = depth.delayed.to_string();
        all.insert(
            "ApproximateNumberOfMessagesDelayed".to_owned(),
            json!(delayed),
        );
        let names = request.attribute_names;
        all.retain(|name, _| names.iter().any(|wanted| wanted == "All" || wanted == name));
        Ok(json!({ "Attributes": all }))
    }

    fn move_task(&self, body: &[u8]) -> Result<Value, Refusal> {
        let request: Move = read(body)?;
        let from = last_name(&request.source_arn);
        let to = request.destination_arn.as_deref().map(last_name);
        self.redrive(from, to, self.clock.now()).map_err(|error| match error {
            ServiceError::Unknown { .. } => {
                let text = "The resource that you specified for the SourceArn parameter doesn't exist.";
                Refusal::new(404, "ResourceNotFoundException", text)
                    .query_code("ResourceNotFoundException")
            }
            other => other.into(),
        })?;
        Ok(json!({ "TaskHandle": format!("move-{from}") }))
    }
}

fn missing(error: ServiceError) -> Refusal {
    match error {
        ServiceError::Unknown { .. } => {
            let text = "The specified queue does not exist.";
            Refusal::bad("QueueDoesNotExist", text)
                .query_code("AWS.SimpleQueueService.NonExistentQueue")
        }
        other => other.into(),
    }
}

fn described(queue: &str, settings: &Settings) -> Map<String, Value> {
    let mut all = Map::new();
    let mut add = |name: &str, value: String| all.insert(name.to_owned(), json!(value));
    add("QueueArn", arn("sqs", queue));
    add("VisibilityTimeout", settings.visibility_seconds.to_string());
    add("DelaySeconds", settings.delay_seconds.to_string());
    add(
        "MessageRetentionPeriod",
        settings.retention_seconds.to_string(),
    );
    add("MaximumMessageSize", settings.max_message_bytes.to_string());
    if let Some(redrive) = &settings.redrive {
        let policy = json!({
            "deadLetterTargetArn": arn("sqs", &redrive.dead_letters),
            "maxReceiveCount": redrive.max_receive_count,
        });
        add("RedrivePolicy", policy.to_string());
    }
    all
}

fn on_the_wire(message: &Message, request: &Receive) -> Value {
    let first = message.first_received_at.unwrap_or(message.sent_at);
    let mut system = Map::new();
    let mut add = |name: &str, value: String| system.insert(name.to_owned(), json!(value));
    add("ApproximateReceiveCount", message.receive_count.to_string());
    add(
        "SentTimestamp",
        message.sent_at.as_millisecond().to_string(),
    );
    add(
        "ApproximateFirstReceiveTimestamp",
        first.as_millisecond().to_string(),
    );
    add("SenderId", ACCOUNT.to_owned());
    if let Some(source) = &message.source {
        add("DeadLetterQueueSourceArn", arn("sqs", source));
    }
    system.retain(|name, _| wants(&request.message_system_attribute_names, name));
    let mut attributes = message.attributes.clone();
    attributes.retain(|name, _| wants(&request.message_attribute_names, name));
    json!({
        "MessageId": message.id,
        "ReceiptHandle": message.receipt,
        "MD5OfBody": digest(&message.body),
        "Body": message.body,
        "Attributes": system,
        "MessageAttributes": attributes,
    })
}

/// Whether one of the `names` asked for, which may be `All` or end in `*`, covers `name`.
fn wants(names: &[String], name: &str) -> bool {
    names.iter().any(|wanted| match wanted.strip_suffix('*') {
        Some(start) => name.starts_with(start.trim_end_matches('.')),
        None => wanted == "All" || wanted == name,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Addressed {
    #[serde(default)]
    queue_url: String,
    #[serde(default)]
    receipt_handle: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    queue_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Receive {
    max_number_of_messages: Option<usize>,
    visibility_timeout: Option<u32>,
    #[serde(default, alias = "AttributeNames")]
    message_system_attribute_names: Vec<String>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Hide {
    receipt_handle: String,
    visibility_timeout: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    #[serde(default)]
    attribute_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Move {
    source_arn: String,
    destination_arn: Option<String>,
}
