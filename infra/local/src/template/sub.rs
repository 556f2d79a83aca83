//! `Fn::Sub`: a text with `${...}` in it.

use serde_json::{Map, Value};

use super::error::{At, Result};
use super::names;
use super::resolve::{Resolver, as_text};

/// The text with every `${name}` and `${resource.attribute}` filled in; `${!name}` stays `${name}`.
pub(super) fn substitute(resolver: &Resolver, at: &At, argument: &Value) -> Result<Value> {
    let nothing = Map::new();
    let (text, own) = match argument {
        Value::String(text) => (text.as_str(), &nothing),
        Value::Array(parts) => match parts.as_slice() {
            [Value::String(text), Value::Object(own)] => (text.as_str(), own),
            _ => return Err(at.wrong("Fn::Sub needs a text and a map")),
        },
        _ => return Err(at.wrong("Fn::Sub needs a text")),
    };
    fill(resolver, at, text, own).map(Value::String)
}

fn fill(resolver: &Resolver, at: &At, text: &str, own: &Map<String, Value>) -> Result<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after
            .split_once('}')
            .ok_or_else(|| at.wrong("a ${ in Fn::Sub is not closed"))?;
        filled.push_str(before);
        match name.strip_prefix('!') {
            Some(literal) => filled.extend(["${", literal, "}"]),
            None => filled.push_str(&one(resolver, at, name, own)?),
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn one(resolver: &Resolver, at: &At, name: &str, own: &Map<String, Value>) -> Result<String> {
    if let Some(value) = own.get(name) {
        return resolver.text(&at.inside(name), value);
    }
    match name.split_once('.') {
        Some((id, attribute)) => names::attribute(resolver, at, id, attribute),
        None => as_text(at, &resolver.reference(at, name)?),
    }
}
