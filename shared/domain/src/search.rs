//! By what a customer is found by name or telephone: the words of the name and
//! the last digits of the number, as an index keeps them.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::condition::{name_words, phone};
use crate::customer::Node;

/// Fewest letters of a word by which somebody is found: the index keeps words
/// together that have these in common, and one letter has nearly everyone.
pub const LEAST_LETTERS: usize = 2;

/// An entry by which somebody is found. Prints nothing personal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FindKey {
    /// A word of the name, in lower case and without accents.
    #[serde(rename = "w")]
    Word(String),
    /// The last digits of the telephone.
    #[serde(rename = "p")]
    Phone(String),
}

impl fmt::Debug for FindKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FindKey(…)")
    }
}

/// The entries by which a node is found; none of one that was forgotten or
/// deleted at its source, of which nothing is left.
#[must_use]
pub fn find_keys(node: &Node) -> BTreeSet<FindKey> {
    let words = name_words(node).into_iter();
    // Every word, for a search compares every word; their number has an end
    // because that of a name's characters has.
    let words = words.filter(|word| is_found_by(word));
    let mut keys: BTreeSet<_> = words.map(FindKey::Word).collect();
    if let Some(phone) = &node.profile.phone {
        let ending = phone::ending(phone::digits(phone));
        keys.insert(FindKey::Phone(ending.to_owned()));
    }
    keys
}

/// Whether an index can be asked for words that begin so.
#[must_use]
pub fn is_found_by(word: &str) -> bool {
    word.chars().nth(LEAST_LETTERS - 1).is_some()
}

/// Whether a change of a node changes by what it is found.
#[must_use]
pub fn is_news(before: Option<&Node>, after: &Node) -> bool {
    let told = |node: &Node| {
        let profile = &node.profile;
        (
            profile.first_name.clone(),
            profile.last_name.clone(),
            profile.phone.clone(),
        )
    };
    match before {
        Some(before) => told(before) != told(after),
        None => !find_keys(after).is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::condition::NameWords;
    use crate::identity::NodeId;

    fn called(first_name: &str, last_name: &str) -> Node {
        let id = NodeId::parse("adaadaada").unwrap();
        let mut node = Node::new(id, None, Timestamp::UNIX_EPOCH);
        node.profile.first_name = Some(first_name.to_owned());
        node.profile.last_name = Some(last_name.to_owned());
        node
    }

    /// Whether the index leads to a node by the word it would be asked for;
    /// true where it would not be asked.
    fn leads_to(name: &NameWords, node: &Node) -> bool {
        let keys = find_keys(node);
        name.longest().is_none_or(|asked| {
            let begins =
                |key: &FindKey| matches!(key, FindKey::Word(word) if word.starts_with(asked));
            keys.iter().any(begins)
        })
    }

    #[test]
    fn nobody_is_lost_for_being_called_what_others_write_for_nothing() {
        for last_name in ["Guest", "Null", "Test", "Buyer", "None", "Customer"] {
            let node = called("Judith", last_name);
            for asked in [last_name.to_owned(), format!("judith {last_name}")] {
                let name = NameWords::parse(&asked).unwrap();
                assert!(leads_to(&name, &node), "{asked}");
                assert_eq!(find_keys(&node).len(), 2, "{asked}");
            }
        }
    }

    #[test]
    fn a_single_letter_is_no_entry() {
        let node = called("J R R", "Tolkien");
        assert_eq!(
            find_keys(&node),
            [FindKey::Word("tolkien".to_owned())].into()
        );
        assert_eq!(NameWords::parse("j r").unwrap().longest(), None);
    }

    /// Names of many words, short and long, of several scripts.
    fn names() -> impl Strategy<Value = String> {
        let word = prop_oneof![
            proptest::sample::select(vec![
                "Guest",
                "null",
                "Müller",
                "李",
                "小龍",
                "O’Brien",
                "ß"
            ]),
            proptest::sample::select(vec![
                "a", "al", "ala", "alan", "de", "la", "Groß-Ö", "-", "ǅ"
            ]),
        ];
        proptest::collection::vec(word, 0..14).prop_map(|words| words.join(" "))
    }

    proptest! {
        /// Who is found by looking at everyone is found by the index.
        #[test]
        fn the_index_leads_to_whoever_is_meant(
            first in names(),
            last in names(),
            picked in proptest::collection::vec((any::<prop::sample::Index>(), 1_usize..6), 1..4),
        ) {
            let node = called(&first, &last);
            let words = name_words(&node);
            prop_assume!(!words.is_empty());
            let asked = picked.iter().map(|(place, letters)| {
                place.get(&words).chars().take(*letters).collect::<String>()
            });
            let asked = asked.collect::<Vec<_>>().join(" ");
            let name = NameWords::parse(&asked).unwrap();
            prop_assert!(leads_to(&name, &node), "{asked} of {words:?}");
        }
    }
}
