//! Which two customers may be one person, though nothing proves it.
//!
//! The same e-mail address joins by itself (see [`crate::identity`]). What is
//! weaker, the same telephone, or much the same name at much the same postal
//! address, is shown to a person, who decides: nothing here ever joins.
//!
//! Agreement and disagreement of each field are weighed by what they are worth
//! and summed (Fellegi & Sunter, "A Theory for Record Linkage", 1969; see
//! [`Weights`] for the values and where they come from). Only records that
//! share a [`BlockKey`] are ever compared, so that neither a new customer nor
//! the whole base costs more than look-ups in an index.
//!
//! Units: evidence in bits (the logarithm to base 2 of how much likelier it is
//! of one person than of two); scores from 0 to 1.

mod address;
mod blocking;
mod evidence;
pub(crate) mod fold;
mod likeness;
mod name;
mod people;
mod phonetic;
mod rarity;
mod record;
mod street;
mod weights;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use blocking::{BlockKey, Candidates, LARGEST_BLOCK, MOST_KEYS, blocks, candidates};
pub use people::{compare, is_news};
pub use rarity::{Census, Rarity};
pub use record::Record;
pub use weights::Weights;

/// The score from which a pair is worth a person's time.
pub const DEFAULT_THRESHOLD: f64 = 0.5;

/// What can speak for two records being one person.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "DuplicateField")]
pub enum Field {
    /// Given name.
    GivenName,
    /// Family name.
    Surname,
    /// Name of the street.
    Street,
    /// Number of the house.
    HouseNumber,
    /// Second line of the address.
    Street2,
    /// Town.
    City,
    /// Province or state.
    Region,
    /// Postal code.
    PostalCode,
    /// Country.
    Country,
    /// Telephone.
    Phone,
    /// E-mail address.
    Email,
    /// Date of birth.
    Born,
    /// Nothing that was compared: their source made them one, after a person
    /// had parted them here.
    MergedAtSource,
}

/// A field in which two records agree, or nearly.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DuplicateMatch")]
pub struct Match {
    /// Which.
    pub field: Field,
    /// How well: 1 is the same, 0.8 the least that counts as alike.
    pub similarity: f64,
}

/// What a comparison of two records came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    /// From 0 (two persons) to 1 (one). It reads like a probability, under
    /// the assumptions of [`Weights`].
    pub score: f64,
    /// The fields that match, in the order of [`Field`].
    pub matched: Vec<Match>,
}

/// Compares two records, in either order. The same telephone or e-mail
/// address is worth suggesting whatever else differs (DOMAIN section 7), so
/// such a pair never scores below [`DEFAULT_THRESHOLD`].
#[must_use]
pub fn score(one: &Record, other: &Record, weights: &Weights) -> Suggestion {
    evidence::weigh(one, other, weights)
}

/// Every pair of the base that scores at least `threshold`, by its two places
/// in the base, the smaller first. What an overfull block hides is not
/// among them: see [`Candidates::skipped_blocks`].
#[must_use]
pub fn suggestions(
    base: &[Record],
    weights: &Weights,
    threshold: f64,
) -> BTreeMap<(usize, usize), Suggestion> {
    let scored = candidates(base).pairs.into_iter().map(|(one, other)| {
        let suggestion = score(&base[one], &base[other], weights);
        ((one, other), suggestion)
    });
    scored
        .filter(|(_, suggestion)| suggestion.score >= threshold)
        .collect()
}
