//! Reads a resource's properties one by one and complains about those that nobody read.

use serde_json::{Map, Value};

use super::error::{At, Result};
use super::resolve::as_text;

/// Resolved properties, each to be taken once.
pub(super) struct Properties {
    at: At,
    left: Map<String, Value>,
}

impl Properties {
    pub(super) fn new(at: At, value: Value) -> Result<Self> {
        match value {
            Value::Object(left) => Ok(Self { at, left }),
            _ => Err(at.wrong("a map is needed here")),
        }
    }

    /// Where the property called `name` is.
    pub(super) fn at(&self, name: &str) -> At {
        self.at.inside(name)
    }

    /// The property, if it is there.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.left.remove(name)
    }

    /// A text, if it is there.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>> {
        let at = self.at(name);
        self.take(name)
            .map(|value| as_text(&at, &value))
            .transpose()
    }

    /// A text that must be there.
    pub(super) fn needed(&mut self, name: &str) -> Result<String> {
        let at = self.at(name);
        self.text(name)?.ok_or_else(|| at.wrong("is missing"))
    }

    /// A whole number, also when written as a text.
    pub(super) fn number(&mut self, name: &str) -> Result<Option<i64>> {
        let at = self.at(name);
        self.text(name)?
            .map(|text| text.parse().map_err(|_| at.wrong("must be a whole number")))
            .transpose()
    }

    /// A whole number from 0, else `default`.
    pub(super) fn count(&mut self, name: &str, default: u32) -> Result<u32> {
        let at = self.at(name);
        self.number(name)?.map_or(Ok(default), |number| {
            u32::try_from(number).map_err(|_| at.wrong("must not be negative"))
        })
    }

    /// A limit where `-1` and absence mean "none".
    pub(super) fn limit(&mut self, name: &str) -> Result<Option<u32>> {
        Ok(self
            .number(name)?
            .and_then(|number| u32::try_from(number).ok()))
    }

    /// True or false, else `default`.
    pub(super) fn flag(&mut self, name: &str, default: bool) -> Result<bool> {
        let at = self.at(name);
        match self.text(name)?.as_deref() {
            None => Ok(default),
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            Some(_) => Err(at.wrong("must be true or false")),
        }
    }

    /// The properties inside a property; empty when it is absent.
    pub(super) fn map(&mut self, name: &str) -> Result<Self> {
        let value = self.take(name).unwrap_or_else(|| Map::new().into());
        Self::new(self.at(name), value)
    }

    /// The properties of each item of a list; none when it is absent.
    pub(super) fn list(&mut self, name: &str) -> Result<Vec<Self>> {
        let at = self.at(name);
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => items
                .into_iter()
                .enumerate()
                .map(|(index, item)| Self::new(at.inside(index), item))
                .collect(),
            Some(_) => Err(at.wrong("a list is needed here")),
        }
    }

    /// What is left, by name.
    pub(super) fn rest(self) -> impl Iterator<Item = (String, At, Value)> {
        let at = self.at;
        self.left.into_iter().map(move |(name, value)| {
            let at = at.inside(&name);
            (name, at, value)
        })
    }

    /// Complains about the first property that was neither taken nor is known to play no part here.
    pub(super) fn finish(self, plays_no_part: &[&str]) -> Result<()> {
        let unknown = self
            .rest()
            .find(|(name, ..)| !plays_no_part.contains(&name.as_str()));
        match unknown {
            None => Ok(()),
            Some((_, at, _)) => Err(at.wrong("the local system does not know this property")),
        }
    }
}
