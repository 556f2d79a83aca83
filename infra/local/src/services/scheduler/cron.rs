//! AWS's cron expressions: six fields, with `L`, `W` and `#` for days.
//!
//! `minutes hours day-of-month month day-of-week year`; exactly one of the two day fields is `?`.
//! Reference: <https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based>

mod day;
mod field;

use jiff::civil::{Date, DateTime};

use super::ExpressionError;
use day::Days;
use field::Field;

/// A cron expression, read once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    minutes: Field,
    hours: Field,
    days: Days,
    months: Field,
    years: Field,
}

impl Cron {
    /// Reads the text between the parentheses of `cron(...)`.
    ///
    /// # Errors
    ///
    /// [`ExpressionError`].
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let fields: Vec<_> = text.split_whitespace().collect();
        let [minutes, hours, day_of_month, month, day_of_week, year] = fields[..] else {
            return Err(ExpressionError("cron needs six fields"));
        };
        Ok(Self {
            minutes: Field::parse(minutes, 0..=59, &[])?,
            hours: Field::parse(hours, 0..=23, &[])?,
            days: Days::parse(day_of_month, day_of_week)?,
            months: Field::parse(month, 1..=12, &field::MONTHS)?,
            years: Field::parse(year, 1970..=2199, &[])?,
        })
    }

    /// Every local time from `from` on, in order. Which of them exist is for the time zone to say.
    pub fn local_times(&self, from: DateTime) -> impl Iterator<Item = DateTime> + '_ {
        self.dates(from.date())
            .flat_map(|date| self.times_of(date))
            .skip_while(move |time| *time < from)
    }

    fn times_of(&self, date: Date) -> impl Iterator<Item = DateTime> + '_ {
        let hours = self.hours.iter().filter_map(|hour| i8::try_from(hour).ok());
        hours.flat_map(move |hour| {
            let minutes = self.minutes.iter();
            let minutes = minutes.filter_map(|minute| i8::try_from(minute).ok());
            minutes.map(move |minute| date.at(hour, minute, 0, 0))
        })
    }

    fn dates(&self, from: Date) -> impl Iterator<Item = Date> + '_ {
        let mut next = Some(from);
        std::iter::from_fn(move || {
            loop {
                let date = next?;
                if !self.years.has(date.year()) {
                    let year = self.years.next_after(date.year())?;
                    next = Date::new(year, 1, 1).ok();
                } else if !self.months.has(date.month().into()) {
                    next = date.last_of_month().tomorrow().ok();
                } else {
                    next = date.tomorrow().ok();
                    if self.days.has(date) {
                        return Some(date);
                    }
                }
            }
        })
    }

    /// Whether the expression names this local minute: the definition that the search above must agree with.
    #[cfg(test)]
    pub(super) fn names(&self, time: DateTime) -> bool {
        self.minutes.has(time.minute().into())
            && self.hours.has(time.hour().into())
            && self.months.has(time.month().into())
            && self.years.has(time.year())
            && self.days.has(time.date())
    }
}

#[cfg(test)]
mod tests;
