//! Short tags (`!Ref Orders`) written out (`{"Ref": "Orders"}`), so that the rest knows one form only.

use serde_json::{Map, Value, json};
use yaml_serde::Value as Yaml;

use super::error::{At, Result};

/// The YAML as JSON, every short tag in its long form.
pub(super) fn written_out(at: &At, yaml: Yaml) -> Result<Value> {
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(value),
        Yaml::Number(number) => number_written_out(at, &number)?,
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => items
            .into_iter()
            .enumerate()
            .map(|(index, item)| written_out(&at.inside(index), item))
            .collect::<Result<_>>()?,
        Yaml::Mapping(entries) => {
            let mut map = Map::new();
            for (key, value) in entries {
                let key = key_text(at, &key)?;
                let value = written_out(&at.inside(&key), value)?;
                map.insert(key, value);
            }
            Value::Object(map)
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let value = written_out(at, tagged.value)?;
            long_form(at, tag.trim_start_matches('!'), value)?
        }
    })
}

fn number_written_out(at: &At, number: &yaml_serde::Number) -> Result<Value> {
    if let Some(whole) = number.as_i64() {
        return Ok(whole.into());
    }
    number
        .as_f64()
        .and_then(serde_json::Number::from_f64)
        .map(Value::Number)
        .ok_or_else(|| at.wrong("this number cannot be used"))
}

fn key_text(at: &At, key: &Yaml) -> Result<String> {
    match key {
        Yaml::String(text) => Ok(text.clone()),
        Yaml::Number(number) => Ok(number.to_string()),
        Yaml::Bool(value) => Ok(value.to_string()),
        _ => Err(at.wrong("a key must be a text")),
    }
}

fn long_form(at: &At, tag: &str, value: Value) -> Result<Value> {
    match tag {
        "Ref" | "Condition" => Ok(json!({ tag: value })),
        "GetAtt" => {
            let parts = match &value {
                Value::String(text) => text.split_once('.').map(|(id, name)| json!([id, name])),
                Value::Array(_) => Some(value),
                _ => None,
            };
            let parts = parts.ok_or_else(|| at.wrong("!GetAtt needs Resource.Attribute"))?;
            Ok(json!({ "Fn::GetAtt": parts }))
        }
        "Sub" | "If" | "Equals" | "Not" | "And" | "Or" | "Join" | "Select" | "Split"
        | "FindInMap" => Ok(json!({ format!("Fn::{tag}"): value })),
        _ => Err(at.wrong(format!("!{tag} is not supported by the local system"))),
    }
}
