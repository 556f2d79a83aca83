//! What a field says of a person.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::labels::value_by_tag;
use super::{ACQUISITION_SOURCE, CustomField, FieldKind, Said, latest};
use crate::customer::Node;
use crate::money::Amount;
use crate::settings::Settings;

/// A value that its field allows. Prints nothing: it may be personal.
#[derive(Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum FieldValue {
    /// Words, or one of a list.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// An exact decimal.
    Decimal(Amount),
    /// A date.
    Date(Date),
    /// Yes or no.
    YesNo(bool),
}

impl fmt::Debug for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FieldValue(…)")
    }
}

impl FieldValue {
    /// The text it is kept as.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Whole(number) => number.to_string(),
            Self::Decimal(number) => number.to_string(),
            Self::Date(date) => date.to_string(),
            Self::YesNo(yes) => yes.to_string(),
        }
    }
}

/// Who gave a field its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "FieldGivenBy")]
pub enum GivenBy {
    /// One of the store's people.
    Staff,
    /// A label of the source's.
    Tag,
}

/// A field of a person that has a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown<'a> {
    /// The value.
    pub value: FieldValue,
    /// Who gave it.
    pub from: GivenBy,
    /// When it was set, and by whom, where a person set it.
    pub set: Option<(Timestamp, &'a str)>,
}

impl CustomField {
    /// The value in a text, if the field allows it: as it is kept, and in
    /// whatever case of a choice.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<FieldValue> {
        let text = text.trim();
        match self.kind {
            FieldKind::Text => {
                let chars = u32::try_from(text.chars().count()).ok()?;
                let fits = (1..=self.most_chars()).contains(&chars);
                (fits && !text.contains(char::is_control))
                    .then(|| FieldValue::Text(text.to_owned()))
            }
            FieldKind::Choice => {
                let wanted = text.to_lowercase();
                let mut choices = self.choices.iter();
                let choice = choices.find(|choice| choice.to_lowercase() == wanted)?;
                Some(FieldValue::Text(choice.clone()))
            }
            FieldKind::Whole => {
                let number: i64 = text.parse().ok()?;
                self.allows(Amount::whole(number))
                    .then_some(FieldValue::Whole(number))
            }
            FieldKind::Decimal => {
                let number = Amount::parse(text).ok()?;
                self.allows(number).then_some(FieldValue::Decimal(number))
            }
            FieldKind::Date => {
                let date: Date = text.parse().ok()?;
                (date.to_string() == text).then_some(FieldValue::Date(date))
            }
            FieldKind::YesNo => text.parse().ok().map(FieldValue::YesNo),
        }
    }

    fn allows(&self, number: Amount) -> bool {
        self.min.is_none_or(|min| number >= min) && self.max.is_none_or(|max| number <= max)
    }

    /// What its value must be, in words.
    #[must_use]
    pub fn limit(&self) -> String {
        match self.kind {
            FieldKind::Text => format!("must have 1 to {} characters", self.most_chars()),
            FieldKind::Choice => format!("must be one of {}", self.choices.join(", ")),
            FieldKind::Whole => format!("must be a whole number{}", self.span()),
            FieldKind::Decimal => format!("must be a decimal number as text{}", self.span()),
            FieldKind::Date => "must be a date, as 2026-05-03".to_owned(),
            FieldKind::YesNo => "must be true or false".to_owned(),
        }
    }

    fn span(&self) -> String {
        match (self.min, self.max) {
            (Some(min), Some(max)) => format!(" from {min} to {max}"),
            (Some(min), None) => format!(" from {min}"),
            (None, Some(max)) => format!(" up to {max}"),
            (None, None) => String::new(),
        }
    }
}

/// A person's fields as the settings define them, in their order: each with
/// what was set last on any of the nodes, else with what a label gives. What
/// the definition no longer allows is as if nobody had set it.
#[must_use]
pub fn of_person<'a>(
    nodes: &'a [Node],
    settings: &'a Settings,
) -> Vec<(&'a CustomField, Option<Shown<'a>>)> {
    let fields = settings.custom_fields.iter();
    fields
        .map(|field| (field, shown(field, nodes, settings)))
        .collect()
}

/// What one field says of a person; none where the store has no such field.
#[must_use]
pub fn value_of(name: &str, nodes: &[Node], settings: &Settings) -> Option<FieldValue> {
    let mut fields = settings.custom_fields.iter();
    let field = fields.find(|field| field.name == name)?;
    Some(shown(field, nodes, settings)?.value)
}

/// How somebody said a person was won, or a label says it; none where the
/// store has no such field.
#[must_use]
pub fn acquisition_source(nodes: &[Node], settings: &Settings) -> Option<String> {
    let shown = shown(source_field(settings)?, nodes, settings)?;
    Some(shown.value.text())
}

/// The same from what was said alone, where the nodes are not at hand.
#[must_use]
pub fn said_source(said: Option<&Said>, settings: &Settings) -> Option<String> {
    let value = source_field(settings)?.read(said?.value.as_deref()?)?;
    Some(value.text())
}

/// Whether a label may say how a customer was won: then what was said is not
/// enough to know it.
#[must_use]
pub fn tags_tell_source(settings: &Settings) -> bool {
    let mut rules = settings.tag_labels.iter();
    rules.any(|rule| rule.field.as_deref() == Some(ACQUISITION_SOURCE))
}

fn source_field(settings: &Settings) -> Option<&CustomField> {
    let mut fields = settings.custom_fields.iter();
    fields.find(|field| field.name == ACQUISITION_SOURCE)
}

fn shown<'a>(field: &CustomField, nodes: &'a [Node], settings: &Settings) -> Option<Shown<'a>> {
    let said = latest(nodes.iter().map(|node| &*node.fields), &field.name);
    let set = said.and_then(|said| {
        let value = field.read(said.value.as_deref()?)?;
        Some(Shown {
            value,
            from: GivenBy::Staff,
            set: Some((said.at, said.by.as_str())),
        })
    });
    set.or_else(|| {
        let value = value_by_tag(field, nodes, &settings.tag_labels)?;
        Some(Shown {
            value,
            from: GivenBy::Tag,
            set: None,
        })
    })
}
