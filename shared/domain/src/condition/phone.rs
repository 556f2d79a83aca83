//! Telephone numbers as people type them.

use crate::identity::Phone;

/// Fewest digits that say whose telephone it is.
pub const LEAST_DIGITS: usize = 7;
/// Most digits of a telephone (ITU-T E.164).
const MOST_DIGITS: usize = 15;
/// Most characters around them.
const MOST_TYPED: usize = 40;

/// Most digits as they are typed: `00` stands for the plus.
const MOST_TYPED_DIGITS: usize = MOST_DIGITS + 2;

/// The digits of a telephone that is looked for: all of them with the country
/// code, or the last ones without. Prints nothing personal.
#[derive(Clone, PartialEq, Eq)]
pub struct PhoneDigits {
    /// As they were typed, zeros at the beginning too: of the last digits any
    /// may be one.
    digits: String,
    /// Whether a plus stands before them.
    whole: bool,
}

impl std::fmt::Debug for PhoneDigits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PhoneDigits(…)")
    }
}

impl PhoneDigits {
    /// Reads `+49 151 2345678`, `+49 (0)151 2345678`, `0049…`, `0151/234 56 78`
    /// or the last seven digits or more; none for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > MOST_TYPED || text.contains(|c: char| !is_typed(c)) {
            return None;
        }
        let whole = text.starts_with('+');
        let mut digits = digits_in(&without_trunk_zero(text));
        if whole {
            // No country's code begins with a zero.
            digits.drain(..digits.len() - bare(&digits).len());
        }
        let fits = (LEAST_DIGITS..=MOST_TYPED_DIGITS).contains(&digits.len())
            && bare(&digits).len() <= MOST_DIGITS;
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
            return known == self.digits;
        }
        let bare = bare(&self.digits);
        let says_enough = bare.len() >= LEAST_DIGITS;
        // Zeros before all others stand for the country (two) or for the
        // distance (one), or are digits like any.
        let is_meant = if self.digits.starts_with("00") {
            known == bare
        } else {
            known.ends_with(bare)
        };
        (says_enough && is_meant) || known.ends_with(&self.digits)
    }
}

/// The digits without zeros before all others.
fn bare(digits: &str) -> &str {
    digits.trim_start_matches('0')
}

fn digits_in(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// A text without the `(0)` behind a country's code: who calls from abroad
/// leaves it out.
fn without_trunk_zero(text: &str) -> String {
    let Some((before, after)) = text.split_once("(0)") else {
        return text.to_owned();
    };
    let code = digits_in(before);
    if (1..=3).contains(&bare(&code).len()) {
        return format!("{before} {after}");
    }
    text.to_owned()
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
    use proptest::prelude::*;

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
            "+44 (0)20 7946 0018",
            "0044 (0)20 7946 0018",
            "44(0)2079460018",
        ] {
            assert!(PhoneDigits::parse(typed).unwrap().is_of(&phone), "{typed}");
            assert_eq!(PhoneDigits::parse(typed).unwrap().ending(), "9460018");
        }
        for other in [
            "+2079460018",
            "002079460018",
            "7946 0019",
            "+4420794600181",
            "+44 (0)20 (0)7946 0018",
        ] {
            assert!(!PhoneDigits::parse(other).unwrap().is_of(&phone), "{other}");
        }
    }

    #[test]
    fn the_last_digits_may_begin_with_zeros() {
        let phone = Phone::parse("+447700900448").unwrap();
        for (typed, is_of) in [
            ("0900448", true),
            ("00900448", true),
            ("700900448", true),
            ("07700 900448", true),
            ("+44 (0)7700 900448", true),
            // Six digits behind a zero, by which nobody is found.
            ("0800448", false),
            ("0000448", false),
            ("+0900448", false),
        ] {
            let found = PhoneDigits::parse(typed).is_some_and(|digits| digits.is_of(&phone));
            assert_eq!(found, is_of, "{typed}");
        }
        let noughts = Phone::parse("+442070000018").unwrap();
        assert!(PhoneDigits::parse("0000018").unwrap().is_of(&noughts));
    }

    proptest! {
        /// Each ending of a number that says enough finds it, in the index and
        /// beside it, and reads the same once it was written down.
        #[test]
        fn every_ending_of_a_telephone_finds_it(
            all in "4477(0|[0-9]){8}",
            from in 0_usize..12,
            spaced in any::<bool>(),
        ) {
            let phone = Phone::parse(&format!("+{all}")).unwrap();
            prop_assert_eq!(digits(&phone), &all);
            let typed = &all[from.min(all.len() - LEAST_DIGITS)..];
            let typed = if spaced {
                typed.chars().flat_map(|digit| [digit, ' ']).collect()
            } else {
                typed.to_owned()
            };
            let asked = PhoneDigits::parse(&typed).unwrap();
            prop_assert!(asked.is_of(&phone), "{typed} of {all}");
            prop_assert_eq!(asked.ending(), ending(&all));
            prop_assert_eq!(PhoneDigits::parse(&asked.text()), Some(asked));
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
