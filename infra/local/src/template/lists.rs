//! `Join`, `Split`, `Select` and `FindInMap`.

use serde_json::Value;

use super::error::{At, Result};
use super::resolve::Resolver;

/// Exactly `N` arguments of `call`.
pub(super) fn arguments<'a, const N: usize>(
    at: &At,
    call: &str,
    argument: &'a Value,
) -> Result<&'a [Value; N]> {
    argument
        .as_array()
        .and_then(|items| items.as_slice().try_into().ok())
        .ok_or_else(|| at.wrong(format!("{call} needs a list of {N}")))
}

/// `Fn::Join`: the items with the delimiter between them.
pub(super) fn join(resolver: &Resolver, at: &At, argument: &Value) -> Result<Value> {
    let [delimiter, items] = arguments(at, "Fn::Join", argument)?;
    let texts = list(resolver, at, items)?
        .iter()
        .map(|item| resolver.text(at, item))
        .collect::<Result<Vec<_>>>()?;
    Ok(texts.join(&resolver.text(at, delimiter)?).into())
}

/// `Fn::Split`: the parts between the delimiters.
pub(super) fn split(resolver: &Resolver, at: &At, argument: &Value) -> Result<Value> {
    let [delimiter, text] = arguments(at, "Fn::Split", argument)?;
    let (delimiter, text) = (resolver.text(at, delimiter)?, resolver.text(at, text)?);
    if delimiter.is_empty() {
        return Err(at.wrong("Fn::Split needs a delimiter"));
    }
    Ok(text.split(delimiter.as_str()).collect())
}

/// `Fn::Select`: the item at an index, counted from 0.
pub(super) fn select(resolver: &Resolver, at: &At, argument: &Value) -> Result<Value> {
    let [index, items] = arguments(at, "Fn::Select", argument)?;
    let index = resolver.text(at, index)?;
    let items = list(resolver, at, items)?;
    let chosen = index
        .parse::<usize>()
        .ok()
        .and_then(|index| items.get(index));
    chosen
        .cloned()
        .ok_or_else(|| at.wrong(format!("Fn::Select: there is no item {index}")))
}

/// `Fn::FindInMap`: the value under two keys of a mapping.
pub(super) fn find_in_map(resolver: &Resolver, at: &At, argument: &Value) -> Result<Value> {
    let [map, first, second] = arguments(at, "Fn::FindInMap", argument)?;
    let keys = [
        resolver.text(at, map)?,
        resolver.text(at, first)?,
        resolver.text(at, second)?,
    ];
    let found = keys
        .iter()
        .try_fold(&resolver.mappings, |level, key| level.get(key));
    found
        .cloned()
        .ok_or_else(|| at.wrong(format!("no mapping has {}", keys.join("."))))
}

fn list(resolver: &Resolver, at: &At, items: &Value) -> Result<Vec<Value>> {
    match resolver.value(at, items)? {
        Value::Array(items) => Ok(items),
        _ => Err(at.wrong("a list is needed here")),
    }
}
