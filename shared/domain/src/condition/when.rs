//! When time alone changes whether a customer meets a condition.

use jiff::Span;
use jiff::civil::Date;

use super::{Candidate, Condition, Measure, Test};

impl Condition {
    /// The first date after `on` on which the customer would meet it though
    /// they do not now, or the other way round, if nothing but the date
    /// changes. What a customer was found to be counts as it is: it changes
    /// on dates of its own ([`crate::segment::assess`]).
    #[must_use]
    pub fn next_change_on(&self, who: &Candidate<'_>, on: Date) -> Option<Date> {
        let mut dates: Vec<Date> = self
            .tests()
            .into_iter()
            .flat_map(|test| test.turning_dates(who))
            .filter(|date| *date > on)
            .collect();
        dates.sort_unstable();
        dates.dedup();
        let now = self.matches(who, on);
        dates
            .into_iter()
            .find(|date| self.matches(who, *date) != now)
    }
}

impl Test {
    /// The dates on which a test may turn: it says the same from each up to
    /// the next.
    fn turning_dates(&self, who: &Candidate<'_>) -> Vec<Date> {
        let Self::Number(measure, range) = self else {
            return Vec::new();
        };
        let span = who.view().span;
        let since = match measure {
            Measure::DaysSinceLastOrder => span.map(|(_, last)| last),
            Measure::DaysSinceFirstOrder => span.map(|(first, _)| first),
            _ => None,
        };
        let Some(since) = since.map(|at| who.settings.date_of(at)) else {
            return Vec::new();
        };
        let days = range.limits().filter_map(|limit| {
            let days = limit.decimal().ceil();
            i64::try_from(days).ok()
        });
        let date = |days: i64| {
            let span = Span::new().try_days(days).ok()?;
            since.checked_add(span).ok()
        };
        days.filter_map(date).collect()
    }
}
