//! The document as it is written: one line for each request and each type, so
//! that a change shows what it changes, and no more bytes than that takes.

use std::fmt::Write as _;

use serde_json::Value;

/// How deep lines are broken.
const DEPTH: usize = 3;

/// The document's text.
#[must_use]
pub fn text(document: &Value) -> String {
    let mut text = String::new();
    write(&mut text, document, 0);
    text.push('\n');
    text
}

fn write(text: &mut String, value: &Value, depth: usize) {
    let Value::Object(fields) = value else {
        return plain(text, value);
    };
    if depth == DEPTH || fields.is_empty() {
        return plain(text, value);
    }
    text.push_str("{\n");
    for (place, (name, value)) in fields.iter().enumerate() {
        if place > 0 {
            text.push_str(",\n");
        }
        plain(text, &Value::String(name.clone()));
        text.push(':');
        write(text, value, depth + 1);
    }
    text.push_str("\n}");
}

fn plain(text: &mut String, value: &Value) {
    write!(text, "{value}").expect("writing to a text cannot fail");
}
