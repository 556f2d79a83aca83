//! How alike two values are: 1 is the same, under 0.8 is not alike.
//!
//! Each function gives the same answer whichever value comes first.

use jiff::civil::Date;
use strsim::{jaro_winkler, osa_distance};

/// One slip of the hand in a number, of the kinds that people make.
const ONE_SLIP: f64 = 0.9;

/// Two names, folded: Winkler's comparator, made for names of persons (1990),
/// or the share of letters left in place by slips of the hand, whichever is
/// more.
pub(super) fn of_words(one: &str, other: &str) -> f64 {
    if one == other {
        return 1.0;
    }
    let letters = one.chars().count().max(other.chars().count());
    #[expect(clippy::cast_precision_loss, reason = "a few letters")]
    let kept = 1.0 - osa_distance(one, other) as f64 / letters as f64;
    jaro_winkler(one, other).max(kept).min(0.99)
}

/// Two given names, folded, in words: as [`of_words`]; an initial is like the
/// name it may stand for, and one of several given names like all of them.
pub(super) fn of_given(one: &[String], other: &[String]) -> f64 {
    let whole = of_words(&one.concat(), &other.concat());
    let (Some(first), Some(second)) = (one.first(), other.first()) else {
        return whole;
    };
    let is_initial = |a: &str, b: &str| a.chars().count() == 1 && b.starts_with(a);
    if first == second && one.len() != other.len() {
        return whole.max(0.96);
    }
    if is_initial(first, second) || is_initial(second, first) {
        return whole.max(0.85);
    }
    whole
}

/// Two numbers or codes in which one wrong digit is a slip, and two are
/// another number.
pub(super) fn of_codes(one: &str, other: &str) -> f64 {
    if one == other {
        return 1.0;
    }
    let shorter = one.chars().count().min(other.chars().count());
    if shorter >= 2 && osa_distance(one, other) == 1 {
        ONE_SLIP
    } else {
        0.0
    }
}

/// Two houses, each by its number and all the numbers of its address: one's
/// house may be written where the other's flat is.
pub(super) fn of_numbers<'n>(
    (house, mut numbers): (Option<&'n str>, impl Iterator<Item = &'n str>),
    (other_house, mut other_numbers): (Option<&'n str>, impl Iterator<Item = &'n str>),
) -> f64 {
    let (Some(house), Some(other_house)) = (house, other_house) else {
        return 0.0;
    };
    let houses = of_codes(house, other_house);
    let shared =
        numbers.any(|number| number == other_house) || other_numbers.any(|number| number == house);
    if shared { houses.max(ONE_SLIP) } else { houses }
}

/// Two identifiers: the same or not.
pub(super) fn of_equality(one: &str, other: &str) -> f64 {
    if one == other { 1.0 } else { 0.0 }
}

/// Two dates: a slip in a digit, or day and month the other way round.
pub(super) fn of_dates(one: Date, other: Date) -> f64 {
    if one == other {
        return 1.0;
    }
    let crossed =
        one.year() == other.year() && (one.month(), one.day()) == (other.day(), other.month());
    let written = |date: Date| date.strftime("%Y%m%d").to_string();
    if crossed || osa_distance(&written(one), &written(other)) == 1 {
        ONE_SLIP
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn given(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_misspelt_name_is_alike_and_another_name_is_not() {
        for (one, other) in [
            ("martha", "marhta"),
            ("gredn", "green"),
            ("dickson", "dixon"),
        ] {
            assert!(of_words(one, other) >= 0.8, "{one} {other}");
        }
        for (one, other) in [("smith", "jones"), ("webb", "waller"), ("li", "lo")] {
            assert!(of_words(one, other) < 0.8, "{one} {other}");
        }
    }

    #[test]
    fn an_initial_or_one_of_several_names_is_alike() {
        assert!(of_given(&given("j"), &given("john")) >= 0.8);
        assert!(of_given(&given("mary ann"), &given("mary")) > 0.95);
        assert!(of_given(&given("k"), &given("john")) < 0.8);
    }

    #[test]
    fn one_wrong_digit_is_a_slip_and_two_are_another_number() {
        assert!(of_codes("2776", "2767") >= 0.8);
        assert!(of_codes("177", "77") >= 0.8);
        assert!(of_codes("2776", "2811") < 0.8);
        assert!(of_codes("7", "8") < 0.8);
    }

    #[test]
    fn dates_may_be_crossed() {
        assert!(of_dates(date(1999, 2, 9), date(1999, 9, 2)) >= 0.8);
        assert!(of_dates(date(1999, 2, 9), date(1999, 2, 8)) >= 0.8);
        assert!(of_dates(date(1999, 2, 9), date(1989, 2, 8)) < 0.8);
    }
}
