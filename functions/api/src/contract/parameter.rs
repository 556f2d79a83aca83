//! Parameters, with the limits that their readers hold them to.

use serde_json::{Value, json};

/// Most characters of a text that nothing else limits.
const MOST_CHARACTERS: usize = 2048;

/// A parameter of a query.
pub(crate) struct Parameter {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) schema: Value,
    pub(super) required: bool,
}

impl Parameter {
    /// One that looks like `schema`.
    pub(crate) fn new(name: &'static str, about: &'static str, schema: Value) -> Self {
        Self {
            name,
            about,
            schema,
            required: false,
        }
    }

    /// Its name.
    #[cfg(test)]
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// How many entries a page has.
    pub(crate) fn limit(name: &'static str, most: usize, usual: usize) -> Self {
        let about = "How many entries a page has at most.";
        Self::number(name, about, 1, most, usual)
    }

    /// A whole number.
    pub(crate) fn number(
        name: &'static str,
        about: &'static str,
        least: impl Into<Value>,
        most: impl Into<Value>,
        usual: impl Into<Value>,
    ) -> Self {
        let schema = json!({
            "type": "integer",
            "minimum": least.into(),
            "maximum": most.into(),
            "default": usual.into(),
        });
        Self::new(name, about, schema)
    }

    /// Where a page begins.
    pub(crate) fn cursor(name: &'static str) -> Self {
        let about = "Where the page begins: a cursor that the same list gave, asked the same way.";
        let schema = json!({
            "type": "string",
            "minLength": 1,
            "maxLength": crate::cursor::MOST_CHARACTERS,
            "pattern": "^[A-Za-z0-9_-]+$",
        });
        Self::new(name, about, schema)
    }

    /// A date.
    pub(crate) fn date(name: &'static str, about: &'static str) -> Self {
        Self::new(name, about, date())
    }

    /// One of some words; the first if it is left out and `usual`.
    pub(crate) fn word<'a>(
        name: &'static str,
        about: &'static str,
        words: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let words: Vec<_> = words.into_iter().collect();
        Self::new(name, about, json!({"type": "string", "enum": words}))
    }

    /// Some of some words, with commas.
    pub(crate) fn words<'a>(
        name: &'static str,
        about: &'static str,
        words: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let one = words.into_iter().collect::<Vec<_>>().join("|");
        let pattern = format!("^({one})(, ?({one}))*$");
        Self::new(name, about, json!({"type": "string", "pattern": pattern}))
    }

    /// Any text.
    pub(crate) fn text(name: &'static str, about: &'static str) -> Self {
        let schema = json!({"type": "string", "minLength": 1, "maxLength": MOST_CHARACTERS});
        Self::new(name, about, schema)
    }

    /// The same with a value that stands where none is given.
    pub(crate) fn or(mut self, usual: &str) -> Self {
        self.schema["default"] = usual.into();
        self
    }
}

/// A date of the years that are accepted.
pub(crate) fn date() -> Value {
    json!({
        "type": "string",
        "format": "date",
        "pattern": crate::request::DATE_PATTERN,
    })
}
