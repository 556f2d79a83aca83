//! The document, put together from the table of routes and what each takes
//! and answers.

use serde_json::{Map, Value, json};

use super::operation::{Operation, Shown, headers};
use super::parameter::Parameter;
use super::routes;
use super::types::Types;
use crate::problem::Problem;
use crate::role::Role;
use crate::route::{Entry, TABLE};

const ABOUT: &str = "Customers of an online store: who they are, what they bought, what they are \
worth, and what was agreed with them.\n\n\
Amounts are exact decimals as text, instants are UTC, dates are of the store's time zone unless \
said otherwise. A field that is not known is null.\n\n\
A problem is an `application/problem+json` document (RFC 9457) that names the `field` and its \
`limit` where one field is at fault, and never repeats a value. 400 tells that a request has not \
the form described here, 422 that its values make no sense together, as settings, or with what \
there is. \
What the gateway says itself, before anything of ours is asked, is a `Message`.\n\n\
A request may be sent again: what it asks and what stands already is answered as done, whatever \
`If-Match` says, and only the requests that take an `Idempotency-Key` make something new each time \
without one. Where what is changed has no `ETag`, `If-Match` is refused (400) rather than ignored.\n\n\
No answer may be kept by anyone on the way, but for this document.";

/// The document. It is the same for the same sources.
#[must_use]
pub fn document() -> Value {
    let mut types = Types::new();
    let problem = types.shown::<Problem>();
    let mut told: Vec<(&Entry, Operation)> = TABLE
        .iter()
        .map(|entry| (entry, routes::operation(entry.route, &mut types)))
        .collect();
    let bodies = told.iter_mut().filter_map(|(_, told)| told.body.as_mut());
    let schemas = types.finish(bodies.map(|(schema, _)| schema));
    let mut paths = Map::new();
    for (entry, operation) in told {
        let path = paths.entry(entry.path).or_insert_with(|| json!({}));
        path[entry.method.to_lowercase()] = described(entry, operation, &problem);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "CRM for online stores",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": with_message(schemas),
            "responses": usual_answers(&problem),
            "securitySchemes": {"token": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "A token of the issuer that the store has named, with the caller's roles in a claim.",
            }},
        },
        "security": [{"token": []}],
    })
}

fn with_message(mut schemas: Map<String, Value>) -> Map<String, Value> {
    let message = json!({
        "description": "What the gateway says itself.",
        "type": "object",
        "properties": {"message": {"type": ["string", "null"]}},
        "required": ["message"],
    });
    schemas.insert("Message".to_owned(), message);
    schemas
}

fn described(entry: &Entry, operation: Operation, problem: &Value) -> Value {
    let mut parameters = Vec::new();
    for name in entry.path.split('/').filter_map(in_braces) {
        let (about, schema) = operation
            .names
            .get(name)
            .unwrap_or_else(|| panic!("{name} in {} is not described", entry.path));
        parameters.push(json!({
            "name": name, "in": "path", "required": true, "description": about, "schema": schema,
        }));
    }
    let given = |place: &'static str| {
        move |parameter: &Parameter| {
            json!({
                "name": parameter.name, "in": place, "required": parameter.required,
                "description": parameter.about, "schema": parameter.schema,
                // Of a list: one parameter, with commas.
                "explode": false,
            })
        }
    };
    parameters.extend(operation.parameters.iter().map(given("query")));
    parameters.extend(operation.headers.iter().map(given("header")));
    let mut told = json!({
        "operationId": snake(&format!("{:?}", entry.route)),
        "tags": [entry.path.split('/').nth(2).unwrap_or_default()],
        "summary": operation.summary,
        "description": about(entry, &operation),
        "x-roles": names(entry.roles),
        "parameters": parameters,
        "responses": answers(entry, &operation, problem),
    });
    if entry.is_open() {
        told["security"] = json!([]);
    }
    if let Some((schema, optional)) = operation.body {
        told["requestBody"] = json!({
            "required": !optional,
            "content": {"application/json": {"schema": schema}},
        });
    }
    told
}

fn in_braces(part: &str) -> Option<&str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

fn names(roles: &[Role]) -> Vec<&'static str> {
    roles.iter().map(|role| role.name()).collect()
}

fn about(entry: &Entry, operation: &Operation) -> String {
    let roles = if entry.is_open() {
        "For everyone, without a token.".to_owned()
    } else {
        format!("Roles: {}.", names(entry.roles).join(", "))
    };
    format!("{}\n\n{roles}", operation.about).trim().to_owned()
}

/// Everything a request may be answered with: what is said the same way
/// everywhere is said once.
fn answers(entry: &Entry, operation: &Operation, problem: &Value) -> Value {
    let mut answers = Map::new();
    for (status, shown) in &operation.shown {
        answers.insert(status.to_string(), answer(shown));
    }
    let mut usual = vec![400, 429, 500, 503];
    if !entry.is_open() {
        usual.extend([401, 403]);
    }
    if operation.body.is_some() {
        usual.extend([413, 415]);
    }
    for status in usual {
        let place = format!("#/components/responses/{status}");
        answers.insert(status.to_string(), json!({"$ref": place}));
    }
    for (status, about) in &operation.refused {
        answers.insert(status.to_string(), refusal(about, problem));
    }
    Value::Object(answers)
}

fn answer(shown: &Shown) -> Value {
    let mut answer = json!({"description": shown.about, "headers": headers(&shown.headers)});
    if let Some(schema) = &shown.schema {
        answer["content"] = json!({ shown.kind: {"schema": schema} });
    }
    answer
}

/// Answers that every request may meet.
fn usual_answers(problem: &Value) -> Value {
    let mut ours = refusal("It is our fault, and we were told.", problem);
    let mut away = refusal("Try again in a moment.", problem);
    // The gateway may be the one to say so.
    for answer in [&mut ours, &mut away] {
        answer["content"]["application/json"] = json!({"schema": message_type()});
    }
    away["headers"] = json!({"Retry-After": header("Seconds to wait, where we say so.")});
    let mut unknown = message("There is no token, or one that is not accepted.");
    unknown["headers"] = json!({"WWW-Authenticate": header("What is wrong with the token.")});
    json!({
        "400": refusal("Something has not the form described here.", problem),
        "401": unknown,
        "403": refusal("The caller's roles do not allow it.", problem),
        "413": refusal("The body is longer than 262144 bytes.", problem),
        "415": refusal("The body is not declared as `application/json`.", problem),
        "429": message("Too many requests at once."),
        "500": ours,
        "503": away,
    })
}

fn refusal(about: &str, problem: &Value) -> Value {
    json!({
        "description": about,
        "content": {"application/problem+json": {"schema": problem}},
    })
}

fn message(about: &str) -> Value {
    json!({
        "description": about,
        "content": {"application/json": {"schema": message_type()}},
    })
}

fn message_type() -> Value {
    json!({"$ref": "#/components/schemas/Message"})
}

fn header(about: &str) -> Value {
    json!({"description": about, "schema": {"type": "string"}})
}

/// `case_open` of `CaseOpen`.
fn snake(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}
