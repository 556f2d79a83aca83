//! Rules of an event bus: which events go to which targets.

use serde_json::Value;

use super::error::Result;
use super::names;
use super::properties::Properties;

/// One EventBridge rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// The name of the bus it listens on.
    pub bus: String,
    /// Whether it is switched on.
    pub enabled: bool,
    /// The pattern an event must match.
    pub pattern: Value,
    /// Where matching events go.
    pub targets: Vec<Target>,
}

/// One target of a rule or a schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// What identifies it within its rule.
    pub id: String,
    /// The ARN of a queue or a function.
    pub arn: String,
    /// Retries after the first try.
    pub max_retries: u32,
    /// Age at which an event is given up.
    pub max_age_seconds: u32,
    /// The name of the queue that takes events given up.
    pub dead_letters: Option<String>,
}

impl Rule {
    pub(super) fn read(name: String, mut properties: Properties) -> Result<Self> {
        let at = properties.at("EventPattern");
        let pattern = properties.take("EventPattern");
        let bus = properties.text("EventBusName")?;
        let rule = Self {
            name,
            bus: bus.map_or_else(
                || "default".to_owned(),
                |bus| names::of_arn(&bus).to_owned(),
            ),
            enabled: properties.text("State")?.as_deref() != Some("DISABLED"),
            pattern: pattern.ok_or_else(|| at.wrong("is missing"))?,
            targets: properties
                .list("Targets")?
                .into_iter()
                .map(|mut target| {
                    let id = target.needed("Id")?;
                    Target::read(id, target)
                })
                .collect::<Result<_>>()?,
        };
        properties.finish(&["Description", "Name", "Tags"])?;
        Ok(rule)
    }
}

impl Target {
    /// Reads a target; whatever it does that is not read here is an error.
    pub(super) fn read(id: String, mut properties: Properties) -> Result<Self> {
        let target = Self {
            id,
            arn: properties.needed("Arn")?,
            ..Self::without_arn(&mut properties)?
        };
        properties.finish(&["RoleArn"])?;
        Ok(target)
    }

    /// The retries and dead letters of a target whose ARN is known otherwise.
    pub(super) fn without_arn(properties: &mut Properties) -> Result<Self> {
        let mut retry = properties.map("RetryPolicy")?;
        let mut failure = properties.map("DeadLetterConfig")?;
        let target = Self {
            id: String::new(),
            arn: String::new(),
            max_retries: retry.count("MaximumRetryAttempts", 185)?,
            max_age_seconds: retry.count("MaximumEventAgeInSeconds", 86_400)?,
            dead_letters: failure
                .text("Arn")?
                .map(|arn| names::of_arn(&arn).to_owned()),
        };
        retry.finish(&[])?;
        failure.finish(&[])?;
        Ok(target)
    }
}
