//! Looks for references that lead nowhere once everything is read.

use super::error::{At, Result};
use super::source::{From, Source};
use super::{Wiring, names};

/// Complains about the first queue, table, bus or target that the template does not have.
pub(super) fn check(wiring: &Wiring) -> Result<()> {
    for queue in &wiring.queues {
        let dead_letters = queue.redrive.as_ref().map(|redrive| &redrive.dead_letters);
        queue_exists(wiring, &At::new(&queue.name), dead_letters)?;
    }
    for source in &wiring.sources {
        source_exists(wiring, source)?;
    }
    for function in wiring.functions.values() {
        let dead_letters = function.unanswered.dead_letters.as_ref();
        queue_exists(wiring, &At::new(&function.id), dead_letters)?;
    }
    for rule in &wiring.rules {
        let at = At::new(&rule.name);
        if rule.bus != "default" && !wiring.buses.contains(&rule.bus) {
            return Err(at.wrong(format!("there is no bus {}", rule.bus)));
        }
        for target in &rule.targets {
            queue_exists(wiring, &at, target.dead_letters.as_ref())?;
            target_exists(wiring, &at, &target.arn)?;
        }
    }
    for schedule in &wiring.schedules {
        let at = At::new(&schedule.name);
        queue_exists(wiring, &at, schedule.target.dead_letters.as_ref())?;
        target_exists(wiring, &at, &schedule.target.arn)?;
    }
    Ok(())
}

fn source_exists(wiring: &Wiring, source: &Source) -> Result<()> {
    let at = At::new(&source.id);
    match &source.from {
        From::Queue { queue, .. } => queue_exists(wiring, &at, Some(queue)),
        From::Stream {
            table, on_failure, ..
        } => {
            let found = wiring
                .tables
                .iter()
                .find(|candidate| &candidate.name == table);
            if found.is_none_or(|table| table.stream.is_none()) {
                return Err(at.wrong(format!("the table {table} has no stream")));
            }
            queue_exists(wiring, &at, on_failure.as_ref())
        }
    }
}

fn queue_exists(wiring: &Wiring, at: &At, name: Option<&String>) -> Result<()> {
    match name {
        Some(name) if wiring.queue(name).is_none() => {
            Err(at.wrong(format!("there is no queue {name}")))
        }
        _ => Ok(()),
    }
}

fn target_exists(wiring: &Wiring, at: &At, arn: &str) -> Result<()> {
    let is_function = wiring
        .functions
        .values()
        .any(|function| function.arn() == arn);
    if is_function || wiring.queue(names::of_arn(arn)).is_some() {
        return Ok(());
    }
    Err(at.wrong(format!(
        "its target {arn} is neither a queue nor a function here"
    )))
}
