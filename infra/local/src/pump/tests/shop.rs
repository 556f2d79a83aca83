//! A small shop: a table, queues, a bus and schedules, and functions that do as the test says.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_dynamodb::types::AttributeValue;
use crm_lambda::Failure;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::functions::Registry;
use crate::pump::SourceCounts;
use crate::services::queues::Outgoing;
use crate::system::{System, SystemOptions};
use crate::template::Overrides;

const TEMPLATE: &str = r#"
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
      StreamSpecification: { StreamViewType: NEW_AND_OLD_IMAGES }
  Work:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 120
      RedrivePolicy: { deadLetterTargetArn: !GetAtt WorkDead.Arn, maxReceiveCount: 3 }
  WorkDead: { Type: AWS::SQS::Queue }
  Parked: { Type: AWS::SQS::Queue }
  Missed: { Type: AWS::SQS::Queue }
  Bus: { Type: AWS::Events::EventBus, Properties: { Name: Bus } }
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: worker/
      Events:
        Work:
          Type: SQS
          Properties:
            Queue: !GetAtt Work.Arn
            BatchSize: 4
            FunctionResponseTypes: [ReportBatchItemFailures]
            FilterCriteria: { Filters: [{ Pattern: '{"body":{"skip":[{"exists":false}]}}' }, { Pattern: '{"body":[{"anything-but":{"prefix":"{"}}]}' }] }
  Reader:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: reader/
      Events:
        Orders:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Orders.StreamArn
            StartingPosition: TRIM_HORIZON
            BatchSize: 4
            BisectBatchOnFunctionError: true
            MaximumRetryAttempts: 2
            MaximumRecordAgeInSeconds: 3600
            FunctionResponseTypes: [ReportBatchItemFailures]
            DestinationConfig: { OnFailure: { Destination: !GetAtt Parked.Arn } }
            FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT","MODIFY"]}' }] }
  Ticker:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: ticker/
      EventInvokeConfig:
        MaximumRetryAttempts: 2
        DestinationConfig: { OnFailure: { Type: SQS, Destination: !GetAtt Missed.Arn } }
      Events:
        Hourly:
          Type: ScheduleV2
          Properties:
            Name: hourly
            ScheduleExpression: rate(1 hour)
            Input: '{"kind":"hourly","time":"<aws.scheduler.scheduled-time>"}'
        HalfHourly:
          Type: ScheduleV2
          Properties:
            Name: half-hourly
            ScheduleExpression: rate(30 minutes)
            Input: '{"kind":"half","time":"<aws.scheduler.scheduled-time>"}'
  Counted:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref Bus
      EventPattern: { detail-type: [counted] }
      Targets:
        - { Id: work, Arn: !GetAtt Work.Arn }
"#;

type Rule = dyn FnMut(&str, &Value) -> Result<Value, Failure> + Send;

/// The rule, also after it has panicked on cue.
fn unpoisoned(rule: &Mutex<Box<Rule>>) -> MutexGuard<'_, Box<Rule>> {
    rule.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running shop and what its functions were handed.
pub(super) struct Shop {
    pub(super) system: System,
    handed: Arc<Mutex<Vec<(String, Value)>>>,
    rule: Arc<Mutex<Box<Rule>>>,
}

pub(super) fn noon() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

/// Any failure, for a function that fails on cue.
pub(super) fn failure(text: &str) -> Failure {
    std::io::Error::other(text.to_owned()).into()
}

/// The answer that reports `ids` as failed.
pub(super) fn failed_items(ids: &[String]) -> Value {
    let items: Vec<_> = ids
        .iter()
        .map(|id| json!({ "itemIdentifier": id }))
        .collect();
    json!({ "batchItemFailures": items })
}

/// Bodies of a queue's batch.
pub(super) fn bodies(event: &Value) -> Vec<String> {
    let records = event["Records"].as_array().into_iter().flatten();
    records
        .filter_map(|record| record["body"].as_str())
        .map(str::to_owned)
        .collect()
}

/// `key=number` of each record in a stream's batch.
pub(super) fn changes(event: &Value) -> Vec<String> {
    let records = event["Records"].as_array().into_iter().flatten();
    let change = |record: &Value| {
        let image = &record["dynamodb"]["NewImage"];
        let (key, number) = (image["pk"]["S"].as_str()?, image["n"]["N"].as_str()?);
        Some(format!("{key}={number}"))
    };
    records.filter_map(change).collect()
}

/// The identifier a partial answer names a record by.
pub(super) fn identifier(record: &Value) -> String {
    let id = record["messageId"].as_str();
    let id = id.or_else(|| record["dynamodb"]["SequenceNumber"].as_str());
    id.unwrap_or_default().to_owned()
}

impl Shop {
    /// A shop whose functions do as `rule` says, given the package and the event.
    pub(super) async fn open(
        rule: impl FnMut(&str, &Value) -> Result<Value, Failure> + Send + 'static,
    ) -> Self {
        Self::open_with(1, rule).await
    }

    pub(super) async fn open_with(
        parallel: usize,
        rule: impl FnMut(&str, &Value) -> Result<Value, Failure> + Send + 'static,
    ) -> Self {
        let handed = Arc::new(Mutex::new(Vec::new()));
        let rule: Arc<Mutex<Box<Rule>>> = Arc::new(Mutex::new(Box::new(rule)));
        let mut registry = Registry::default();
        for package in ["worker", "reader", "ticker"] {
            let (handed, rule) = (handed.clone(), rule.clone());
            registry = registry.with_plain(package, move |_, event| {
                let answer = unpoisoned(&rule)(package, &event);
                handed.lock().unwrap().push((package.to_owned(), event));
                answer
            });
        }
        let options = SystemOptions {
            template: TEMPLATE.to_owned(),
            parameters: Overrides::new(),
            functions: registry,
            parallel,
        };
        let system = System::in_memory(&options, noon()).await.unwrap();
        Self {
            system,
            handed,
            rule,
        }
    }

    /// Lets the functions do otherwise from now on.
    pub(super) fn now_does(
        &self,
        rule: impl FnMut(&str, &Value) -> Result<Value, Failure> + Send + 'static,
    ) {
        *unpoisoned(&self.rule) = Box::new(rule);
    }

    /// What a function was handed, each event as `read` sees it.
    pub(super) fn handed<T>(&self, package: &str, read: impl Fn(&Value) -> T) -> Vec<T> {
        let handed = self.handed.lock().unwrap();
        let of_package = handed.iter().filter(|(name, _)| name == package);
        of_package.map(|(_, event)| read(event)).collect()
    }

    pub(super) fn send(&self, body: &str) {
        let queues = self.system.services().queues();
        queues.send("Work", &Outgoing::of(body), noon()).unwrap();
    }

    /// Writes number `n` to the order `key`.
    pub(super) async fn put(&self, key: &str, n: u32) {
        let client = aws_sdk_dynamodb::Client::new(&self.system.services().sdk_config());
        let put = client.put_item().table_name("Orders");
        let put = put.item("pk", AttributeValue::S(key.to_owned()));
        put.item("n", AttributeValue::N(n.to_string()))
            .send()
            .await
            .unwrap();
    }

    pub(super) async fn settle(&self) {
        self.system.settle().await.unwrap();
    }

    /// The bodies of all messages in a queue.
    pub(super) fn in_queue(&self, queue: &str) -> Vec<String> {
        let messages = self.system.services().queues().peek(queue).unwrap();
        messages.into_iter().map(|message| message.body).collect()
    }

    pub(super) fn counts(&self, source: &str) -> SourceCounts {
        self.system.pump().counts().of(source)
    }
}
