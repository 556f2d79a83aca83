//! One JSON value, read as late and as exactly as possible.
//!
//! Senders write the same amount as `"10.50"`, `10.5` or `null`, and ids as
//! strings or as integers beyond 2^53. A token keeps the text as it was sent,
//! so that no number ever passes through a binary float, and says what is
//! wrong in our own words, never in words that quote the value.

use crm_domain::money::{Amount, Currency};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::unreadable::{Problem, Trouble};

/// The longest text kept of any field that only describes.
const MOST_TEXT_CHARS: usize = 300;
/// As many labels as a shop may give.
const MOST_WORDS: usize = 250;
/// No order line has a billion units.
const MOST_WHOLE: i64 = 1_000_000_000;

/// A value that may be absent, null, or anything.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Token<'a>(#[serde(borrow)] Option<&'a RawValue>);

impl<'a> Token<'a> {
    /// The text as sent; nothing for null.
    fn raw(self) -> Option<&'a str> {
        self.0.map(RawValue::get).filter(|raw| *raw != "null")
    }

    /// Whether there is a value at all.
    pub(crate) fn is_present(self) -> bool {
        self.raw().is_some()
    }

    /// What a string says, or how a number is written; trimmed, without
    /// control characters, never empty. Anything else is as good as absent,
    /// and so is a text beyond [`MOST_TEXT_CHARS`]: this is for what only
    /// describes.
    pub(crate) fn text(self) -> Option<String> {
        let text = self.long_text()?;
        (text.chars().count() <= MOST_TEXT_CHARS).then_some(text)
    }

    /// As [`Token::text`], of any length.
    pub(crate) fn long_text(self) -> Option<String> {
        let text = self.literal()?;
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// A string's content or a number's digits.
    fn literal(self) -> Option<String> {
        let raw = self.raw()?;
        match raw.as_bytes().first()? {
            b'"' => serde_json::from_str(raw).ok(),
            b'-' | b'0'..=b'9' => Some(raw.to_owned()),
            _ => None,
        }
    }

    /// A string's content or a number's digits; anything else is an error.
    pub(crate) fn word(self) -> Result<Option<String>, Trouble> {
        if !self.is_present() {
            return Ok(None);
        }
        match self.literal() {
            Some(text) => Ok(Some(text)),
            None => Err(Trouble::here(Problem::WrongForm)),
        }
    }

    /// An exact amount.
    pub(crate) fn amount(self) -> Result<Option<Amount>, Trouble> {
        let text = self.word()?;
        text.map(|text| Amount::parse(&text))
            .transpose()
            .map_err(Trouble::here)
    }

    /// A currency code.
    pub(crate) fn currency(self) -> Result<Option<Currency>, Trouble> {
        let text = self.word()?;
        text.map(|text| Currency::parse(&text))
            .transpose()
            .map_err(Trouble::here)
    }

    /// An instant.
    pub(crate) fn time(self) -> Result<Option<Timestamp>, Trouble> {
        let text = self.word()?;
        let parse = |text: String| text.trim().parse();
        let time = text.map(parse).transpose();
        time.map_err(|_| Trouble::here(Problem::NotATime))
    }

    /// A whole number below 10^9 either way.
    pub(crate) fn whole(self) -> Result<Option<i64>, Trouble> {
        let not_whole = || Trouble::here(Problem::NotWhole);
        let Some(text) = self.word()? else {
            return Ok(None);
        };
        let whole: i64 = text.trim().parse().map_err(|_| not_whole())?;
        if whole.abs() >= MOST_WHOLE {
            return Err(not_whole());
        }
        Ok(Some(whole))
    }

    /// Words of a list, or of a text that separates them by commas; the first
    /// 250, which is as many as a shop may give.
    pub(crate) fn list(self) -> Vec<String> {
        self.words().ok().flatten().unwrap_or_default()
    }

    /// As [`Token::list`]; nothing for null, and an error for what is neither.
    pub(crate) fn words(self) -> Result<Option<Vec<String>>, Trouble> {
        let Some(raw) = self.raw() else {
            return Ok(None);
        };
        let wrong = || Trouble::here(Problem::WrongForm);
        let words = if raw.starts_with('[') {
            serde_json::from_str::<Vec<String>>(raw).map_err(|_| wrong())?
        } else {
            let text = self.literal().ok_or_else(wrong)?;
            text.split(',').map(str::to_owned).collect()
        };
        let clean =
            |word: &String| -> String { word.chars().filter(|c| !c.is_control()).collect() };
        let words = words.iter().map(clean);
        let fits = |word: &String| !word.is_empty() && word.chars().count() <= MOST_TEXT_CHARS;
        let words = words.map(|word| word.trim().to_owned()).filter(fits);
        Ok(Some(words.take(MOST_WORDS).collect()))
    }

    /// Whether it is `true`.
    pub(crate) fn is_true(self) -> bool {
        self.raw() == Some("true")
    }
}

/// Makes an absent value an error.
pub(crate) trait Needed<T> {
    /// The value, or [`Problem::Missing`].
    fn needed(self) -> Result<T, Trouble>;
}

impl<T> Needed<T> for Result<Option<T>, Trouble> {
    fn needed(self) -> Result<T, Trouble> {
        self?.ok_or_else(|| Trouble::here(Problem::Missing))
    }
}
