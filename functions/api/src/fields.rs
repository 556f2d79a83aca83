//! The fields of a body, taken out one by one, and none left over.

use crm_domain::identity::{ExternalId, NodeId};
use crm_domain::money::Amount;
use serde_json::{Map, Value};

use crate::problem::{Problem, repeatable};

/// An amount of 0 or more as it is written in a body, in one way only: a
/// pattern. Every such text is an [`Amount`] that is held exactly.
pub(crate) const AMOUNT: &str = r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,15})?$";

/// An order's id in its long or its short form: a pattern.
pub(crate) const ORDER: &str = r"^[^:\s\x00-\x1f\x7f-\x9f]+(:[^:\s\x00-\x1f\x7f-\x9f]+){1,2}$";
/// Most characters of that.
pub(crate) const MOST_ORDER_CHARACTERS: usize = 290;

/// The amount of a text that looks like [`AMOUNT`].
fn amount(text: &str) -> Option<Amount> {
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let plain = digits(whole, 12) && digits(decimals, 15);
    let plain = plain && (whole == "0" || !whole.starts_with('0'));
    Amount::parse(text).ok().filter(|_| plain)
}

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

    /// An id of ours that must be there; whether it is anybody's is another
    /// question.
    pub(crate) fn id(&mut self, name: &str, limit: &str) -> Result<String, Problem> {
        let id = self.optional_id(name, limit)?;
        id.ok_or_else(|| Problem::field(name, limit))
    }

    /// An id of ours that may be left out or null.
    pub(crate) fn optional_id(
        &mut self,
        name: &str,
        limit: &str,
    ) -> Result<Option<String>, Problem> {
        let id = self.optional_text(name, limit)?;
        // Whatever has an id has one of this form.
        let fits = |id: &String| NodeId::parse(id).is_ok();
        if !id.iter().all(fits) {
            return Err(Problem::field(name, limit));
        }
        Ok(id)
    }

    /// An order's id in its long or its short form, which may be left out or
    /// null.
    pub(crate) fn order(&mut self, name: &str, limit: &str) -> Result<Option<String>, Problem> {
        let order = self.optional_text(name, limit)?;
        let well_formed = |order: &String| {
            let short = order.split_once(':');
            let short = short.is_some_and(|(source, id)| ExternalId::new(source, "-", id).is_ok());
            short || ExternalId::parse(order).is_ok()
        };
        if !order.iter().all(well_formed) {
            return Err(Problem::field(name, limit));
        }
        Ok(order)
    }

    /// An amount of 0 or more, as text, that must be there.
    pub(crate) fn amount(&mut self, name: &str, limit: &str) -> Result<Amount, Problem> {
        let text = self.text(name, limit)?;
        amount(&text).ok_or_else(|| Problem::field(name, limit))
    }

    /// A yes or no; no where it is left out or null.
    pub(crate) fn flag(&mut self, name: &str) -> Result<bool, Problem> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(said)) => Ok(said),
            Some(_) => Err(Problem::field(name, "must be true or false")),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_written_in_one_way_only() {
        for text in [
            "0",
            "7",
            "99.50",
            "0.000000000000001",
            "999999999999.999999999999999",
        ] {
            assert_eq!(amount(text), Some(Amount::parse(text).unwrap()), "{text}");
        }
        for text in [
            "",
            "-1",
            "+1",
            "01",
            "1.",
            ".5",
            "1e2",
            " 1",
            "1_000",
            "1,5",
            "١",
            "1000000000000",
            "0.0000000000000001",
        ] {
            assert_eq!(amount(text), None, "{text}");
        }
    }
}
