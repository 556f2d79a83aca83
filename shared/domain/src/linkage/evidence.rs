//! Two records weighed against each other.

use super::likeness::{of_dates, of_equality};
use super::weights::{ALIKE, SAME_HOUSE_BITS};
use super::{DEFAULT_THRESHOLD, Field, Match, Record, Suggestion, Weights};
use crate::identity::{Email, Phone};

pub(super) fn weigh(one: &Record, other: &Record, weights: &Weights) -> Suggestion {
    let mut scale = Scale {
        weights,
        matched: Vec::new(),
    };
    let (given, surname) = scale.names(one, other);
    let address = scale.address(one, other);
    let others = scale.identifiers(one, other);
    let household = (surname + address).min(weights.crowd_bits + SAME_HOUSE_BITS);
    let bits = given + household + others - weights.crowd_bits;
    let likely = 1.0 / (1.0 + (-bits).exp2());
    let score = if scale.matched.iter().any(is_enough_alone) {
        likely.max(DEFAULT_THRESHOLD)
    } else {
        likely
    };
    scale.matched.sort_by_key(|found| found.field);
    Suggestion {
        score,
        matched: scale.matched,
    }
}

fn is_enough_alone(found: &Match) -> bool {
    matches!(found.field, Field::Phone | Field::Email)
}

/// What was compared so far, and how.
pub(super) struct Scale<'w> {
    weights: &'w Weights,
    matched: Vec<Match>,
}

/// A comparison of one field: how alike, and what that is worth.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) field: Field,
    pub(super) similarity: f64,
    pub(super) bits: f64,
}

impl Scale<'_> {
    /// Compares two texts; nothing where one is missing.
    pub(super) fn compare(
        &self,
        field: Field,
        texts: [Option<&str>; 2],
        alike: impl Fn(&str, &str) -> f64,
    ) -> Option<Found> {
        let [Some(one), Some(other)] = texts else {
            return None;
        };
        let similarity = alike(one, other);
        let bits = self.weights.bits(field, similarity, [one, other]);
        Some(Found {
            field,
            similarity,
            bits,
        })
    }

    /// Puts a comparison into the scale; what is missing weighs nothing.
    pub(super) fn put(&mut self, found: Option<Found>) -> f64 {
        let Some(found) = found else {
            return 0.0;
        };
        if found.similarity >= ALIKE {
            self.matched.push(Match {
                field: found.field,
                similarity: found.similarity,
            });
        }
        found.bits
    }

    /// Bits of what is a person's own: telephone, e-mail, birthday.
    fn identifiers(&mut self, one: &Record, other: &Record) -> f64 {
        let phones = [one, other].map(|record| record.phone.as_ref().map(Phone::as_str));
        let emails = [one, other].map(|record| record.email.as_ref().map(Email::as_str));
        let born = one.born.zip(other.born).map(|(one, other)| {
            let similarity = of_dates(one, other);
            Found {
                field: Field::Born,
                similarity,
                bits: self.weights.bits(Field::Born, similarity, ["", ""]),
            }
        });
        self.put(self.compare(Field::Phone, phones, of_equality))
            + self.put(self.compare(Field::Email, emails, of_equality))
            + self.put(born)
    }
}

/// What two comparisons are worth together.
pub(super) fn sum(pair: &[Option<Found>; 2]) -> f64 {
    pair.iter().flatten().map(|found| found.bits).sum()
}

/// Two comparisons crosswise, the one that says less first: so that the answer
/// is the same whichever record comes first.
pub(super) fn in_order(mut pair: [Option<Found>; 2]) -> [Option<Found>; 2] {
    let rank = |found: &Option<Found>| found.map_or((0.0, 0.0), |f| (f.bits, f.similarity));
    let [first, second] = [rank(&pair[0]), rank(&pair[1])];
    if first > second {
        pair.swap(0, 1);
    }
    pair
}
