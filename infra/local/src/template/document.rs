//! A template's text, taken apart into what references may lead to.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::conditions;
use super::error::{At, Result, TemplateError};
use super::resolve::{Resolver, Resource};
use super::{kinds, tags};

/// Parameters given by the caller instead of the template's defaults.
pub type Overrides = BTreeMap<String, String>;

/// A template, read but not wired.
pub(super) struct Document {
    /// Answers every reference.
    pub resolver: Resolver,
    /// `Globals.Function`, as written.
    pub function_globals: Option<Value>,
}

impl Document {
    pub(super) fn read(text: &str, overrides: &Overrides) -> Result<Self> {
        let yaml = yaml_serde::from_str(text).map_err(TemplateError::NotYaml)?;
        let at = At::new("template");
        let Value::Object(mut sections) = tags::written_out(&at, yaml)? else {
            return Err(at.wrong("it is empty"));
        };
        let mut section = |name: &str| match sections.remove(name) {
            None => Ok(Map::new()),
            Some(Value::Object(section)) => Ok(section),
            Some(_) => Err(At::new(name).wrong("a map is needed here")),
        };
        let mut resolver = Resolver {
            parameters: parameters(&section("Parameters")?, overrides)?,
            mappings: Value::Object(section("Mappings")?),
            conditions: section("Conditions")?,
            ..Resolver::default()
        };
        let function_globals = section("Globals")?.remove("Function");
        let resources = section("Resources")?;
        if resources.is_empty() {
            return Err(At::new("Resources").wrong("there are none"));
        }
        for (id, resource) in &resources {
            add(&mut resolver, id, resource)?;
        }
        Ok(Self {
            resolver,
            function_globals,
        })
    }
}

fn add(resolver: &mut Resolver, id: &str, resource: &Value) -> Result<()> {
    let at = At::new(id);
    let kind = resource.get("Type").and_then(Value::as_str);
    let kind = kind.ok_or_else(|| at.inside("Type").wrong("is missing"))?;
    if !kinds::is_known(kind) {
        return Err(at
            .inside("Type")
            .wrong(format!("{kind} is not known to the local system")));
    }
    if let Some(condition) = resource.get("Condition")
        && !conditions::named(resolver, &at.inside("Condition"), condition)?
    {
        resolver.left_out.push(id.to_owned());
    }
    let properties = match resource.get("Properties") {
        None => Map::new(),
        Some(Value::Object(properties)) => properties.clone(),
        Some(_) => return Err(at.inside("Properties").wrong("a map is needed here")),
    };
    let kind = kind.to_owned();
    resolver
        .resources
        .insert(id.to_owned(), Resource { kind, properties });
    Ok(())
}

fn parameters(
    declared: &Map<String, Value>,
    overrides: &Overrides,
) -> Result<BTreeMap<String, Value>> {
    if let Some(unknown) = overrides.keys().find(|name| !declared.contains_key(*name)) {
        return Err(At::new("Parameters").wrong(format!("there is no parameter {unknown}")));
    }
    let values = declared.iter().map(|(name, parameter)| {
        let value = match overrides.get(name) {
            Some(value) => Some(Value::String(value.clone())),
            None => parameter.get("Default").cloned(),
        };
        let at = At::new("Parameters").inside(name);
        let value = value.ok_or_else(|| at.wrong("has no default and no value was given"))?;
        Ok((name.clone(), typed(parameter, value)))
    });
    values.collect()
}

/// Lists are written with commas; everything else is a text, whatever YAML made of it.
fn typed(parameter: &Value, value: Value) -> Value {
    let text = match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let kind = parameter
        .get("Type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if kind == "CommaDelimitedList" || kind.starts_with("List<") {
        return text.split(',').map(str::trim).collect();
    }
    text.into()
}
