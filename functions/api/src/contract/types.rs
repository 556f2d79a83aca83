//! The types a document is made of, each described once.

use schemars::generate::{Contract, SchemaSettings};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value};

const PLACE: &str = "/components/schemas";

/// Describes types as they are shown, and as they are to be given: a field
/// that is always shown may well be left out by whoever gives it.
pub(crate) struct Types {
    shown: SchemaGenerator,
    given: SchemaGenerator,
}

impl Types {
    pub(super) fn new() -> Self {
        let generator = |contract| {
            let settings = SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = PLACE.into();
                settings.meta_schema = None;
                settings.contract = contract;
            });
            settings.into_generator()
        };
        Self {
            shown: generator(Contract::Serialize),
            given: generator(Contract::Deserialize),
        }
    }

    /// A type as answers have it.
    pub(crate) fn shown<T: JsonSchema>(&mut self) -> Value {
        self.shown.subschema_for::<T>().to_value()
    }

    /// A type as bodies have it.
    pub(crate) fn given<T: JsonSchema>(&mut self) -> Value {
        self.given.subschema_for::<T>().to_value()
    }

    /// All that were described, by name; and `bodies` changed to refer to
    /// what is given wherever that differs from what is shown.
    pub(super) fn finish<'a>(
        mut self,
        bodies: impl Iterator<Item = &'a mut Value>,
    ) -> Map<String, Value> {
        let mut schemas = self.shown.take_definitions(true);
        let mut given = self.given.take_definitions(true);
        let renamed = renamed(&schemas, &given);
        given
            .values_mut()
            .for_each(|schema| refer(schema, &renamed));
        bodies.for_each(|body| refer(body, &renamed));
        for (name, schema) in given {
            let is_other = renamed.contains(&name);
            let name = if is_other { as_given(&name) } else { name };
            schemas.insert(name, schema);
        }
        schemas.values_mut().for_each(tidy);
        schemas
    }
}

/// Leaves out what is of no use to a caller: the values that the sources
/// start from, forms with names of a library's own, and pointers into the
/// sources.
fn tidy(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.remove("default");
            object.retain(|name, value| name != "format" || is_known(value));
            if let Some(Value::String(text)) = object.get_mut("description") {
                *text = plain(text);
            }
            object.values_mut().for_each(tidy);
        }
        Value::Array(values) => values.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// A form that the specification of JSON Schema knows. A property that is
/// called `format` is no text.
fn is_known(format: &Value) -> bool {
    format
        .as_str()
        .is_none_or(|format| matches!(format, "date" | "date-time"))
}

fn plain(text: &str) -> String {
    let text = text
        .replace('\n', " ")
        .replace("[`", "`")
        .replace("`]", "`");
    match text.split_once(" (DOMAIN section") {
        Some((before, after)) => {
            let after = after.split_once(')').map_or("", |(_, after)| after);
            format!("{before}{after}")
        }
        None => text,
    }
}

fn as_given(name: &str) -> String {
    format!("{name}Given")
}

/// The names that stand for something else in what is given, and those of
/// all that refer to them.
fn renamed(shown: &Map<String, Value>, given: &Map<String, Value>) -> Vec<String> {
    let differs = |name: &String| shown.get(name).is_some_and(|shown| *shown != given[name]);
    let mut renamed: Vec<String> = given.keys().filter(|name| differs(name)).cloned().collect();
    loop {
        let refers = |name: &&String| {
            let text = given[*name].to_string();
            renamed
                .iter()
                .any(|other| text.contains(&format!("\"#{PLACE}/{other}\"")))
        };
        let is_new = |name: &&String| shown.contains_key(*name) && !renamed.contains(name);
        let more = given.keys().filter(is_new).filter(refers).cloned();
        let more: Vec<String> = more.collect();
        if more.is_empty() {
            return renamed;
        }
        renamed.extend(more);
    }
}

/// Lets references lead to what is given.
fn refer(value: &mut Value, renamed: &[String]) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(place)) = object.get_mut("$ref") {
                let name = place.rsplit('/').next().unwrap_or_default().to_owned();
                if renamed.contains(&name) {
                    *place = format!("#{PLACE}/{}", as_given(&name));
                }
            }
            object.values_mut().for_each(|value| refer(value, renamed));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| refer(value, renamed)),
        _ => {}
    }
}
