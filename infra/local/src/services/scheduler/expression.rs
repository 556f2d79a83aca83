//! When a schedule fires: `rate(...)`, `cron(...)` or `at(...)`.
//!
//! Cron times are local: one that a change to summer time skips does not happen, and one that the change back repeats
//! happens once, the first time. A day of `rate(1 day)` is 24 hours.
//! Reference: <https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html>

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use super::cron::Cron;

/// A schedule's expression, read once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// At regular intervals.
    Rate(SignedDuration),
    /// By the calendar.
    Cron(Box<Cron>),
    /// Once, at a local time.
    At(DateTime),
}

/// An expression AWS would refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("schedule expression: {0}")]
pub struct ExpressionError(pub(super) &'static str);

impl Expression {
    /// Reads an expression as templates have it.
    ///
    /// # Errors
    ///
    /// [`ExpressionError`].
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let text = text.strip_suffix(')');
        let (kind, inside) = text
            .and_then(|text| text.split_once('('))
            .ok_or(ExpressionError("not of the form rate(), cron() or at()"))?;
        match kind {
            "rate" => rate(inside).map(Self::Rate),
            "cron" => Cron::parse(inside).map(Box::new).map(Self::Cron),
            "at" => {
                let time = inside.parse().ok().filter(|_| inside.len() == 19);
                time.map(Self::At)
                    .ok_or(ExpressionError("at needs yyyy-mm-ddThh:mm:ss"))
            }
            _ => Err(ExpressionError("not of the form rate(), cron() or at()")),
        }
    }

    /// The first firing at or after `from`. Rates count from `anchor`; `zone` is where local times are.
    #[must_use]
    pub fn first_from(
        &self,
        from: Timestamp,
        anchor: Timestamp,
        zone: &TimeZone,
    ) -> Option<Timestamp> {
        match self {
            Self::Rate(every) => {
                let since = from.duration_since(anchor).as_millis();
                let every = every.as_millis();
                let steps = (since.max(0) + every - 1) / every;
                let after = i64::try_from(steps * every).ok()?;
                anchor.checked_add(SignedDuration::from_millis(after)).ok()
            }
            Self::At(time) => {
                let time = zone.to_ambiguous_timestamp(*time).compatible().ok()?;
                (time >= from).then_some(time)
            }
            Self::Cron(cron) => {
                // A time of the hour that a change repeats may lie a little before the local time of `from`.
                let local = zone
                    .to_datetime(from)
                    .checked_sub(Span::new().hours(3))
                    .ok()?;
                let times = cron.local_times(local);
                let mut existing = times.filter_map(|time| first_instant(time, zone));
                existing.find(|time| *time >= from)
            }
        }
    }
}

/// The instant of a local time: the first of two; `None` if the clocks skip it.
fn first_instant(time: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(time);
    if matches!(ambiguous.offset(), jiff::tz::AmbiguousOffset::Gap { .. }) {
        return None;
    }
    ambiguous.earlier().ok()
}

fn rate(text: &str) -> Result<SignedDuration, ExpressionError> {
    let problem = ExpressionError("rate needs a positive number of minutes, hours or days");
    let (count, unit) = text.split_once(' ').ok_or(problem)?;
    let count: u32 = count.parse().map_err(|_| problem)?;
    let minutes = match unit {
        "minute" | "minutes" => 1,
        "hour" | "hours" => 60,
        "day" | "days" => 1440,
        _ => return Err(problem),
    };
    match count {
        0 => Err(problem),
        count => Ok(SignedDuration::from_mins(i64::from(count) * minutes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn firings(expression: &str, zone: &str, from: &str, count: usize) -> Vec<String> {
        let expression = Expression::parse(expression).unwrap();
        let zone = TimeZone::get(zone).unwrap();
        let start: Timestamp = from.parse().unwrap();
        let next = |from: &Timestamp| {
            let from = *from + SignedDuration::from_millis(1);
            expression.first_from(from, start, &zone)
        };
        let first = expression.first_from(start, start, &zone);
        let all = std::iter::successors(first, next).take(count);
        all.map(|time| time.to_string()).collect()
    }

    #[test]
    fn a_local_time_the_clocks_skip_does_not_happen() {
        // Berlin goes from 02:00 to 03:00 on 29 March 2026.
        assert_eq!(
            firings(
                "cron(30 2 * * ? *)",
                "Europe/Berlin",
                "2026-03-28T00:00:00Z",
                3
            ),
            [
                "2026-03-28T01:30:00Z",
                "2026-03-30T00:30:00Z",
                "2026-03-31T00:30:00Z"
            ],
        );
    }

    #[test]
    fn a_local_time_the_clocks_repeat_happens_once() {
        // Berlin goes from 03:00 back to 02:00 on 25 October 2026.
        assert_eq!(
            firings(
                "cron(30 2 * * ? *)",
                "Europe/Berlin",
                "2026-10-24T12:00:00Z",
                2
            ),
            ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
        );
        assert_eq!(
            firings(
                "cron(0 * * * ? *)",
                "Europe/Berlin",
                "2026-10-24T23:00:00Z",
                4
            ),
            [
                "2026-10-24T23:00:00Z",
                "2026-10-25T00:00:00Z",
                "2026-10-25T02:00:00Z",
                "2026-10-25T03:00:00Z"
            ],
        );
    }

    #[test]
    fn a_search_that_starts_within_the_repeated_hour_misses_nothing_after_it() {
        assert_eq!(
            firings(
                "cron(0/30 * * * ? *)",
                "Europe/Berlin",
                "2026-10-25T01:10:00Z",
                1
            ),
            ["2026-10-25T02:00:00Z"],
        );
    }

    #[test]
    fn a_day_of_a_rate_has_24_hours_whatever_the_clocks_do() {
        assert_eq!(
            firings("rate(1 day)", "Europe/Berlin", "2026-03-28T01:30:00Z", 3),
            [
                "2026-03-28T01:30:00Z",
                "2026-03-29T01:30:00Z",
                "2026-03-30T01:30:00Z"
            ],
        );
    }

    #[test]
    fn a_time_comes_once_and_never_if_it_is_over() {
        let at = "at(2026-07-01T09:00:00)";
        assert_eq!(
            firings(at, "Europe/Berlin", "2026-06-01T00:00:00Z", 3),
            ["2026-07-01T07:00:00Z"]
        );
        assert_eq!(
            firings(at, "Europe/Berlin", "2026-07-01T07:00:01Z", 3),
            [""; 0]
        );
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for text in [
            "",
            "rate(5 minutes",
            "rate(0 minutes)",
            "rate(1 week)",
            "at(tomorrow)",
            "cron(* *)",
            "every(1 day)",
        ] {
            assert!(Expression::parse(text).is_err(), "{text}");
        }
    }
}
