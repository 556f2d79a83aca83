//! Event sources: which queue or stream feeds which function, and what happens on failure.

use serde_json::Value;

use super::error::Result;
use super::names;
use super::properties::Properties;

/// One event source mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// A name that stays the same from start to start.
    pub id: String,
    /// The logical id of the function it feeds.
    pub function: String,
    /// Whether it is switched on.
    pub enabled: bool,
    /// The most records in one invocation.
    pub batch_size: u32,
    /// Whether the function's answer names the records that failed (`ReportBatchItemFailures`).
    pub partial_answers: bool,
    /// Event patterns of which a record must match one; all pass when there is none.
    pub filters: Vec<Value>,
    /// What it reads.
    pub from: From,
}

/// Where records come from.
#[derive(Debug, Clone, PartialEq)]
pub enum From {
    /// An SQS queue.
    Queue {
        /// The queue's name.
        queue: String,
        /// The most invocations at once, if limited.
        maximum_concurrency: Option<u32>,
    },
    /// A DynamoDB table's stream.
    Stream {
        /// The table's name.
        table: String,
        /// Whether records written before the first start are read too.
        from_the_beginning: bool,
        /// Whether a failed batch is cut in two.
        bisect: bool,
        /// Retries before a record is given up; without end if absent.
        max_retries: Option<u32>,
        /// Age at which a record is given up; never if absent.
        max_age_seconds: Option<u32>,
        /// The name of the queue that is told about records given up.
        on_failure: Option<String>,
    },
}

impl Source {
    /// Reads the properties that SAM events and plain mappings share.
    pub(super) fn read(
        id: String,
        function: String,
        arn: &str,
        mut properties: Properties,
    ) -> Result<Self> {
        let is_queue = arn.contains(":sqs:");
        let default_batch = if is_queue { 10 } else { 100 };
        let source = Self {
            id,
            function,
            enabled: properties.flag("Enabled", true)?,
            batch_size: properties.count("BatchSize", default_batch)?.max(1),
            partial_answers: partial_answers(&mut properties)?,
            filters: filters(&mut properties)?,
            from: if is_queue {
                queue(arn, &mut properties)?
            } else {
                stream(arn, &mut properties)?
            },
        };
        properties.finish(&[
            "MaximumBatchingWindowInSeconds",
            "ParallelizationFactor",
            "Tags",
        ])?;
        Ok(source)
    }
}

fn queue(arn: &str, properties: &mut Properties) -> Result<From> {
    Ok(From::Queue {
        queue: names::of_arn(arn).to_owned(),
        maximum_concurrency: properties
            .map("ScalingConfig")?
            .limit("MaximumConcurrency")?,
    })
}

fn stream(arn: &str, properties: &mut Properties) -> Result<From> {
    let table = arn
        .split_once(":table/")
        .and_then(|(_, rest)| rest.strip_suffix("/stream/local"))
        .ok_or_else(|| {
            properties
                .at("Stream")
                .wrong("must be a queue's or a stream's ARN")
        })?
        .to_owned();
    let mut failure = properties.map("DestinationConfig")?.map("OnFailure")?;
    let start = properties.at("StartingPosition");
    Ok(From::Stream {
        table,
        from_the_beginning: match properties.needed("StartingPosition")?.as_str() {
            "TRIM_HORIZON" => true,
            "LATEST" => false,
            _ => return Err(start.wrong("must be TRIM_HORIZON or LATEST")),
        },
        bisect: properties.flag("BisectBatchOnFunctionError", false)?,
        max_retries: properties.limit("MaximumRetryAttempts")?,
        max_age_seconds: properties.limit("MaximumRecordAgeInSeconds")?,
        on_failure: failure
            .text("Destination")?
            .map(|arn| names::of_arn(&arn).to_owned()),
    })
}

fn partial_answers(properties: &mut Properties) -> Result<bool> {
    let at = properties.at("FunctionResponseTypes");
    match properties.take("FunctionResponseTypes") {
        None => Ok(false),
        Some(Value::Array(types)) if types.is_empty() => Ok(false),
        Some(Value::Array(types)) if types == ["ReportBatchItemFailures"] => Ok(true),
        Some(_) => Err(at.wrong("must be a list of ReportBatchItemFailures")),
    }
}

fn filters(properties: &mut Properties) -> Result<Vec<Value>> {
    let filters = properties.map("FilterCriteria")?.list("Filters")?;
    let patterns = filters.into_iter().map(|mut filter| {
        let at = filter.at("Pattern");
        let text = filter.needed("Pattern")?;
        serde_json::from_str(&text).map_err(|error| at.wrong(format!("is not JSON: {error}")))
    });
    patterns.collect()
}
