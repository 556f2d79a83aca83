//! Postal addresses weighed.

use super::evidence::{Found, Scale, in_order, sum};
use super::likeness::{of_codes, of_equality, of_numbers, of_words};
use super::weights::{MOVED_BITS, SAME_PLACE_BITS};
use super::{Field, Record};

impl Scale<'_> {
    /// Bits of the whole address.
    pub(super) fn address(&mut self, one: &Record, other: &Record) -> f64 {
        let numbers = [one.street.number(), other.street.number()];
        let houses = |_: &str, _: &str| of_numbers(one.house(), other.house());
        let bits = self.streets(one, other)
            + self.put(self.compare(Field::HouseNumber, numbers, houses))
            + self.place(one, other);
        bits.max(MOVED_BITS)
    }

    /// Bits of town, region, postal code and country.
    fn place(&mut self, one: &Record, other: &Record) -> f64 {
        let cities = [one.city.as_deref(), other.city.as_deref()];
        let codes = [one.postal_code.as_deref(), other.postal_code.as_deref()];
        let countries = [one.country.as_deref(), other.country.as_deref()];
        let bits = self.put(self.compare(Field::City, cities, of_words))
            + self.put(self.compare(Field::Region, regions(one, other), of_words))
            + self.put(self.compare(Field::PostalCode, codes, of_codes))
            + self.put(self.compare(Field::Country, countries, of_equality));
        bits.min(SAME_PLACE_BITS)
    }

    /// Bits of the two lines, each with its like: people mix them up.
    fn streets(&mut self, one: &Record, other: &Record) -> f64 {
        let first = [one.street.name.as_deref(), other.street.name.as_deref()];
        let second = [one.street2.name.as_deref(), other.street2.name.as_deref()];
        let straight = [
            self.compare(Field::Street, first, of_words),
            self.compare(Field::Street2, second, of_words),
        ];
        // Crosswise they are worth what a second line is: the less.
        let crossed = [
            self.compare(Field::Street2, [first[0], second[1]], of_words),
            self.compare(Field::Street2, [second[0], first[1]], of_words),
        ];
        if sum(&crossed) <= sum(&straight).max(0.0) {
            return self.put(straight[0]) + self.put(straight[1]);
        }
        let [less, more] = in_order(crossed);
        let street = more.map(|found| Found {
            field: Field::Street,
            ..found
        });
        self.put(less) + self.put(street)
    }
}

/// Regions where both are codes or both are names: "CA" and "California" are
/// not compared, for nothing here knows which code is whose.
fn regions<'r>(one: &'r Record, other: &'r Record) -> [Option<&'r str>; 2] {
    let regions = [one.region.as_deref(), other.region.as_deref()];
    let is_code = |region: Option<&str>| region.is_some_and(|text| text.chars().count() <= 3);
    if is_code(regions[0]) == is_code(regions[1]) {
        regions
    } else {
        [None, None]
    }
}
