//! The fields of a body, taken out one by one, and none left over.

use serde_json::{Map, Value};

use crate::problem::{Problem, repeatable};

/// A body's fields that nobody has taken yet.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    pub(crate) fn new(body: Map<String, Value>) -> Self {
        Self(body)
    }

    /// A text that must be there.
    pub(crate) fn text(&mut self, name: &str, limit: &str) -> Result<String, Problem> {
        let text = self.optional_text(name, limit)?;
        text.ok_or_else(|| Problem::field(name, limit))
    }

    /// A text that may be left out or null.
    pub(crate) fn optional_text(
        &mut self,
        name: &str,
        limit: &str,
    ) -> Result<Option<String>, Problem> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Problem::field(name, limit)),
        }
    }

    /// A whole number within limits, or a default.
    pub(crate) fn number(
        &mut self,
        name: &str,
        least: usize,
        most: usize,
        default: usize,
    ) -> Result<usize, Problem> {
        let number = match self.0.remove(name) {
            None | Some(Value::Null) => return Ok(default),
            Some(value) => value
                .as_u64()
                .and_then(|number| usize::try_from(number).ok()),
        };
        let number = number.filter(|number| (least..=most).contains(number));
        let limit = || format!("must be a whole number from {least} to {most}");
        number.ok_or_else(|| Problem::field(name, &limit()))
    }

    /// A field of any form.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name)
    }

    /// Nothing may be left: a misspelt field would otherwise be ignored.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        match self.0.keys().next() {
            Some(name) => Err(Problem::field(
                repeatable(name),
                "is not a field of this body",
            )),
            None => Ok(()),
        }
    }
}
