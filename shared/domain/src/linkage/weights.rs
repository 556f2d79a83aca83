//! What agreement in a field is worth.
//!
//! A field has two probabilities (Fellegi & Sunter 1969): *m*, that it is the
//! same in two records of one person, and *u*, that it is the same in records
//! of two. Agreement is worth log2(m/u) bits, disagreement log2((1-m)/(1-u)).
//! Between the two the worth follows how alike the values are (Winkler,
//! "String Comparator Metrics and Enhanced Decision Rules", 1990).
//!
//! None of these numbers is fitted to a file; they are assumptions in round
//! numbers. *u* is one in as many values as a field has in everyday use: some
//! hundred given names that most people share, 70 years of birthdays, the few
//! hundred towns where a store's customers live. *m* is that one field in ten
//! to twenty is written differently, or has changed.

use super::{Field, Rarity};

/// The smallest base, in customers, that weights are made for.
const SMALLEST_BASE: u32 = 100_000;

/// The least likeness that speaks for one person.
pub(super) const ALIKE: f64 = 0.8;

/// The likeness from which on down values are plainly different.
const UNLIKE: f64 = 0.65;

/// What somebody's whole address differing says at most, in bits: its parts
/// change together when a person moves, as one in sixteen is assumed to have.
pub(super) const MOVED_BITS: f64 = -4.0;

/// What surname and address can say together, in bits beyond even odds. However
/// rare they are, who shares them is the same person or of the same household:
/// the same person twice as often, it is assumed.
pub(super) const SAME_HOUSE_BITS: f64 = 1.0;

/// What town, region and postal code can say together, in bits: each follows
/// from the next, and hardly a place is home to fewer than one customer in a
/// thousand.
pub(super) const SAME_PLACE_BITS: f64 = 10.0;

/// What given name and surname the other way round cost, in bits: a quarter of
/// the odds they would have the right way round.
pub(super) const SWAPPED_BITS: f64 = -2.0;

/// What evidence is worth in a base of a given size.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// How many people there are, in bits: how rarely two records that are
    /// taken at random are one person.
    pub(super) crowd_bits: f64,
    pub(super) rarity: Rarity,
}

impl Weights {
    /// Weights for a base of so many customers: the more there are, the more
    /// it takes to tell one. It is taken as if everyone had one other record,
    /// and nothing below a hundred thousand makes it easier: names are not
    /// dealt out evenly, and a small base has its Smiths too.
    #[must_use]
    pub fn for_base_of(customers: u32) -> Self {
        let crowd = f64::from(customers.max(SMALLEST_BASE));
        Self {
            crowd_bits: crowd.log2(),
            rarity: Rarity::default(),
        }
    }

    /// The same, knowing which values are common in the base.
    #[must_use]
    pub fn with(self, rarity: Rarity) -> Self {
        Self { rarity, ..self }
    }

    /// Bits for values that are alike to this degree. Agreement never speaks
    /// against, disagreement never for.
    pub(super) fn bits(&self, field: Field, similarity: f64, values: [&str; 2]) -> f64 {
        let Odds { m, u } = odds(field);
        let shares = values.map(|value| self.rarity.share(field, value).unwrap_or(0.0));
        // The commoner of two values that are merely alike is the cautious one.
        let u_agree = shares.into_iter().fold(u, f64::max);
        let agree = (m / u_agree).log2().max(0.0);
        let differ = ((1.0 - m) / (1.0 - u)).log2().min(0.0);
        if similarity >= ALIKE {
            agree * (similarity - ALIKE) / (1.0 - ALIKE)
        } else {
            differ * ((ALIKE - similarity) / (ALIKE - UNLIKE)).min(1.0)
        }
    }
}

impl Default for Weights {
    /// For a base of up to a hundred thousand.
    fn default() -> Self {
        Self::for_base_of(SMALLEST_BASE)
    }
}

struct Odds {
    m: f64,
    u: f64,
}

fn odds(field: Field) -> Odds {
    let (m, one_in) = match field {
        Field::GivenName => (0.9, 200.0),
        Field::Surname | Field::PostalCode => (0.9, 500.0),
        Field::Street => (0.85, 1_000.0),
        Field::HouseNumber => (0.9, 50.0),
        // Flats, floors and names of houses are left out as often as not.
        Field::Street2 => (0.6, 200.0),
        Field::City => (0.85, 300.0),
        Field::Region => (0.9, 6.0),
        Field::Country => (0.95, 1.4),
        Field::Born => (0.95, 25_000.0),
        // People have several, and these are also worth a suggestion alone.
        Field::Phone => (0.6, 1_000_000.0),
        Field::Email => (0.3, 100_000_000.0),
        // Speaks for itself, and is weighed with nothing.
        Field::MergedAtSource => (0.5, 2.0),
    };
    Odds { m, u: 1.0 / one_in }
}
