//! How conditions look, for whoever describes an interface that takes them.
//!
//! How deep they go and how many tests there are in all is beyond what such a
//! description can say; its words say it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::{Condition, MOST_CHARS, MOST_DEPTH, MOST_TESTS, Measure};
use crate::consent::Medium;
use crate::segment::{Group, Health, Segment, Stage};

/// Most of a whole number.
const MOST: i64 = 999_999_999_999;
/// A decimal, one that is not below zero, and one without fractions.
const DECIMAL: &str = r"^-?[0-9]{1,12}(\.[0-9]{1,15})?$";
const POSITIVE: &str = r"^[0-9]{1,12}(\.[0-9]{1,15})?$";
const WHOLE: &str = r"^[0-9]{1,12}(\.0{1,15})?$";

/// Tests of a text, and of what.
const TEXTS: [(&str, &str); 9] = [
    (
        "name",
        "Each word begins a word of the name; case and accents do not matter.",
    ),
    ("email", "An address the customer goes by."),
    ("email_domain", "What stands behind the @ of one."),
    (
        "phone",
        "A telephone: + and all digits, or the last 7 digits or more.",
    ),
    (
        "order_number",
        "The number of an order, as #1001. For searches only, once, and not inside `any` or `not`.",
    ),
    ("tag", "A label, in any case."),
    ("channel", "The channel that won the customer, in any case."),
    ("source", "A source they are known at, as `shopify`."),
    ("shop", "A shop they are known at, as `{source}:{shop}`."),
];

impl JsonSchema for Condition {
    fn schema_name() -> Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let part = generator.subschema_for::<Self>().to_value();
        let medium = generator.subschema_for::<Medium>().to_value();
        let mut one = parts(&part);
        for (name, about) in TEXTS {
            one.insert(name.to_owned(), text(about));
        }
        one.extend(words());
        one.insert("vip".to_owned(), json!({"type": "boolean"}));
        one.insert("consent".to_owned(), consent(&medium));
        one.insert("field".to_owned(), field());
        for measure in Measure::ALL {
            let limits = limits(measure.pattern(), measure.least());
            one.insert(measure.name().to_owned(), range(&limits, &[], 1));
        }
        let description = format!(
            "All, any or none of some conditions, or one test. At most {MOST_TESTS} tests in all, and \
             {MOST_DEPTH} conditions inside each other. A test of what somebody has none of is not passed."
        );
        json_schema!({
            "description": description,
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": false,
            "properties": one,
            "examples": [{"all": [{"vip": true}, {"gross": {"at_least": "100"}}]}],
        })
    }
}

fn parts(part: &Value) -> Map<String, Value> {
    let list =
        |about: &str| json!({"description": about, "type": "array", "minItems": 1, "items": part});
    Map::from_iter([
        ("all".to_owned(), list("Every one of these.")),
        ("any".to_owned(), list("At least one of these.")),
        ("not".to_owned(), part.clone()),
    ])
}

fn text(about: &str) -> Value {
    json!({
        "description": about,
        "type": "string",
        "minLength": 1,
        "maxLength": MOST_CHARS,
        "pattern": r"\S",
    })
}

/// Tests of one of some words.
fn words() -> [(String, Value); 5] {
    let one_of = |words: &[&str]| json!({"type": "string", "enum": words});
    let id = json!({
        "description": "The id of a named segment. For searches only.",
        "type": "string",
        "pattern": "^[a-z0-9]{8,64}$",
    });
    [
        (
            "segment".to_owned(),
            one_of(&Segment::ALL.map(Segment::name)),
        ),
        ("group".to_owned(), one_of(&Group::ALL.map(Group::name))),
        ("stage".to_owned(), one_of(&Stage::ALL.map(Stage::name))),
        ("health".to_owned(), one_of(&Health::ALL.map(Health::name))),
        ("named_segment".to_owned(), id),
    ]
}

fn consent(medium: &Value) -> Value {
    json!({
        "description": "Whether marketing by a medium is allowed.",
        "type": "object",
        "properties": {"medium": medium, "given": {"type": "boolean"}},
        "required": ["medium", "given"],
        "additionalProperties": false,
    })
}

/// A field of the store's own: its value, whether it has one, or its limits.
fn field() -> Value {
    let name = text("Its name.");
    let one = |test: &str, schema: Value| {
        json!({
            "type": "object",
            "properties": {"name": name, test: schema},
            "required": ["name", test],
            "additionalProperties": false,
        })
    };
    let mut within = limits(DECIMAL, -MOST);
    within.insert("name".to_owned(), name.clone());
    let is = one("is", text("Its value, in any case."));
    let set = one("set", json!({"type": "boolean"}));
    json!({
        "description": "A field of the store's own: what it is, whether it has a value, or within which limits.",
        "oneOf": [is, set, range(&within, &["name"], 2)],
    })
}

impl Measure {
    /// How its limits look as text.
    #[must_use]
    pub fn pattern(self) -> &'static str {
        match self {
            Self::Net => DECIMAL,
            _ if self.is_whole() => WHOLE,
            _ => POSITIVE,
        }
    }

    /// The least of a limit.
    fn least(self) -> i64 {
        if self == Self::Net { -MOST } else { 0 }
    }
}

fn limits(pattern: &str, least: i64) -> Map<String, Value> {
    let number = json!({"type": "integer", "minimum": least, "maximum": MOST});
    let limit = json!({"oneOf": [{"type": "string", "pattern": pattern}, number]});
    let names = ["at_least", "below"];
    names
        .map(|name| (name.to_owned(), limit.clone()))
        .into_iter()
        .collect()
}

/// An object with so many of the fields at least.
fn range(fields: &Map<String, Value>, required: &[&str], least: usize) -> Value {
    json!({
        "description": "`at_least` belongs to the range, `below` does not and is more.",
        "type": "object",
        "properties": fields,
        "required": required,
        "minProperties": least,
        "additionalProperties": false,
    })
}
