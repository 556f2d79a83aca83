//! Intrinsic functions: from `!Sub "${Orders}-dead"` to the text it stands for.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::error::{At, Result};
use super::{conditions, lists, names, sub};

/// One entry under `Resources`, not resolved yet.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    /// `AWS::SQS::Queue`, and so on.
    pub kind: String,
    /// `Properties`, as written.
    pub properties: Map<String, Value>,
}

/// Everything a reference may lead to.
#[derive(Debug, Default)]
pub(super) struct Resolver {
    /// Values of the template's parameters.
    pub parameters: BTreeMap<String, Value>,
    /// `Mappings`, as written.
    pub mappings: Value,
    /// `Conditions`, as written.
    pub conditions: Map<String, Value>,
    /// Resources by logical id, whether their condition holds or not.
    pub resources: BTreeMap<String, Resource>,
    /// Logical ids whose condition does not hold.
    pub left_out: Vec<String>,
}

impl Resolver {
    /// The plain value, every intrinsic worked out; `None` for `AWS::NoValue`.
    pub(super) fn resolve(&self, at: &At, value: &Value) -> Result<Option<Value>> {
        match value {
            Value::Array(items) => self.resolve_list(at, items).map(Some),
            Value::Object(map) => match intrinsic(map) {
                Some((name, argument)) => self.call(&at.hop()?, name, argument),
                None => self.resolve_map(at, map).map(Some),
            },
            plain => Ok(Some(plain.clone())),
        }
    }

    /// The value, which must be there.
    pub(super) fn value(&self, at: &At, value: &Value) -> Result<Value> {
        self.resolve(at, value)?
            .ok_or_else(|| at.wrong("AWS::NoValue cannot stand here"))
    }

    /// The value as a text; numbers and booleans are written as such.
    pub(super) fn text(&self, at: &At, value: &Value) -> Result<String> {
        as_text(at, &self.value(at, value)?)
    }

    /// Every value of a map; those that are `AWS::NoValue` are left out.
    pub(super) fn resolve_map(&self, at: &At, map: &Map<String, Value>) -> Result<Value> {
        let mut resolved = Map::new();
        for (key, value) in map {
            if let Some(value) = self.resolve(&at.inside(key), value)? {
                resolved.insert(key.clone(), value);
            }
        }
        Ok(Value::Object(resolved))
    }

    fn resolve_list(&self, at: &At, items: &[Value]) -> Result<Value> {
        let mut resolved = Vec::new();
        for (index, item) in items.iter().enumerate() {
            resolved.extend(self.resolve(&at.inside(index), item)?);
        }
        Ok(Value::Array(resolved))
    }

    fn call(&self, at: &At, name: &str, argument: &Value) -> Result<Option<Value>> {
        match name {
            "Ref" if argument.as_str() == Some("AWS::NoValue") => Ok(None),
            "Ref" => self
                .reference(at, &needs_text(at, name, argument)?)
                .map(Some),
            "Fn::GetAtt" => self.attribute(at, argument).map(Some),
            "Fn::Sub" => sub::substitute(self, at, argument).map(Some),
            "Fn::If" => conditions::choose(self, at, argument),
            "Fn::Equals" | "Fn::Not" | "Fn::And" | "Fn::Or" | "Condition" => {
                conditions::holds(self, at, name, argument).map(|held| Some(Value::Bool(held)))
            }
            "Fn::Join" => lists::join(self, at, argument).map(Some),
            "Fn::Select" => lists::select(self, at, argument).map(Some),
            "Fn::Split" => lists::split(self, at, argument).map(Some),
            "Fn::FindInMap" => lists::find_in_map(self, at, argument).map(Some),
            _ => Err(at.wrong(format!("{name} is not supported by the local system"))),
        }
    }

    /// What `!Ref name` stands for: a parameter, a pseudo-parameter or a resource.
    pub(super) fn reference(&self, at: &At, name: &str) -> Result<Value> {
        if let Some(value) = self.parameters.get(name) {
            return Ok(value.clone());
        }
        if let Some(value) = names::pseudo_parameter(name) {
            return Ok(value.into());
        }
        names::reference(self, at, name).map(Value::String)
    }

    fn attribute(&self, at: &At, argument: &Value) -> Result<Value> {
        let [id, wanted] = lists::arguments(at, "Fn::GetAtt", argument)?;
        let (id, wanted) = (self.text(at, id)?, self.text(at, wanted)?);
        names::attribute(self, at, &id, &wanted).map(Value::String)
    }

    /// The resource with this logical id.
    pub(super) fn resource(&self, at: &At, id: &str) -> Result<&Resource> {
        if self.left_out.iter().any(|left_out| left_out == id) {
            return Err(at.wrong(format!("{id} is left out by its condition")));
        }
        self.resources
            .get(id)
            .ok_or_else(|| at.wrong(format!("nothing in the template is called {id}")))
    }

    /// Whether SAM creates `id` beside a function: `ApiRole` of the function `Api`.
    pub(super) fn is_made_by_sam(&self, id: &str) -> bool {
        let function = id
            .strip_suffix("Role")
            .and_then(|id| self.resources.get(id));
        function.is_some_and(|function| function.kind == "AWS::Serverless::Function")
            && !self.resources.contains_key(id)
    }
}

/// A number, boolean or text as text.
pub(super) fn as_text(at: &At, value: &Value) -> Result<String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(value) => Ok(value.to_string()),
        _ => Err(at.wrong("a text is needed here")),
    }
}

fn needs_text(at: &At, name: &str, argument: &Value) -> Result<String> {
    let text = argument.as_str().map(str::to_owned);
    text.ok_or_else(|| at.wrong(format!("{name} needs a name")))
}

/// The call a map stands for, if it is one: a single key that is an intrinsic's name.
fn intrinsic(map: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = map.iter().next().filter(|_| map.len() == 1)?;
    // `Condition` is also a key of policy statements, where it holds a map.
    let is_call =
        name == "Ref" || name.starts_with("Fn::") || (name == "Condition" && argument.is_string());
    is_call.then_some((name, argument))
}
