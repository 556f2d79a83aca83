//! Months of the calendar, as `2026-05`.

use std::fmt;

use jiff::civil::Date;

/// What a month must look like.
pub(crate) const MONTH: &str = "must be a month from 2000-01 to 2099-12, as 2026-05";

/// A month of the years 2000 to 2099.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Month(i32);

impl Month {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let plain = text.len() == 7 && text.is_char_boundary(4);
        let (year, month) = text.split_at_checked(4).filter(|_| plain)?;
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let month = month.strip_prefix('-').filter(|month| digits(month))?;
        let year: i32 = Some(year).filter(|year| digits(year))?.parse().ok()?;
        let month: i32 = month.parse().ok()?;
        let fits = (2000..2100).contains(&year) && (1..=12).contains(&month);
        fits.then(|| Self(year * 12 + month - 1))
    }

    /// The month of a date.
    pub(crate) fn of(date: Date) -> Self {
        Self(i32::from(date.year()) * 12 + i32::from(date.month()) - 1)
    }

    /// So many months before.
    pub(crate) fn earlier(self, months: i32) -> Self {
        Self(self.0 - months)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month) = (self.0.div_euclid(12), self.0.rem_euclid(12) + 1);
        write!(f, "{year:04}-{month:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_a_year_and_two_digits_and_nothing_else() {
        for text in ["2026-05", "2000-01", "2099-12"] {
            assert_eq!(Month::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "2026",
            "2026-5",
            "2026-13",
            "2026-00",
            "2026-05-01",
            "1999-12",
            "2100-01",
            "202605",
            "+026-05",
            "2026-+5",
            "日本-05",
        ] {
            assert_eq!(Month::parse(text), None, "{text}");
        }
    }

    #[test]
    fn months_go_back_over_the_new_year() {
        let may = Month::of(jiff::civil::date(2026, 5, 31));
        assert_eq!(may.to_string(), "2026-05");
        assert_eq!(may.earlier(5).to_string(), "2025-12");
        assert!(may.earlier(1) < may);
    }
}
