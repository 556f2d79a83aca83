//! What is known of a customer, made ready to be compared.

use std::fmt;

use jiff::civil::Date;

use super::fold;
use super::street::Line;
use crate::customer::{Address, Profile};
use crate::identity::{Email, Phone};

/// A customer's name, address and identifiers in the form in which they are
/// compared. Placeholders are left out: they match nobody. Prints nothing
/// personal.
#[derive(Clone, Default)]
pub struct Record {
    pub(super) given_names: Vec<String>,
    /// All given names in one word.
    pub(super) given_name: Option<String>,
    pub(super) surname: Option<String>,
    pub(super) street: Line,
    pub(super) street2: Line,
    pub(super) city: Option<String>,
    pub(super) region: Option<String>,
    pub(super) postal_code: Option<String>,
    pub(super) country: Option<String>,
    pub(super) phone: Option<Phone>,
    pub(super) email: Option<Email>,
    pub(super) born: Option<Date>,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Record(…)")
    }
}

impl Record {
    /// Makes a profile ready. Shops that ask for a date of birth keep it in a
    /// field of their own: `born`, where there is one.
    #[must_use]
    pub fn of(profile: &Profile, born: Option<Date>) -> Self {
        let given = profile.first_name.as_deref();
        let mut record = Self {
            given_names: given.map(fold::words).unwrap_or_default(),
            given_name: folded(given),
            surname: folded(profile.last_name.as_deref()),
            phone: profile.phone.clone().filter(is_somebodys),
            email: profile.email.clone(),
            born: born.filter(|born| !is_a_default(*born)),
            ..Self::default()
        };
        if let Some(address) = &profile.address {
            record.live_at(address);
        }
        record
    }

    fn live_at(&mut self, address: &Address) {
        let line = |text: &Option<String>| text.as_deref().map(Line::read).unwrap_or_default();
        self.street = line(&address.street);
        self.street2 = line(&address.street2);
        self.city = address.city.as_deref().and_then(town);
        self.region = folded(address.region.as_deref());
        self.postal_code = address.postal_code.as_deref().and_then(postal_code);
        // Some sources write the country out: nothing here knows its code.
        let country = folded(address.country.as_deref());
        self.country = country.filter(|country| country.len() == 2);
    }

    /// The name at its postal address in one text, the same however it is
    /// written; none where one of the two is missing.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        let name = self.surname.as_ref().or(self.given_name.as_ref())?;
        let street = self.street.name.as_ref()?;
        let given = self.given_name.as_deref().unwrap_or_default();
        let town = self.postal_code.as_ref().or(self.city.as_ref());
        let town = town.map(String::as_str).unwrap_or_default();
        let numbers = self.street.numbers.join("-");
        Some([given, name, street, &numbers, town].join("|"))
    }

    /// The numbers by which the house may be known: the street's first, and
    /// those of both lines.
    pub(super) fn house(&self) -> (Option<&str>, impl Iterator<Item = &str>) {
        let numbers = self.street.numbers.iter().chain(&self.street2.numbers);
        (self.street.number(), numbers.map(String::as_str))
    }
}

fn folded(text: Option<&str>) -> Option<String> {
    text.and_then(fold::squashed)
}

/// "St. James" and "Saint James" are one town.
fn town(text: &str) -> Option<String> {
    let words = fold::words(text);
    let short = words.iter().map(|word| match word.as_str() {
        "saint" | "sankt" => "st",
        "mount" => "mt",
        "fort" => "ft",
        word => word,
    });
    let town: String = short.collect();
    (!town.is_empty()).then_some(town)
}

/// Without spaces, and without what the United States add for the postman.
fn postal_code(text: &str) -> Option<String> {
    let text = text.trim();
    let code = match text.split_once('-') {
        Some((zip, more)) if zip.len() == 5 && more.len() == 4 => zip,
        _ => text,
    };
    fold::squashed(code)
}

/// What forms and old systems fill in for a birthday that nobody gave.
fn is_a_default(born: Date) -> bool {
    matches!(
        (born.year(), born.month(), born.day()),
        (..=1900 | 1970, 1, 1)
    )
}

/// Whether a number looks like a telephone: nobody has seven equal digits, nor
/// seven in a row, at its end.
fn is_somebodys(phone: &Phone) -> bool {
    let end: Vec<u8> = phone.as_str().bytes().rev().take(7).collect();
    let steps = |step: u8| {
        let follows = |pair: &[u8]| pair[0] == pair[1].wrapping_add(step);
        end.windows(2).all(follows)
    };
    !(steps(0) || steps(1) || steps(u8::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_up_telephone_is_nobodys() {
        for text in ["+447911111111", "+12125555555", "+4915112345678"] {
            let phone = Phone::parse(text);
            assert!(phone.is_err() || !is_somebodys(&phone.unwrap()), "{text}");
        }
        assert!(is_somebodys(&Phone::parse("+442079460018").unwrap()));
    }

    #[test]
    fn the_ways_of_writing_a_postal_code_come_to_one() {
        assert_eq!(postal_code("sw1a 1aa"), postal_code("SW1A1AA"));
        assert_eq!(postal_code("12345-6789"), Some("12345".to_owned()));
        assert_eq!(postal_code("00000"), None);
    }

    #[test]
    fn saints_and_mounts_are_written_short_or_long() {
        assert_eq!(town("Saint-James"), town("St. James"));
        assert_eq!(town("Mount Ommaney"), town("mt ommaney"));
    }
}
