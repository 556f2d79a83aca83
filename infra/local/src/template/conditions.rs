//! Conditions: which parts of the template are there at all.

use serde_json::Value;

use super::error::{At, Result};
use super::lists::arguments;
use super::resolve::Resolver;

/// The branch of `Fn::If` that counts; the other one is not even looked at.
pub(super) fn choose(resolver: &Resolver, at: &At, argument: &Value) -> Result<Option<Value>> {
    let [condition, then, otherwise] = arguments(at, "Fn::If", argument)?;
    let branch = if named(resolver, at, condition)? {
        then
    } else {
        otherwise
    };
    resolver.resolve(at, branch)
}

/// Whether the condition called `name` holds.
pub(super) fn named(resolver: &Resolver, at: &At, name: &Value) -> Result<bool> {
    let name = name
        .as_str()
        .ok_or_else(|| at.wrong("a condition is given by its name"))?;
    let condition = resolver
        .conditions
        .get(name)
        .ok_or_else(|| at.wrong(format!("there is no condition {name}")))?;
    truth(resolver, &at.hop()?, condition)
}

/// Whether one of the condition functions holds.
pub(super) fn holds(resolver: &Resolver, at: &At, call: &str, argument: &Value) -> Result<bool> {
    match call {
        "Condition" => named(resolver, at, argument),
        "Fn::Equals" => {
            let [left, right] = arguments(at, call, argument)?;
            Ok(resolver.text(at, left)? == resolver.text(at, right)?)
        }
        "Fn::Not" => {
            let [condition] = arguments(at, call, argument)?;
            Ok(!truth(resolver, at, condition)?)
        }
        _ => {
            let all = argument
                .as_array()
                .ok_or_else(|| at.wrong(format!("{call} needs a list")))?
                .iter()
                .map(|condition| truth(resolver, at, condition))
                .collect::<Result<Vec<bool>>>()?;
            let is_and = call == "Fn::And";
            Ok(all.iter().fold(
                is_and,
                |sum, one| if is_and { sum && *one } else { sum || *one },
            ))
        }
    }
}

fn truth(resolver: &Resolver, at: &At, condition: &Value) -> Result<bool> {
    match resolver.value(at, condition)? {
        Value::Bool(held) => Ok(held),
        _ => Err(at.wrong("a condition must be true or false")),
    }
}
