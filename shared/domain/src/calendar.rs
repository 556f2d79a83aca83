//! When a store answers: business hours, and counting time in them only.
//!
//! Windows are local times of the store's zone, so a day on which clocks
//! change is as long as it really is (DOMAIN section 8).

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::settings::InvalidSetting;

/// A store's opening windows per weekday, with dated exceptions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BusinessHours {
    /// Windows of Monday to Sunday. One that ends at or before its start
    /// ends on the next day.
    #[schemars(inner(length(max = MOST_WINDOWS)))]
    pub week: [Vec<Window>; 7],
    /// Windows of single dates instead of their weekday's; none is closed.
    #[schemars(schema_with = "crate::schema::windows")]
    pub exceptions: BTreeMap<Date, Vec<Window>>,
    /// Open minutes that make one business day.
    #[schemars(range(min = 1, max = MOST_MINUTES))]
    pub minutes_per_day: i64,
}

/// From one local time to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "BusinessWindow")]
pub struct Window {
    /// Opens.
    #[schemars(regex(pattern = crate::schema::TIME))]
    pub from: Time,
    /// Closes.
    #[schemars(regex(pattern = crate::schema::TIME))]
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

/// How far ahead open time is looked for: a hundred years, more than the
/// longest target takes in hours that open once a week.
const HORIZON_DAYS: usize = 36_525;
/// Most minutes of a day.
const MOST_MINUTES: i64 = 1440;
/// Most windows that a day may have.
const MOST_WINDOWS: usize = 10;
/// Most dates with hours of their own.
const MOST_EXCEPTIONS: usize = 1000;

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
        let crowded = |windows: &Vec<Window>| windows.len() > MOST_WINDOWS;
        if self.week.iter().any(crowded) {
            return Err(invalid("week", "a day may have at most 10 windows"));
        }
        if self.exceptions.values().any(crowded) {
            return Err(invalid("exceptions", "a day may have at most 10 windows"));
        }
        if self.exceptions.len() > MOST_EXCEPTIONS {
            return Err(invalid("exceptions", "must be at most 1000 dates"));
        }
        if !(1..=MOST_MINUTES).contains(&self.minutes_per_day) {
            return Err(invalid("minutes_per_day", "must be from 1 to 1440"));
        }
        Ok(())
    }

    /// The instant at which `minutes` of open time have passed since `from`;
    /// for no minutes, the first open instant.
    ///
    /// Hours that no longer open within a hundred years pass on the clock
    /// from there, so that an answer always comes.
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
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        passed.checked_add(left).unwrap_or(Timestamp::MAX)
    }

    /// The windows that open on `date`, as instants, earliest first.
    fn windows_of(&self, date: Date, zone: &TimeZone) -> Vec<(Timestamp, Timestamp)> {
        let exception = self.exceptions.get(&date).map(Vec::as_slice);
        let windows = exception.unwrap_or_else(|| self.on(date.weekday()));
        let mut spans: Vec<_> = windows
            .iter()
            .filter_map(|window| {
                let ends_on = if window.to <= window.from {
                    date.tomorrow().ok()?
                } else {
                    date
                };
                let opens = first_instant(date.to_datetime(window.from), zone)?;
                let closes = first_instant(ends_on.to_datetime(window.to), zone)?;
                Some((opens, closes))
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

/// The first instant at which clocks in `zone` show `local` or later.
///
/// A time that comes twice is the first of the two; one that is skipped is
/// the instant of the skip, not an hour after it.
fn first_instant(local: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    if let AmbiguousOffset::Gap { .. } = ambiguous.offset() {
        let before_the_skip = ambiguous.earlier().ok()?;
        let skip = zone.following(before_the_skip).next()?;
        return Some(skip.timestamp());
    }
    ambiguous.earlier().ok()
}
