//! When a store answers: business hours, and counting time in them only.
//!
//! Windows are local times of the store's zone, so a day on which clocks
//! change is as long as it really is (DOMAIN section 8).

use std::collections::BTreeMap;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::settings::InvalidSetting;

/// A store's opening windows per weekday, with dated exceptions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BusinessHours {
    /// Windows of Monday to Sunday. One that ends at or before its start
    /// ends on the next day.
    pub week: [Vec<Window>; 7],
    /// Windows of single dates instead of their weekday's; none is closed.
    pub exceptions: BTreeMap<Date, Vec<Window>>,
    /// Open minutes that make one business day.
    pub minutes_per_day: i64,
}

/// From one local time to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Opens.
    pub from: Time,
    /// Closes.
    pub to: Time,
}

impl Default for BusinessHours {
    fn default() -> Self {
        let nine_to_five = || {
            vec![Window {
                from: Time::constant(9, 0, 0, 0),
                to: Time::constant(17, 0, 0, 0),
            }]
        };
        let mut week: [Vec<Window>; 7] = Default::default();
        week[..5].fill_with(nine_to_five);
        Self {
            week,
            exceptions: BTreeMap::new(),
            minutes_per_day: 480,
        }
    }
}

/// How far ahead an opening is looked for: two years.
const HORIZON_DAYS: usize = 731;

impl BusinessHours {
    /// Whether time can be counted in these hours.
    ///
    /// # Errors
    ///
    /// [`InvalidSetting`].
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        let invalid = |field: &str, problem: &str| InvalidSetting {
            field: format!("business_hours.{field}"),
            problem: problem.to_owned(),
        };
        if self.week.iter().all(Vec::is_empty) {
            return Err(invalid("week", "must open on at least one weekday"));
        }
        let most = self
            .week
            .iter()
            .chain(self.exceptions.values())
            .map(Vec::len)
            .max();
        if most.unwrap_or(0) > 10 {
            return Err(invalid("week", "a day may have at most 10 windows"));
        }
        if self.exceptions.len() > 1000 {
            return Err(invalid("exceptions", "at most 1000 dates"));
        }
        if !(1..=1440).contains(&self.minutes_per_day) {
            return Err(invalid("minutes_per_day", "must be from 1 to 1440"));
        }
        Ok(())
    }

    /// The instant at which `minutes` of open time have passed since `from`.
    ///
    /// When the hours stay closed for two years, the minutes still missing
    /// are counted on the clock from there, so that an answer always comes.
    #[must_use]
    pub fn after_open_minutes(&self, from: Timestamp, minutes: i64, zone: &TimeZone) -> Timestamp {
        let mut left = SignedDuration::from_mins(minutes);
        let mut passed = from;
        // A window of the day before may still be open across midnight.
        let start = from.to_zoned(zone.clone()).date();
        let mut date = start.yesterday().unwrap_or(start);
        for _ in 0..HORIZON_DAYS {
            for (opens, closes) in self.windows_of(date, zone) {
                let opens = opens.max(passed);
                if closes <= opens {
                    continue;
                }
                let open = closes.duration_since(opens);
                if left <= open {
                    return opens + left;
                }
                left -= open;
                passed = closes;
            }
            date = date.tomorrow().unwrap_or(date);
        }
        passed + left
    }

    /// The windows that open on `date`, as instants, earliest first.
    fn windows_of(&self, date: Date, zone: &TimeZone) -> Vec<(Timestamp, Timestamp)> {
        let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
        let windows = self.exceptions.get(&date).unwrap_or(&self.week[weekday]);
        let instant = |date: Date, time: Time| {
            let local = date.to_datetime(time);
            zone.to_ambiguous_timestamp(local).compatible().ok()
        };
        let mut spans: Vec<_> = windows
            .iter()
            .filter_map(|window| {
                let ends_on = if window.to <= window.from {
                    date.tomorrow().ok()?
                } else {
                    date
                };
                Some((instant(date, window.from)?, instant(ends_on, window.to)?))
            })
            .collect();
        spans.sort_unstable();
        spans
    }

    /// The windows of a weekday.
    #[must_use]
    pub fn on(&self, weekday: Weekday) -> &[Window] {
        let place = usize::try_from(weekday.to_monday_zero_offset()).unwrap_or(0);
        &self.week[place]
    }
}
