//! Values as attributes have them.

use std::collections::HashMap;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use crm_domain::money::Amount;
use jiff::civil::Date;
use serde::de::value::{Error, StrDeserializer};
use serde::de::{Deserialize, IntoDeserializer};

/// An attribute is not of the form it has in every version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Torn;

pub(super) fn text(value: AttributeValue) -> Result<String, Torn> {
    match value {
        AttributeValue::S(text) => Ok(text),
        _ => Err(Torn),
    }
}

pub(super) fn truth(value: &AttributeValue) -> Result<bool, Torn> {
    value.as_bool().copied().map_err(|_| Torn)
}

pub(super) fn number<T: FromStr>(value: &AttributeValue) -> Result<T, Torn> {
    let digits = value.as_n().map_err(|_| Torn)?;
    digits.parse().map_err(|_| Torn)
}

pub(super) fn map(value: AttributeValue) -> Result<HashMap<String, AttributeValue>, Torn> {
    match value {
        AttributeValue::M(map) => Ok(map),
        _ => Err(Torn),
    }
}

pub(super) fn amount(value: AttributeValue) -> Result<Amount, Torn> {
    Amount::try_from(text(value)?).map_err(|_| Torn)
}

pub(super) fn date(value: &AttributeValue) -> Result<Date, Torn> {
    let text = value.as_s().map_err(|_| Torn)?;
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        // Years before 0 and after 9999.
        return text.parse().map_err(|_| Torn);
    }
    let small = |digits| i8::try_from(whole(digits)?).map_err(|_| Torn);
    let (month, day) = (small(&bytes[5..7])?, small(&bytes[8..])?);
    Date::new(whole(&bytes[..4])?, month, day).map_err(|_| Torn)
}

fn whole(digits: &[u8]) -> Result<i16, Torn> {
    digits.iter().try_fold(0, |sum, digit| {
        let digit = digit.wrapping_sub(b'0');
        (digit <= 9)
            .then(|| sum * 10 + i16::from(digit))
            .ok_or(Torn)
    })
}

/// One of a list of names, by the names it has when it is written.
pub(super) fn word<'de, T: Deserialize<'de>>(value: &'de AttributeValue) -> Result<T, Torn> {
    let text = value.as_s().map_err(|_| Torn)?.as_str();
    let named: StrDeserializer<'_, Error> = text.into_deserializer();
    T::deserialize(named).map_err(|_| Torn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_they_are_written_and_nothing_else_is_one() {
        let read = |text: &str| date(&AttributeValue::S(text.to_owned()));
        let day = |text: &str| Ok(text.parse::<Date>().unwrap());
        for text in [
            "2026-05-03",
            "0001-01-01",
            "9999-12-31",
            "2024-02-29",
            "-000001-02-03",
        ] {
            assert_eq!(read(text), day(text), "{text}");
        }
        for text in [
            "2026-13-01",
            "2025-02-29",
            "2026-05-3x",
            "2026/05/03",
            "2026-05-00",
            "",
        ] {
            assert_eq!(read(text), Err(Torn), "{text}");
        }
        assert_eq!(date(&AttributeValue::N("1".to_owned())), Err(Torn));
    }
}
