//! What of an event a target gets.

use serde_json::Value;

/// What of an event a target gets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Input {
    /// All of it.
    #[default]
    Event,
    /// The same JSON text whatever happened.
    Fixed(String),
    /// The part at a path such as `$.detail.order`.
    Path(String),
}

impl Input {
    pub(super) fn of(&self, event: &Value) -> String {
        match self {
            Self::Event => event.to_string(),
            Self::Fixed(text) => text.clone(),
            Self::Path(path) => at(event, path).unwrap_or(&Value::Null).to_string(),
        }
    }
}

fn at<'a>(event: &'a Value, path: &str) -> Option<&'a Value> {
    let path = path.strip_prefix('$')?;
    let names = path.split('.').filter(|name| !name.is_empty());
    names.into_iter().try_fold(event, |value, name| {
        let (name, indexes) = name.split_once('[').unwrap_or((name, ""));
        let indexes = indexes.split('[').filter(|index| !index.is_empty());
        indexes
            .into_iter()
            .try_fold(value.get(name)?, |value, index| {
                let index: usize = index.strip_suffix(']')?.parse().ok()?;
                value.get(index)
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_picks_its_part_of_the_event() {
        let event = json!({ "detail": { "lines": [{ "sku": "A" }, { "sku": "B" }] } });
        for (path, part) in [
            ("$", event.to_string()),
            ("$.detail.lines[1].sku", "\"B\"".to_owned()),
            ("$.detail.nothing", "null".to_owned()),
            ("$.detail.lines[7]", "null".to_owned()),
        ] {
            assert_eq!(Input::Path(path.to_owned()).of(&event), part, "{path}");
        }
    }
}
