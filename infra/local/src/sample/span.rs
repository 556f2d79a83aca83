//! The stretch of time that the sample store has behind it.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::dice::Dice;

/// How long the shop has been open: eighteen months.
pub const DAYS: i64 = 548;

/// From the opening to the end, with the shop's own clock.
#[derive(Debug, Clone)]
pub struct Span {
    end: Timestamp,
    zone: TimeZone,
}

impl Span {
    /// The eighteen months before `end`.
    #[must_use]
    pub fn before(end: Timestamp) -> Self {
        let zone = TimeZone::get("Europe/Dublin").expect("the zone tables are part of the program");
        Self { end, zone }
    }

    /// The end; nothing happens after it.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        self.end
    }

    /// A moment between eight and ten, `days` calendar days before the end,
    /// when people shop.
    pub fn days_ago(&self, days: i64, dice: &mut Dice) -> Timestamp {
        let date = self.end.to_zoned(self.zone.clone()).date();
        let date = date.saturating_sub(days.days());
        let seconds = dice.number(8 * 3600..=22 * 3600);
        let morning = date.to_datetime(jiff::civil::Time::midnight());
        let moment = morning.saturating_add(seconds.seconds());
        let moment = self.zone.to_ambiguous_timestamp(moment).compatible();
        moment.unwrap_or(self.end).min(self.end)
    }

    /// Some hours before the end.
    pub fn hours_ago(&self, hours: i64, dice: &mut Dice) -> Timestamp {
        let seconds = hours * 3600 + dice.number(0..=3599);
        self.end - SignedDuration::from_secs(seconds)
    }

    /// A time as the shop writes it: its own clock, with the offset.
    #[must_use]
    pub fn text(&self, at: Timestamp) -> String {
        let at = at.to_zoned(self.zone.clone());
        at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

/// So many days and some hours after `at`.
pub fn days_after(
    at: Timestamp,
    days: std::ops::RangeInclusive<i64>,
    dice: &mut Dice,
) -> Timestamp {
    let hours = dice.number(days.start() * 24..=days.end() * 24);
    at + SignedDuration::from_secs(hours * 3600 + dice.number(0..=3599))
}
