//! What a store wants to know of its customers beyond what shops tell: fields
//! of its own, each with a kind and limits (DOMAIN sections 6 and 7).
//!
//! The definitions are a setting. Values are set by the store's people, kept
//! with the node whose id was used, and shown for the person: of several the
//! one set last. A label of the source's may give a field its value where
//! nobody set one.

mod labels;
mod said;
mod value;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::money::Amount;

pub use labels::{TagRule, labels_of, validate_tags};
pub use said::{FieldChange, Fields, Said, SetField, latest};
pub use value::{
    FieldValue, GivenBy, Shown, acquisition_source, of_person, said_source, tags_tell_source,
    value_of,
};

/// The field that says how a customer was won: it overrides the channel of
/// the first order.
pub const ACQUISITION_SOURCE: &str = "acquisition_source";

/// The field that says when a customer was born: who may be one person is
/// compared by it.
pub const BIRTHDAY: &str = "birthday";

/// Most fields of a store.
const MOST_FIELDS: usize = 50;
/// Most characters of a field's name.
const MOST_NAME_CHARS: usize = 40;
/// Most values to choose from, and most characters of each.
const MOST_CHOICES: usize = 100;
const MOST_CHOICE_CHARS: usize = 60;
/// Most characters of a text: at most, and unless the store says otherwise.
const MOST_TEXT_CHARS: u32 = 1000;
const USUAL_TEXT_CHARS: u32 = 255;
/// A channel's name has at most so many characters wherever it comes from.
const MOST_CHANNEL_CHARS: u32 = 40;

/// One field: its name, and what its value must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomField {
    /// Its name: lower-case letters, digits and underscores.
    #[schemars(length(min = 1, max = MOST_NAME_CHARS), regex(pattern = "^[a-z][a-z0-9_]*$"))]
    pub name: String,
    /// What kind of value it has.
    #[serde(rename = "type")]
    pub kind: FieldKind,
    /// Most characters of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MOST_TEXT_CHARS))]
    pub max_length: Option<u32>,
    /// Least number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Amount>,
    /// Greatest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Amount>,
    /// The values there are to choose from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = MOST_CHOICES), inner(length(min = 1, max = MOST_CHOICE_CHARS)))]
    pub choices: Vec<String>,
}

/// Kinds of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Any words.
    Text,
    /// A whole number.
    Whole,
    /// An exact decimal number.
    Decimal,
    /// A calendar date.
    Date,
    /// Yes or no.
    YesNo,
    /// One of a list.
    Choice,
}

/// The fields every store begins with. The channels to choose from are those
/// that the rules every store begins with make, and those no link tells of.
#[must_use]
pub fn defaults() -> Vec<CustomField> {
    let channels = [
        "organic-search",
        "paid-search",
        "organic-social",
        "paid-social",
        "influencer",
        "affiliate",
        "email",
        "sms",
        "display",
        "referral",
        "ai-assistant",
        "direct",
        "marketplace",
        "wholesale",
        "store",
        "event",
    ];
    let mut nps = CustomField::of("nps", FieldKind::Whole);
    nps.min = Some(Amount::whole(0));
    nps.max = Some(Amount::whole(10));
    vec![
        CustomField::one_of(ACQUISITION_SOURCE, &channels),
        CustomField::one_of(
            "subscription_status",
            &["none", "active", "paused", "cancelled"],
        ),
        CustomField::one_of("loyalty_tier", &["bronze", "silver", "gold", "platinum"]),
        nps,
        CustomField::of(BIRTHDAY, FieldKind::Date),
    ]
}

/// Whether a store may have these fields.
///
/// # Errors
///
/// What is wrong, naming the field by its place from 1.
pub fn validate(fields: &[CustomField]) -> Result<(), String> {
    if fields.len() > MOST_FIELDS {
        return Err(format!("at most {MOST_FIELDS} fields"));
    }
    let mut names = BTreeSet::new();
    for (n, field) in (1..).zip(fields) {
        let wrong = |wrong: String| format!("field {n}: {wrong}");
        field.validate().map_err(wrong)?;
        if !names.insert(field.name.as_str()) {
            return Err(wrong("there is another field of this name".to_owned()));
        }
    }
    Ok(())
}

