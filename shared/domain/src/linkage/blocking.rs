//! Who is compared with whom: only records that share a key.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Record;
use super::phonetic::sound;
use crate::identity::{Email, Phone};

/// Most keys of a record.
pub const MOST_KEYS: usize = 11;

/// Most records under a key that are compared. Where there are more, the key
/// says too little and is skipped: who belongs together is found by another.
/// An index never has to be read further than one record beyond.
pub const LARGEST_BLOCK: usize = 200;

/// A place where records lie that may be of one person. It tells which kind of
/// key it is and, of the person, nothing: the rest is a digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BlockKey(String);

impl BlockKey {
    fn new(kind: &str, one: &str, other: &str) -> Self {
        let digest = Sha256::digest(format!("{one}\u{1f}{other}"));
        let hex = digest.iter().take(10).map(|byte| format!("{byte:02x}"));
        Self(format!("{kind}:{}", hex.collect::<String>()))
    }

    /// The key as an index keeps it: a kind, a colon and twenty digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BlockKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The keys of a record, at most [`MOST_KEYS`], no two the same. Each rests on
/// other fields than the next, so that a slip in one leaves the rest.
#[must_use]
pub fn blocks(record: &Record) -> Vec<BlockKey> {
    let names = [&record.given_name, &record.surname];
    let mut sounds = names.map(|name| name.as_deref().map(sound));
    let number = record.street.number();
    let city = record.city.as_deref().map(sound);
    let street = record.street.name.as_deref().map(sound);
    let (city, street) = (city.as_deref(), street.as_deref());
    let postal = record.postal_code.as_deref();
    let born = record.born.map(|born| born.to_string());

    let mut keys = BTreeSet::new();
    let mut key = |kind, parts: [Option<&str>; 2]| {
        if let [Some(one), Some(other)] = parts {
            keys.insert(BlockKey::new(kind, one, other));
        }
    };
    key(
        "phone",
        [record.phone.as_ref().map(Phone::as_str), Some("")],
    );
    key(
        "email",
        [record.email.as_ref().map(Email::as_str), Some("")],
    );
    key("born", [born.as_deref(), Some("")]);
    key("street", [street, number]);
    key("house", [number, postal]);
    key("postal", [street, postal]);
    // Either name with either place, so that swapped names meet.
    for name in &sounds {
        key("name", [name.as_deref(), postal]);
        key("town", [name.as_deref(), city]);
    }
    sounds.sort();
    key("names", [sounds[0].as_deref(), sounds[1].as_deref()]);
    keys.into_iter().collect()
}

/// The pairs of a base that are worth comparing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Candidates {
    /// By their places in the base, the smaller first.
    pub pairs: BTreeSet<(usize, usize)>,
    /// Keys under which too many records lie, whose pairs were left out.
    pub skipped_blocks: usize,
}

/// Pairs the records of a base that share a key.
#[must_use]
pub fn candidates(base: &[Record]) -> Candidates {
    let mut members: BTreeMap<BlockKey, Vec<usize>> = BTreeMap::new();
    for (place, record) in base.iter().enumerate() {
        for key in blocks(record) {
            members.entry(key).or_default().push(place);
        }
    }
    let mut candidates = Candidates::default();
    for block in members.into_values() {
        if block.len() > LARGEST_BLOCK {
            candidates.skipped_blocks += 1;
            continue;
        }
        for (nth, one) in block.iter().enumerate() {
            let pairs = block[nth + 1..].iter().map(|other| (*one, *other));
            candidates.pairs.extend(pairs);
        }
    }
    candidates
}
