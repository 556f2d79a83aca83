//! Queues as the template describes them.

use serde_json::Value;

use super::error::Result;
use super::names;
use super::properties::Properties;

/// One SQS queue. What the template leaves open has SQS's own defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// How long a received message stays hidden.
    pub visibility_seconds: u32,
    /// How long a sent message is held back.
    pub delay_seconds: u32,
    /// How long a message is kept at most.
    pub retention_seconds: u32,
    /// Where messages go that keep failing.
    pub redrive: Option<Redrive>,
}

/// When a queue gives up on a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Redrive {
    /// The name of the dead-letter queue.
    pub dead_letters: String,
    /// How many times a message is received before it moves there.
    pub max_receive_count: u32,
}

impl Queue {
    /// The URL the SDK uses.
    #[must_use]
    pub fn url(&self) -> String {
        names::queue_url(&self.name)
    }

    /// The ARN other resources point at it with.
    #[must_use]
    pub fn arn(&self) -> String {
        names::arn("sqs", &self.name)
    }

    pub(super) fn read(name: String, mut properties: Properties) -> Result<Self> {
        let queue = Self {
            name,
            visibility_seconds: properties.count("VisibilityTimeout", 30)?,
            delay_seconds: properties.count("DelaySeconds", 0)?,
            retention_seconds: properties.count("MessageRetentionPeriod", 345_600)?,
            redrive: redrive(&mut properties)?,
        };
        properties.finish(&[
            "KmsDataKeyReusePeriodSeconds",
            "KmsMasterKeyId",
            "MaximumMessageSize",
            "QueueName",
            "ReceiveMessageWaitTimeSeconds",
            "RedriveAllowPolicy",
            "SqsManagedSseEnabled",
            "Tags",
        ])?;
        Ok(queue)
    }
}

fn redrive(properties: &mut Properties) -> Result<Option<Redrive>> {
    let at = properties.at("RedrivePolicy");
    let Some(policy) = properties.take("RedrivePolicy") else {
        return Ok(None);
    };
    // CloudFormation also takes the policy as a text of JSON.
    let policy = match policy {
        Value::String(text) => serde_json::from_str(&text)
            .map_err(|error| at.wrong(format!("is not JSON: {error}")))?,
        policy => policy,
    };
    let mut policy = Properties::new(at, policy)?;
    let arn = policy.needed("deadLetterTargetArn")?;
    let at = policy.at("maxReceiveCount");
    let max_receive_count = policy.count("maxReceiveCount", 0)?;
    if max_receive_count == 0 {
        return Err(at.wrong("must be at least 1"));
    }
    policy.finish(&[])?;
    Ok(Some(Redrive {
        dead_letters: names::of_arn(&arn).to_owned(),
        max_receive_count,
    }))
}