impl CustomField {
    fn of(name: &str, kind: FieldKind) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            max_length: None,
            min: None,
            max: None,
            choices: Vec::new(),
        }
    }

    fn one_of(name: &str, choices: &[&str]) -> Self {
        let choices = choices.iter().map(|choice| (*choice).to_owned());
        Self {
            choices: choices.collect(),
            ..Self::of(name, FieldKind::Choice)
        }
    }

    /// Whether a value is one of those to choose from.
    #[must_use]
    pub fn offers(&self, value: &str) -> bool {
        self.choices.iter().any(|choice| choice == value)
    }

    fn most_chars(&self) -> u32 {
        self.max_length.unwrap_or(USUAL_TEXT_CHARS)
    }

    fn validate(&self) -> Result<(), String> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let begins = self.name.starts_with(|c: char| c.is_ascii_lowercase());
        if !begins || !self.name.chars().all(plain) || self.name.len() > MOST_NAME_CHARS {
            return Err(format!(
                "name must have 1 to {MOST_NAME_CHARS} lower-case letters, digits and underscores, a letter first"
            ));
        }
        self.validate_limits()?;
        self.validate_choices()?;
        if self.name == BIRTHDAY && self.kind != FieldKind::Date {
            return Err("birthday is a date".to_owned());
        }
        if self.name == ACQUISITION_SOURCE {
            self.validate_channel()?;
        }
        Ok(())
    }

    /// Each limit belongs to a kind.
    fn validate_limits(&self) -> Result<(), String> {
        let is_number = matches!(self.kind, FieldKind::Whole | FieldKind::Decimal);
        if self.max_length.is_some() && self.kind != FieldKind::Text {
            return Err("max_length is for a text".to_owned());
        }
        if !(1..=MOST_TEXT_CHARS).contains(&self.most_chars()) {
            return Err(format!("max_length must be from 1 to {MOST_TEXT_CHARS}"));
        }
        if (self.min.is_some() || self.max.is_some()) && !is_number {
            return Err("min and max are for a number".to_owned());
        }
        if self.min.zip(self.max).is_some_and(|(min, max)| min > max) {
            return Err("min must not be above max".to_owned());
        }
        Ok(())
    }

    fn validate_choices(&self) -> Result<(), String> {
        let is_choice = self.kind == FieldKind::Choice;
        if is_choice == self.choices.is_empty() || self.choices.len() > MOST_CHOICES {
            return Err(format!(
                "choices are for a choice, which has 1 to {MOST_CHOICES} of them"
            ));
        }
        let mut known = BTreeSet::new();
        for choice in &self.choices {
            let fits = (1..=MOST_CHOICE_CHARS).contains(&choice.chars().count());
            if !fits || choice.trim() != choice || !known.insert(choice.to_lowercase()) {
                return Err(format!(
                    "a choice must have 1 to {MOST_CHOICE_CHARS} characters, no space around them, and be no other's in another case"
                ));
            }
        }
        Ok(())
    }

    /// A source is the name of a channel.
    fn validate_channel(&self) -> Result<(), String> {
        let most = MOST_CHANNEL_CHARS as usize;
        let fits = match self.kind {
            FieldKind::Text => self.most_chars() <= MOST_CHANNEL_CHARS,
            FieldKind::Choice => self.choices.iter().all(|c| c.chars().count() <= most),
            _ => false,
        };
        if fits {
            return Ok(());
        }
        Err(format!(
            "acquisition_source is the name of a channel: a choice or a text of at most {MOST_CHANNEL_CHARS} characters"
        ))
    }
}
