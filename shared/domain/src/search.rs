//! By what a customer is found by name or telephone: the words of the name and
//! the last digits of the number, as an index keeps them.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::condition::{name_words, phone};
use crate::customer::Node;

/// Most words of a name by which somebody is found.
const MOST_WORDS: usize = 8;

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
    let mut words = words(node);
    // Of a very long name its longest words: they tell most.
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    words.truncate(MOST_WORDS);
    let mut keys: BTreeSet<_> = words.into_iter().map(FindKey::Word).collect();
    if let Some(phone) = &node.profile.phone {
        let ending = phone::ending(phone::digits(phone));
        keys.insert(FindKey::Phone(ending.to_owned()));
    }
    keys
}

/// The words of a node's name, each once.
fn words(node: &Node) -> Vec<String> {
    let words: BTreeSet<_> = name_words(node).into_iter().collect();
    words.into_iter().collect()
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
