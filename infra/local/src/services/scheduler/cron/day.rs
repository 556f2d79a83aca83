//! Which days: of the month, or of the week.

use jiff::civil::{Date, Weekday};

use super::ExpressionError;
use super::field::{Field, WEEKDAYS, number};

/// The days an expression names, by the one of its two day fields that is not `?`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Days {
    OfMonth(Vec<MonthDay>),
    OfWeek(Vec<WeekDay>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MonthDay {
    /// `5`, `1-7`, `*/2`.
    These(Field),
    /// `L`, or `L-3` for the third day before.
    Last { days_before: i8 },
    /// `15W`: the working day nearest to the 15th, within the month.
    NearestWorkday(i8),
    /// `LW`.
    LastWorkday,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WeekDay {
    /// `MON-FRI`, `2,4`; 1 is Sunday.
    These(Field),
    /// `6L`: the month's last Friday.
    Last(i16),
    /// `3#2`: the month's second Tuesday.
    Nth { weekday: i16, nth: i8 },
}

impl Days {
    pub(super) fn parse(of_month: &str, of_week: &str) -> Result<Self, ExpressionError> {
        match (of_month, of_week) {
            ("?", "?") => Err(ExpressionError("cron needs one of its two day fields")),
            (days, "?") => {
                let days = days.split(',').map(month_day);
                Ok(Self::OfMonth(days.collect::<Result<_, _>>()?))
            }
            ("?", days) => {
                let days = days.split(',').map(week_day);
                Ok(Self::OfWeek(days.collect::<Result<_, _>>()?))
            }
            _ => Err(ExpressionError("one of cron's two day fields must be ?")),
        }
    }

    pub(super) fn has(&self, date: Date) -> bool {
        match self {
            Self::OfMonth(days) => days.iter().any(|day| day.is(date)),
            Self::OfWeek(days) => days.iter().any(|day| day.is(date)),
        }
    }
}

impl MonthDay {
    fn is(&self, date: Date) -> bool {
        match self {
            Self::These(field) => field.has(date.day().into()),
            Self::Last { days_before } => date.day() == date.days_in_month() - days_before,
            Self::NearestWorkday(day) => nearest_workday(date, *day) == Some(date),
            Self::LastWorkday => nearest_workday(date, date.days_in_month()) == Some(date),
        }
    }
}

impl WeekDay {
    fn is(&self, date: Date) -> bool {
        let weekday = i16::from(date.weekday().to_sunday_one_offset());
        match self {
            Self::These(field) => field.has(weekday),
            Self::Last(day) => *day == weekday && date.day() > date.days_in_month() - 7,
            Self::Nth { weekday: day, nth } => *day == weekday && (date.day() + 6) / 7 == *nth,
        }
    }
}

/// The working day nearest to a day of `date`'s month, never in another month; `None` if it has no such day.
fn nearest_workday(date: Date, day: i8) -> Option<Date> {
    let wanted = Date::new(date.year(), date.month(), day).ok()?;
    let last = date.days_in_month();
    let nearest = match wanted.weekday() {
        Weekday::Saturday if day == 1 => day + 2,
        Weekday::Saturday => day - 1,
        Weekday::Sunday if day == last => day - 2,
        Weekday::Sunday => day + 1,
        _ => day,
    };
    Date::new(date.year(), date.month(), nearest).ok()
}

fn month_day(text: &str) -> Result<MonthDay, ExpressionError> {
    let range = 1..=31;
    if text == "L" {
        return Ok(MonthDay::Last { days_before: 0 });
    }
    if text == "LW" {
        return Ok(MonthDay::LastWorkday);
    }
    if let Some(days) = text.strip_prefix("L-") {
        let days_before = small(number(days, &(0..=30), &[])?);
        return Ok(MonthDay::Last { days_before });
    }
    if let Some(day) = text.strip_suffix('W') {
        return Ok(MonthDay::NearestWorkday(small(number(day, &range, &[])?)));
    }
    Field::parse(text, range, &[]).map(MonthDay::These)
}

fn week_day(text: &str) -> Result<WeekDay, ExpressionError> {
    let range = 1..=7;
    if text == "L" {
        // The last day of the week.
        return Field::parse("7", range, &[]).map(WeekDay::These);
    }
    if let Some((day, nth)) = text.split_once('#') {
        return Ok(WeekDay::Nth {
            weekday: number(day, &range, &WEEKDAYS)?,
            nth: small(number(nth, &(1..=5), &[])?),
        });
    }
    if let Some(day) = text.strip_suffix('L') {
        return number(day, &range, &WEEKDAYS).map(WeekDay::Last);
    }
    Field::parse(text, range, &WEEKDAYS).map(WeekDay::These)
}

fn small(number: i16) -> i8 {
    i8::try_from(number).expect("the range it was read in is small")
}
