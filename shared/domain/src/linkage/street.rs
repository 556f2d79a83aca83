//! Streets and their house numbers: "12 Main St.", "Main Street 12" and
//! "mainstreet 12" are one place.

use super::fold;

/// What streets are called besides their name, in the shapes that are written:
/// they say little and are abbreviated by everyone differently.
const KINDS: [&str; 60] = [
    "alley",
    "ave",
    "avenue",
    "av",
    "bd",
    "blvd",
    "boulevard",
    "calle",
    "cct",
    "chemin",
    "circle",
    "circuit",
    "cir",
    "cl",
    "close",
    "court",
    "crescent",
    "cres",
    "cr",
    "ct",
    "drive",
    "dr",
    "gasse",
    "grove",
    "highway",
    "hwy",
    "laan",
    "lane",
    "ln",
    "loop",
    "parade",
    "parkway",
    "pde",
    "pkwy",
    "pl",
    "place",
    "platz",
    "plein",
    "plaza",
    "quai",
    "rd",
    "road",
    "route",
    "rue",
    "rua",
    "sq",
    "square",
    "st",
    "str",
    "straat",
    "strada",
    "strasse",
    "street",
    "terrace",
    "tce",
    "ter",
    "via",
    "viale",
    "way",
    "weg",
];

/// Directions, long and short.
const SHORTENED: [(&str, &str); 8] = [
    ("north", "n"),
    ("south", "s"),
    ("east", "e"),
    ("west", "w"),
    ("northeast", "ne"),
    ("northwest", "nw"),
    ("southeast", "se"),
    ("southwest", "sw"),
];

/// A line of an address, taken apart.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// Its name, words written together, without the kind of street.
    pub(super) name: Option<String>,
    /// Its numbers, the house's first: flats and floors come after.
    pub(super) numbers: Vec<String>,
}

impl Line {
    pub(super) fn read(text: &str) -> Self {
        let words = fold::words(text);
        let leading = words.iter().take_while(|word| is_number(word)).count();
        let (numbers, rest): (Vec<_>, Vec<_>) = words.iter().partition(|word| is_number(word));
        let mut numbers: Vec<_> = numbers.into_iter().map(|word| digits(word)).collect();
        // "2/98 Station Street" is flat 2 of house 98.
        if leading > 1 {
            numbers[..leading].reverse();
        }
        let rest: Vec<&str> = rest.into_iter().map(|word| short(word)).collect();
        Self {
            name: name(&rest),
            numbers,
        }
    }

    /// The house's number.
    pub(super) fn number(&self) -> Option<&str> {
        self.numbers.first().map(String::as_str)
    }
}

fn short(word: &str) -> &str {
    let found = SHORTENED.iter().find(|(long, _)| *long == word);
    found.map_or(word, |(_, short)| short)
}

/// "12" and "12a" are numbers; "5th" is part of a name.
fn is_number(word: &str) -> bool {
    let after = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let begins = after.len() < word.len();
    begins && after.chars().count() <= 1
}

fn digits(word: &str) -> String {
    let digits: String = word.chars().take_while(char::is_ascii_digit).collect();
    let bare = digits.trim_start_matches('0');
    if bare.is_empty() {
        "0".to_owned()
    } else {
        bare.to_owned()
    }
}

fn name(words: &[&str]) -> Option<String> {
    let named: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| !KINDS.contains(word))
        .collect();
    // A street called "Avenue Road" keeps its name.
    if named.is_empty() {
        return (!words.is_empty()).then(|| words.concat());
    }
    let whole = named.concat();
    let ending = KINDS
        .iter()
        .filter(|kind| kind.len() > 3)
        .filter_map(|kind| whole.strip_suffix(kind))
        .filter(|rest| rest.chars().count() >= 3)
        .min_by_key(|rest| rest.len());
    let name = ending.unwrap_or(&whole);
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str) -> bool {
        Line::read(one) == Line::read(other)
    }

    #[test]
    fn the_ways_of_writing_a_street_come_to_one() {
        assert!(same("12 Main St.", "Main Street 12"));
        assert!(same("12 mainstreet", "12, MAIN STREET"));
        assert!(same("Hauptstraße 7a", "Hauptstr. 7") || same("Hauptstraße 7a", "Hauptstrasse 7"));
        assert!(same("12 rue de l'Église", "12 Rue de l Eglise"));
        assert!(same("4 North 5th Ave", "4 N 5th Avenue"));
        assert!(!same("12 Main Street", "12 Mill Street"));
    }

    #[test]
    fn the_house_comes_before_the_flat() {
        assert_eq!(Line::read("2/98 Station Street").number(), Some("98"));
        assert_eq!(Line::read("98 Station Street, Flat 2").number(), Some("98"));
        assert_eq!(Line::read("0012 Main Road").number(), Some("12"));
        assert_eq!(Line::read("5th Avenue").number(), None);
    }

    #[test]
    fn a_street_named_by_its_kind_alone_keeps_a_name() {
        assert_eq!(
            Line::read("3 Avenue Road").name.as_deref(),
            Some("avenueroad")
        );
    }
}
