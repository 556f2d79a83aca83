//! Makes in the services what the template describes.

use aws_sdk_dynamodb::Client;

use super::{Identity, SystemError, tables};
use crate::services::pattern::Pattern;
use crate::services::queues::{Redrive, Settings};
use crate::services::scheduler::Schedule;
use crate::services::{Destination, Retry, Services, bus};
use crate::template::{self, Wiring};

pub(super) async fn wire(
    services: &Services,
    wiring: &Wiring,
    identity: &Identity,
) -> Result<(), SystemError> {
    let client = Client::new(&services.sdk_config());
    for table in &wiring.tables {
        tables::create(&client, table).await?;
    }
    for queue in &wiring.queues {
        services.queues().create(&queue.name, settings(queue));
    }
    for bus in &wiring.buses {
        services.bus().create(bus);
    }
    for rule in wiring.rules.iter().filter(|rule| rule.enabled) {
        services.bus().rule(bus_rule(rule)?);
    }
    for schedule in &wiring.schedules {
        services.scheduler().declare(declared(schedule)?)?;
    }
    for (name, value) in identity.secrets() {
        services.secrets().create(name, value)?;
    }
    // While the system was off the clock went on: one tick of each schedule makes up for all.
    Ok(services.scheduler().skip_to_last(services.clock().now())?)
}

fn settings(queue: &template::Queue) -> Settings {
    Settings {
        visibility_seconds: queue.visibility_seconds,
        delay_seconds: queue.delay_seconds,
        retention_seconds: queue.retention_seconds,
        redrive: queue.redrive.as_ref().map(|redrive| Redrive {
            dead_letters: redrive.dead_letters.clone(),
            max_receive_count: redrive.max_receive_count,
        }),
        ..Settings::default()
    }
}

fn bus_rule(rule: &template::Rule) -> Result<bus::Rule, SystemError> {
    let pattern = Pattern::parse(&rule.pattern).map_err(|source| SystemError::Pattern {
        rule: rule.name.clone(),
        source,
    })?;
    let targets = rule.targets.iter().map(|target| {
        Ok(bus::Target {
            destination: destination(&rule.name, target)?,
            input: bus::Input::Event,
            retry: retry(target),
        })
    });
    Ok(bus::Rule {
        name: rule.name.clone(),
        bus: rule.bus.clone(),
        pattern,
        targets: targets.collect::<Result<_, SystemError>>()?,
    })
}

fn declared(schedule: &template::Schedule) -> Result<Schedule, SystemError> {
    let to = destination(&schedule.name, &schedule.target)?;
    let mut declared = Schedule::new(&schedule.name, &schedule.expression, to, &schedule.input);
    declared.time_zone.clone_from(&schedule.zone);
    declared.enabled = schedule.enabled;
    declared.retry = retry(&schedule.target);
    Ok(declared)
}

pub(super) fn destination(
    origin: &str,
    target: &template::Target,
) -> Result<Destination, SystemError> {
    Destination::from_arn(&target.arn).ok_or_else(|| SystemError::Target {
        origin: origin.to_owned(),
        arn: target.arn.clone(),
    })
}

pub(super) fn retry(target: &template::Target) -> Retry {
    Retry {
        attempts: target.max_retries,
        age_seconds: target.max_age_seconds,
        dead_letters: target.dead_letters.clone(),
    }
}
