//! What a source's labels mean to the store.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CustomField, FieldValue};
use crate::customer::Node;
use crate::tags::MOST_TAG_CHARS;

/// Most rules of a store.
const MOST_RULES: usize = 200;
/// Most characters of a label.
const MOST_LABEL_CHARS: usize = 40;

/// What one label of the source's stands for: a label of the store's own, the
/// value of a field, or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TagRule {
    /// The source's label, in whatever case.
    #[schemars(length(min = 1, max = MOST_TAG_CHARS))]
    pub tag: String,
    /// The store's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = MOST_LABEL_CHARS))]
    pub label: Option<String>,
    /// The field that it gives a value to, where nobody set one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// That value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl TagRule {
    /// The rules every store begins with.
    #[must_use]
    pub fn defaults() -> Vec<Self> {
        let rule = |tag: &str| Self {
            tag: tag.to_owned(),
            label: Some(tag.to_lowercase()),
            field: None,
            value: None,
        };
        ["VIP", "wholesale", "influencer"].map(rule).into()
    }

    fn means(&self, tag: &str) -> bool {
        // Most labels differ in length, and then nothing has to be folded.
        tag.len() == self.tag.len() && tag.eq_ignore_ascii_case(&self.tag)
            || !self.tag.is_ascii() && tag.to_lowercase() == self.tag.to_lowercase()
    }

    fn validate(&self, fields: &[CustomField]) -> Result<(), String> {
        let chars = self.tag.chars().count();
        if !(1..=MOST_TAG_CHARS).contains(&chars) || self.tag.trim() != self.tag {
            return Err(format!(
                "tag must have 1 to {MOST_TAG_CHARS} characters, no space around them"
            ));
        }
        let plain = |c: char| c.is_lowercase() || c.is_ascii_digit() || "_-".contains(c);
        let fits = |label: &String| {
            let short = (1..=MOST_LABEL_CHARS).contains(&label.chars().count());
            short && label.chars().all(plain)
        };
        if !self.label.iter().all(fits) {
            return Err(format!(
                "label must have 1 to {MOST_LABEL_CHARS} lower-case letters, digits, dashes and underscores"
            ));
        }
        match (&self.label, &self.field, &self.value) {
            (Some(_), None, None) => Ok(()),
            (_, Some(name), Some(value)) => {
                let field = fields.iter().find(|field| field.name == *name);
                let field = field.ok_or("field must be one of custom_fields")?;
                let allowed = field.read(value).is_some();
                allowed
                    .then_some(())
                    .ok_or_else(|| format!("value {}", field.limit()))
            }
            _ => Err("give a label, or a field with its value, or all three".to_owned()),
        }
    }
}

/// Whether a store with these fields may use these rules.
///
/// # Errors
///
/// What is wrong, naming the rule by its place from 1.
pub fn validate_tags(rules: &[TagRule], fields: &[CustomField]) -> Result<(), String> {
    if rules.len() > MOST_RULES {
        return Err(format!("at most {MOST_RULES} rules"));
    }
    for (n, rule) in (1..).zip(rules) {
        rule.validate(fields)
            .map_err(|wrong| format!("rule {n}: {wrong}"))?;
    }
    Ok(())
}

/// The store's labels for a person of these nodes.
#[must_use]
pub fn labels_of(nodes: &[Node], rules: &[TagRule]) -> BTreeSet<String> {
    let held = |rule: &&TagRule| has(nodes, rule);
    let labels = rules.iter().filter(|rule| rule.label.is_some());
    let labels = labels.filter(held);
    labels.filter_map(|rule| rule.label.clone()).collect()
}

/// The value that the first rule gives a field of which the person has the
/// label.
pub(super) fn value_by_tag(
    field: &CustomField,
    nodes: &[Node],
    rules: &[TagRule],
) -> Option<FieldValue> {
    let mut rules = rules
        .iter()
        .filter(|rule| rule.field.as_deref() == Some(&field.name));
    let rule = rules.find(|rule| has(nodes, rule))?;
    field.read(rule.value.as_deref()?)
}

fn has(nodes: &[Node], rule: &TagRule) -> bool {
    let mut tags = nodes.iter().flat_map(|node| node.tags.iter());
    tags.any(|tag| rule.means(tag))
}
