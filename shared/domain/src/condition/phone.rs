//! Telephone numbers as people type them.

use crate::identity::Phone;

/// Fewest digits that say whose telephone it is.
pub const LEAST_DIGITS: usize = 7;
/// Most digits of a telephone (ITU-T E.164).
const MOST_DIGITS: usize = 15;
/// Most characters around them.
const MOST_TYPED: usize = 40;

/// The digits of a telephone that is looked for: all of them with the country
/// code, or the last ones without. Prints nothing personal.
#[derive(Clone, PartialEq, Eq)]
pub struct PhoneDigits {
    digits: String,
    whole: bool,
}

impl std::fmt::Debug for PhoneDigits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PhoneDigits(…)")
    }
}

impl PhoneDigits {
    /// Reads `+49 151 2345678`, `0049…`, `0151/234 56 78` or the last seven
    /// digits or more; none for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > MOST_TYPED || text.contains(|c: char| !is_typed(c)) {
            return None;
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let whole = text.starts_with('+') || digits.starts_with("00");
        let digits = digits.trim_start_matches('0').to_owned();
        let fits = (LEAST_DIGITS..=MOST_DIGITS).contains(&digits.len());
        fits.then_some(Self { digits, whole })
    }

    /// In one form.
    #[must_use]
    pub fn text(&self) -> String {
        let plus = if self.whole { "+" } else { "" };
        format!("{plus}{}", self.digits)
    }

    /// The digits by which an index finds it.
    #[must_use]
    pub fn ending(&self) -> &str {
        ending(&self.digits)
    }

    /// Whether a telephone is this one.
    #[must_use]
    pub fn is_of(&self, phone: &Phone) -> bool {
        let known = digits(phone);
        if self.whole {
            known == self.digits
        } else {
            known.ends_with(&self.digits)
        }
    }
}

/// A telephone's digits with the country code.
pub(crate) fn digits(phone: &Phone) -> &str {
    phone.as_str().trim_start_matches('+')
}

/// The last digits, by which an index finds a telephone however it is typed.
pub(crate) fn ending(digits: &str) -> &str {
    let from = digits.len().saturating_sub(LEAST_DIGITS);
    digits.get(from..).unwrap_or(digits)
}

fn is_typed(c: char) -> bool {
    c.is_ascii_digit() || " +-/().".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telephone_is_found_however_it_is_typed() {
        let phone = Phone::parse("+44 20 7946 0018").unwrap();
        for typed in [
            "+442079460018",
            "0044 20 7946 0018",
            "020 7946 0018",
            "(020) 79460018",
            "442079460018",
            "7946 0018",
        ] {
            assert!(PhoneDigits::parse(typed).unwrap().is_of(&phone), "{typed}");
            assert_eq!(PhoneDigits::parse(typed).unwrap().ending(), "9460018");
        }
        for other in ["+2079460018", "7946 0019", "+4420794600181"] {
            assert!(!PhoneDigits::parse(other).unwrap().is_of(&phone), "{other}");
        }
    }

    #[test]
    fn what_says_too_little_is_no_telephone() {
        for typed in [
            "",
            "460018",
            "+0000000000",
            "ada",
            "7946 0018 ext",
            "1234567890123456",
        ] {
            assert_eq!(PhoneDigits::parse(typed), None, "{typed}");
        }
    }
}
