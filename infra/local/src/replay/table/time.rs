//! When a row's event happened: a local time of the books' own zone.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// The instant that `text` means in `zone`. A text with its own offset is
/// taken at its word; a date alone means its first moment; a time that the
/// clocks skipped or showed twice means the earlier reading, as jiff's
/// "compatible" rule has it.
#[must_use]
pub fn instant(text: &str, format: Option<&str>, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    if let Some(format) = format {
        return local(DateTime::strptime(format, text).ok()?, zone);
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let time = text.parse::<DateTime>().ok();
    // Eight digits alone are a date too: 19970101.
    let digits = || Date::strptime("%Y%m%d", text).ok().map(DateTime::from);
    local(time.or_else(digits)?, zone)
}

fn local(time: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let zoned = zone.to_ambiguous_zoned(time).compatible().ok()?;
    Some(zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str, format: Option<&str>, zone: &str) -> String {
        let zone = TimeZone::get(zone).unwrap();
        instant(text, format, &zone).unwrap().to_string()
    }

    #[test]
    fn a_local_time_is_read_in_the_books_zone() {
        let summer = "2011-07-01T08:26:00";
        assert_eq!(utc(summer, None, "Europe/London"), "2011-07-01T07:26:00Z");
        let spaced = "2011-07-01 08:26";
        assert_eq!(utc(spaced, None, "Europe/London"), "2011-07-01T07:26:00Z");
        assert_eq!(utc("1997-01-01", None, "UTC"), "1997-01-01T00:00:00Z");
        assert_eq!(utc("19970101", None, "UTC"), "1997-01-01T00:00:00Z");
    }

    #[test]
    fn another_form_is_read_as_the_mapping_says() {
        let american = Some("%m/%d/%Y %H:%M");
        assert_eq!(
            utc("12/1/2010 8:26", american, "UTC"),
            "2010-12-01T08:26:00Z"
        );
    }

    #[test]
    fn an_offset_of_its_own_is_taken_at_its_word() {
        let text = "2011-07-01T08:26:00+02:00";
        assert_eq!(utc(text, None, "Europe/London"), "2011-07-01T06:26:00Z");
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["", "yesterday", "2011-13-01"] {
            assert_eq!(instant(text, None, &TimeZone::UTC), None);
        }
    }
}
