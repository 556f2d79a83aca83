//! Schedules: what happens by the clock.

use super::error::Result;
use super::properties::Properties;
use super::rule::Target;

/// One EventBridge Scheduler schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// Its name.
    pub name: String,
    /// `rate(...)`, `cron(...)` or `at(...)`.
    pub expression: String,
    /// The IANA zone a `cron` is meant in; UTC unless given.
    pub zone: String,
    /// What the target gets, placeholders such as `<aws.scheduler.scheduled-time>` included.
    pub input: String,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Whom it wakes.
    pub target: Target,
}

impl Schedule {
    /// Reads an `AWS::Scheduler::Schedule`.
    pub(super) fn read(name: String, mut properties: Properties) -> Result<Self> {
        let mut target = properties.map("Target")?;
        let input = target.text("Input")?;
        let target = Target::read(name.clone(), target)?;
        Self::of(name, input, target, properties)
    }

    /// Reads a `ScheduleV2` event of the function with this ARN.
    pub(super) fn of_function(
        arn: String,
        name: String,
        mut properties: Properties,
    ) -> Result<Self> {
        let input = properties.text("Input")?;
        let target = Target {
            id: name.clone(),
            arn,
            ..Target::without_arn(&mut properties)?
        };
        Self::of(name, input, target, properties)
    }

    fn of(
        name: String,
        input: Option<String>,
        target: Target,
        mut properties: Properties,
    ) -> Result<Self> {
        let zone = properties.text("ScheduleExpressionTimezone")?;
        let schedule = Self {
            name,
            expression: properties.needed("ScheduleExpression")?,
            zone: zone.unwrap_or_else(|| "UTC".to_owned()),
            input: input.unwrap_or_else(|| "{}".to_owned()),
            enabled: properties.text("State")?.as_deref() != Some("DISABLED"),
            target,
        };
        properties.finish(&[
            "Description",
            "FlexibleTimeWindow",
            "GroupName",
            "KmsKeyArn",
            "Name",
            "OmitName",
            "PermissionsBoundary",
            "RoleArn",
        ])?;
        Ok(schedule)
    }
}
