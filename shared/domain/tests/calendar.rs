//! Open time passes in the store's hours only, whatever its clocks do.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use crm_domain::calendar::{BusinessHours, Window};
use jiff::civil::{Date, DateTime, Time, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn window(from: &str, to: &str) -> Window {
    let time = |text: &str| text.parse().unwrap();
    Window {
        from: time(from),
        to: time(to),
    }
}

fn every_day(windows: &[Window]) -> BusinessHours {
    BusinessHours {
        week: std::array::from_fn(|_| windows.to_vec()),
        ..BusinessHours::default()
    }
}

/// `minutes` of open time after a local time, as a local time.
fn after(hours: &BusinessHours, zone: &TimeZone, from: &str, minutes: i64) -> String {
    let from: DateTime = from.parse().unwrap();
    let from = zone.to_timestamp(from).unwrap();
    let at = hours.after_open_minutes(from, minutes, zone);
    at.to_zoned(zone.clone()).datetime().to_string()
}

#[test]
fn half_an_hour_before_the_weekend_an_hour_ends_on_monday() {
    let (hours, utc) = (BusinessHours::default(), TimeZone::UTC);
    assert_eq!(
        after(&hours, &utc, "2026-03-06T16:30", 60),
        "2026-03-09T09:30:00"
    );
    assert_eq!(
        after(&hours, &utc, "2026-03-06T16:30", 30),
        "2026-03-06T17:00:00"
    );
    assert_eq!(
        after(&hours, &utc, "2026-03-07T12:00", 60),
        "2026-03-09T10:00:00"
    );
    assert_eq!(
        after(&hours, &utc, "2026-03-07T12:00", 0),
        "2026-03-09T09:00:00"
    );
}

#[test]
fn a_lunch_break_does_not_count() {
    let hours = every_day(&[window("13:00", "17:00"), window("09:00", "12:00")]);
    let utc = TimeZone::UTC;
    assert_eq!(
        after(&hours, &utc, "2026-03-06T11:30", 60),
        "2026-03-06T13:30:00"
    );
    assert_eq!(
        after(&hours, &utc, "2026-03-06T12:15", 240),
        "2026-03-06T17:00:00"
    );
    assert_eq!(
        after(&hours, &utc, "2026-03-06T12:15", 241),
        "2026-03-07T09:01:00"
    );
}

#[test]
fn windows_that_overlap_count_once() {
    let hours = every_day(&[
        window("09:00", "12:00"),
        window("10:00", "11:00"),
        window("11:00", "14:00"),
    ]);
    assert_eq!(
        after(&hours, &TimeZone::UTC, "2026-03-06T09:00", 300),
        "2026-03-06T14:00:00"
    );
    assert_eq!(
        after(&hours, &TimeZone::UTC, "2026-03-06T09:00", 301),
        "2026-03-07T09:01:00"
    );
}

#[test]
fn a_night_shift_belongs_to_the_day_it_began_on() {
    let mut hours = every_day(&[]);
    hours.week[4] = vec![window("22:00", "06:00")];
    let utc = TimeZone::UTC;
    // Friday night is still open on Saturday at five.
    assert_eq!(
        after(&hours, &utc, "2026-03-07T05:00", 60),
        "2026-03-07T06:00:00"
    );
    assert_eq!(
        after(&hours, &utc, "2026-03-07T05:00", 61),
        "2026-03-13T22:01:00"
    );
    assert_eq!(
        after(&hours, &utc, "2026-03-06T12:00", 180),
        "2026-03-07T01:00:00"
    );
}

#[test]
fn a_window_that_ends_when_it_begins_is_a_whole_day() {
    let hours = every_day(&[window("00:00", "00:00")]);
    assert_eq!(
        after(&hours, &TimeZone::UTC, "2026-03-06T16:30", 2880),
        "2026-03-08T16:30:00"
    );
}

#[test]
fn a_holiday_is_skipped_and_a_special_day_has_its_own_hours() {
    let mut hours = BusinessHours::default();
    hours.exceptions.insert(date(2026, 12, 25), vec![]);
    hours
        .exceptions
        .insert(date(2026, 12, 26), vec![window("10:00", "11:00")]);
    let utc = TimeZone::UTC;
    // Thursday, then a holiday, an hour of Saturday, and Monday.
    assert_eq!(
        after(&hours, &utc, "2026-12-24T16:30", 60),
        "2026-12-26T10:30:00"
    );
    assert_eq!(
        after(&hours, &utc, "2026-12-24T16:30", 91),
        "2026-12-28T09:01:00"
    );
}

#[test]
fn a_night_in_which_clocks_change_is_as_long_as_it_really_is() {
    let hours = every_day(&[window("22:00", "06:00")]);
    for (zone_name, spring, autumn) in [
        ("Europe/Paris", "2026-03-28T22:00", "2026-10-24T22:00"),
        ("America/New_York", "2026-03-07T22:00", "2026-10-31T22:00"),
    ] {
        let zone = zone(zone_name);
        let end_of = |from: &str, minutes| after(&hours, &zone, from, minutes);
        assert!(end_of(spring, 7 * 60).ends_with("T06:00:00"), "{zone_name}");
        assert!(
            end_of(spring, 7 * 60 + 1).ends_with("T22:01:00"),
            "{zone_name}"
        );
        assert!(end_of(autumn, 9 * 60).ends_with("T06:00:00"), "{zone_name}");
        assert!(
            end_of(autumn, 9 * 60 + 1).ends_with("T22:01:00"),
            "{zone_name}"
        );
    }
}

#[test]
fn a_time_that_the_clocks_skip_opens_and_closes_nothing() {
    // In Paris, clocks go from 02:00 to 03:00 on 29 March 2026.
    let paris = zone("Europe/Paris");
    let skipped = every_day(&[window("02:15", "02:45")]);
    assert_eq!(
        after(&skipped, &paris, "2026-03-29T00:00", 1),
        "2026-03-30T02:16:00"
    );
    let cut_short = every_day(&[window("01:00", "02:30")]);
    assert_eq!(
        after(&cut_short, &paris, "2026-03-29T00:00", 61),
        "2026-03-30T01:01:00"
    );
}

#[test]
fn nine_to_five_is_eight_hours_on_every_day_of_the_year() {
    let hours = every_day(&[window("09:00", "17:00")]);
    for name in [
        "Europe/Paris",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
    ] {
        let zone = zone(name);
        let mut day = date(2026, 1, 1);
        while day.year() == 2026 {
            let nine = zone.to_timestamp(day.at(9, 0, 0, 0)).unwrap();
            let five = zone.to_timestamp(day.at(17, 0, 0, 0)).unwrap();
            assert_eq!(
                hours.after_open_minutes(nine, 480, &zone),
                five,
                "{name} {day}"
            );
            day = day.tomorrow().unwrap();
        }
    }
}

#[test]
fn a_thousand_business_days_are_counted_to_the_end() {
    let (hours, utc) = (BusinessHours::default(), TimeZone::UTC);
    // Two hundred weeks.
    assert_eq!(
        after(&hours, &utc, "2026-03-02T09:00", 1000 * 480),
        "2029-12-28T17:00:00"
    );
}

#[test]
fn there_is_an_answer_at_the_end_of_time() {
    let hours = BusinessHours::default();
    let last = hours.after_open_minutes(Timestamp::MAX, 10_000, &TimeZone::UTC);
    assert_eq!(last, Timestamp::MAX);
}

#[test]
fn hours_that_never_open_or_are_too_many_are_refused_by_name() {
    let field = |hours: &BusinessHours| hours.validate().unwrap_err().field;
    assert_eq!(field(&every_day(&[])), "business_hours.week");
    let nine = window("09:00", "17:00");
    assert_eq!(field(&every_day(&[nine; 11])), "business_hours.week");
    let mut hours = BusinessHours::default();
    hours.exceptions.insert(date(2026, 12, 25), vec![nine; 11]);
    assert_eq!(field(&hours), "business_hours.exceptions");
    let long_day = BusinessHours {
        minutes_per_day: 1441,
        ..BusinessHours::default()
    };
    assert_eq!(field(&long_day), "business_hours.minutes_per_day");
}

/// Open minutes of some days, found by watching the clock on the wall: a
/// window opens in the first minute that shows its start or later, and closes
/// in the first that shows its end or later.
fn open_minutes(hours: &BusinessHours, zone: &TimeZone, from: Date, days: i64) -> Vec<Timestamp> {
    let begin = zone.to_timestamp(from.at(0, 0, 0, 0)).unwrap();
    let minutes: Vec<_> = (0..(days + 2) * 1440)
        .map(|minute| begin + SignedDuration::from_mins(minute))
        .collect();
    let wall: Vec<_> = minutes.iter().map(|at| zone.to_datetime(*at)).collect();
    let mut open = vec![false; minutes.len()];
    for day in 0..days {
        let date = from.saturating_add(day.days());
        for window in hours
            .exceptions
            .get(&date)
            .map_or(hours.on(date.weekday()), |w| w)
        {
            let overnight = i64::from(window.to <= window.from);
            let first = |date: Date, time: Time| {
                let local = date.to_datetime(time);
                wall.iter().position(|shown| *shown >= local).unwrap()
            };
            let opens = first(date, window.from);
            let closes = first(date.saturating_add(overnight.days()), window.to);
            open[opens..closes.max(opens)].fill(true);
        }
    }
    let found = minutes.into_iter().zip(open);
    found.filter_map(|(at, open)| open.then_some(at)).collect()
}

prop_compose! {
    fn some_windows()(minutes in prop::collection::vec((0i64..96, 0i64..96), 0..4)) -> Vec<Window> {
        let time = |quarter: i64| Time::midnight() + (quarter * 15).minutes();
        let windows = minutes.into_iter();
        windows.map(|(from, to)| Window { from: time(from), to: time(to) }).collect()
    }
}

prop_compose! {
    fn some_hours(near: Date)(
        week in prop::collection::vec(some_windows(), 7),
        exception in prop::option::of((-1i64..5, some_windows())),
    ) -> BusinessHours {
        let mut hours = every_day(&[]);
        hours.week = week.try_into().unwrap();
        if hours.week.iter().all(Vec::is_empty) {
            hours.week[0] = vec![window("09:00", "17:00")];
        }
        if let Some((day, windows)) = exception {
            hours.exceptions.insert(near.saturating_add(day.days()), windows);
        }
        hours
    }
}

/// Zones and the days before their clocks change, or do not.
fn some_place() -> impl Strategy<Value = (TimeZone, Date)> {
    prop::sample::select(vec![
        ("Europe/Paris", date(2026, 3, 28)),
        ("Europe/Paris", date(2026, 10, 24)),
        ("America/New_York", date(2026, 3, 7)),
        ("America/New_York", date(2026, 10, 31)),
        ("Australia/Lord_Howe", date(2026, 4, 4)),
        ("Australia/Lord_Howe", date(2026, 10, 3)),
        ("Asia/Kathmandu", date(2026, 6, 1)),
    ])
    .prop_map(|(name, near)| (zone(name), near))
}

fn some_store() -> impl Strategy<Value = (TimeZone, Date, BusinessHours)> {
    some_place().prop_flat_map(|(zone, near)| (Just(zone), Just(near), some_hours(near)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn open_time_is_what_the_clock_on_the_wall_shows(
        (zone, near, hours) in some_store(), begin in 0i64..2880, minutes in 1i64..1500,
    ) {
        let first = near.saturating_sub(1.days());
        let open = open_minutes(&hours, &zone, first, 6);
        let from = zone.to_timestamp(near.at(0, 0, 0, 0)).unwrap() + SignedDuration::from_mins(begin);
        let until = zone.to_timestamp(first.saturating_add(5.days()).at(0, 0, 0, 0)).unwrap();

        let at = hours.after_open_minutes(from, minutes, &zone);

        // The last of the minutes is the one before the answer.
        let passed = open.iter().filter(|minute| (from..until).contains(*minute));
        let last = passed.take(usize::try_from(minutes).unwrap()).collect::<Vec<_>>();
        if last.len() == usize::try_from(minutes).unwrap() {
            prop_assert_eq!(at, **last.last().unwrap() + SignedDuration::from_mins(1));
        }
    }

    #[test]
    fn more_time_never_ends_earlier_and_parts_add_up(
        (zone, near, hours) in some_store(), begin in 0i64..2880, a in 1i64..3000, b in 1i64..3000,
    ) {
        let from = zone.to_timestamp(near.at(0, 0, 0, 0)).unwrap() + SignedDuration::from_mins(begin);
        let after = |from, minutes| hours.after_open_minutes(from, minutes, &zone);
        prop_assert!(after(from, a) > from);
        prop_assert!(after(from, a + b) > after(from, a));
        prop_assert_eq!(after(from, a + b), after(after(from, a), b));
        prop_assert!(after(from + SignedDuration::from_mins(b), a) >= after(from, a));
    }
}
