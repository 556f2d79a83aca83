//! A queue feeding a function.
//!
//! What fails comes back when its visibility timeout ends, until the queue's redrive policy moves it to the dead letters.
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>

use serde_json::{Map, Value, json};

use super::PumpError;
use super::context::Context;
use super::counts::count;
use super::filter::Filter;
use super::verdict::Verdict;
use crate::services::queues::{Message, Receipted};
use crate::template::{REGION, Source, arn};

/// Batches one worker takes before others have their turn.
const BATCHES_A_TURN: usize = 4;

/// The most workers of one queue at once.
const MOST_WORKERS: usize = 4;

/// One queue mapping.
pub(super) struct QueueSource {
    pub source: Source,
    pub queue: String,
    pub workers: usize,
    pub filter: Filter,
}

impl QueueSource {
    pub(super) fn new(source: Source, queue: String, limit: Option<u32>, filter: Filter) -> Self {
        let limit = limit.and_then(|limit| usize::try_from(limit).ok());
        Self {
            source,
            queue,
            workers: limit.unwrap_or(MOST_WORKERS).clamp(1, MOST_WORKERS),
            filter,
        }
    }

    /// Works on what is visible now; tells whether there was anything.
    pub(super) async fn turn(&self, context: &Context) -> Result<bool, PumpError> {
        let workers = if context.parallel { self.workers } else { 1 };
        let workers = (0..workers).map(|_| self.worker(context)).collect();
        let worked = context.all(workers).await;
        worked
            .into_iter()
            .try_fold(false, |any, one| Ok(any | one?))
    }

    async fn worker(&self, context: &Context) -> Result<bool, PumpError> {
        for batch in 0..BATCHES_A_TURN {
            if !self.batch(context).await? {
                return Ok(batch > 0);
            }
        }
        Ok(true)
    }

    /// Receives one batch and hands it over.
    async fn batch(&self, context: &Context) -> Result<bool, PumpError> {
        let queues = context.services.queues();
        let most = usize::try_from(self.source.batch_size).unwrap_or(10);
        let messages = queues.receive(&self.queue, most, context.services.clock().now())?;
        if messages.is_empty() {
            return Ok(false);
        }
        let (wanted, unwanted) = self.sorted(messages);
        self.delete(context, &unwanted)?;
        let filtered = count(unwanted.len());
        context
            .counts
            .note(&self.source.id, |counts| counts.filtered += filtered);
        if !wanted.is_empty() {
            self.hand_over(context, wanted).await?;
        }
        Ok(true)
    }

    fn sorted(&self, messages: Vec<Message>) -> (Vec<Message>, Vec<Message>) {
        let is_wanted = |message: &Message| self.filter.passes_message(&record(message));
        messages.into_iter().partition(is_wanted)
    }

    async fn hand_over(&self, context: &Context, messages: Vec<Message>) -> Result<(), PumpError> {
        let ids: Vec<_> = messages.iter().map(|message| message.id.as_str()).collect();
        let records = messages.iter().map(record).collect();
        let verdict = context.hand_over(&self.source, records, &ids).await;
        let has_failed = |message: &Message| match &verdict {
            Verdict::Done => false,
            Verdict::Failed(ids) => ids.contains(&message.id),
            Verdict::AllFailed(_) => true,
        };
        let (failed, done) = messages.iter().cloned().partition::<Vec<_>, _>(has_failed);
        for message in &failed {
            let queues = context.services.queues();
            let reason = match &verdict {
                Verdict::AllFailed(reason) => reason.clone(),
                _ => context
                    .functions
                    .reason(&message.id)
                    .unwrap_or_else(|| "the function reported this message as failed".to_owned()),
            };
            // Stale: received again meanwhile; whoever has it now decides.
            queues.failed(&self.queue, &message.receipt, &reason)?;
        }
        let retries = count(failed.len());
        context
            .counts
            .note(&self.source.id, |counts| counts.retries += retries);
        self.delete(context, &done)
    }

    fn delete(&self, context: &Context, messages: &[Message]) -> Result<(), PumpError> {
        if messages.is_empty() {
            return Ok(());
        }
        let receipts: Vec<_> = messages
            .iter()
            .map(|message| message.receipt.as_str())
            .collect();
        let queues = context.services.queues();
        let outcomes = queues.delete(&self.queue, &receipts)?;
        let stale = outcomes
            .iter()
            .filter(|outcome| **outcome == Receipted::Stale);
        if stale.count() > 0 {
            let queue = &self.queue;
            tracing::warn!(
                queue,
                "a message outlived its visibility timeout and comes again"
            );
        }
        Ok(())
    }
}

/// A message as the record a function gets.
fn record(message: &Message) -> Value {
    let mut attributes = Map::new();
    let sent = message.sent_at.as_millisecond().to_string();
    let received = message.first_received_at.unwrap_or(message.sent_at);
    attributes.insert(
        "ApproximateReceiveCount".into(),
        message.receive_count.to_string().into(),
    );
    attributes.insert("SentTimestamp".into(), sent.into());
    attributes.insert("SenderId".into(), "local".into());
    attributes.insert(
        "ApproximateFirstReceiveTimestamp".into(),
        received.as_millisecond().to_string().into(),
    );
    json!({
        "messageId": message.id,
        "receiptHandle": message.receipt,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": message_attributes(message),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn("sqs", &message.queue),
        "awsRegion": REGION,
    })
}

/// Message attributes: the wire's `DataType` is a record's `dataType`.
fn message_attributes(message: &Message) -> Value {
    let attributes = message.attributes.iter().map(|(name, value)| {
        let value = json!({
            "dataType": value["DataType"],
            "stringValue": value["StringValue"],
            "stringListValues": [],
            "binaryListValues": [],
        });
        (name.clone(), value)
    });
    Value::Object(attributes.collect())
}
