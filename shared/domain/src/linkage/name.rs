//! Names weighed, straight or the other way round.

use super::evidence::{Found, Scale, in_order, sum};
use super::likeness::{of_given, of_words};
use super::weights::SWAPPED_BITS;
use super::{Field, Record};

impl Scale<'_> {
    /// Bits of the given names and of the surnames.
    pub(super) fn names(&mut self, one: &Record, other: &Record) -> (f64, f64) {
        let given = [one.given_name.as_deref(), other.given_name.as_deref()];
        let surname = [one.surname.as_deref(), other.surname.as_deref()];
        let alike = |_: &str, _: &str| of_given(&one.given_names, &other.given_names);
        let straight = [
            self.compare(Field::GivenName, given, alike),
            self.compare(Field::Surname, surname, of_words),
        ];
        let crossed = [
            self.cross([given[0], surname[1]]),
            self.cross([given[1], surname[0]]),
        ];
        if sum(&crossed) + SWAPPED_BITS <= sum(&straight) {
            return (self.put(straight[0]), self.put(straight[1]));
        }
        // What says less counts as the given name: the household limits only
        // what the surname may say.
        let [less, more] = in_order(crossed);
        let named = |found: Option<Found>, field| found.map(|found| Found { field, ..found });
        let given = self.put(named(less, Field::GivenName)) + SWAPPED_BITS;
        (given, self.put(named(more, Field::Surname)))
    }

    /// A given name against a surname: worth the less of the two.
    fn cross(&self, names: [Option<&str>; 2]) -> Option<Found> {
        let as_given = self.compare(Field::GivenName, names, of_words)?;
        let as_surname = self.compare(Field::Surname, names, of_words)?;
        let bits = as_given.bits.min(as_surname.bits);
        Some(Found { bits, ..as_given })
    }
}
