//! One field of a cron expression: lists, ranges, steps and names.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::ExpressionError;

pub(super) const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
pub(super) const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// The numbers a field allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field(BTreeSet<i16>);

impl Field {
    /// Reads a field whose numbers lie in `range`; `names` stand for the numbers from its start on.
    pub(super) fn parse(
        text: &str,
        range: RangeInclusive<i16>,
        names: &[&str],
    ) -> Result<Self, ExpressionError> {
        let mut allowed = BTreeSet::new();
        for part in text.split(',') {
            let (span, step) = match part.split_once('/') {
                Some((span, step)) => (span, Some(step)),
                None => (part, None),
            };
            let (first, last) = match span.split_once('-') {
                Some((first, last)) => {
                    (number(first, &range, names)?, number(last, &range, names)?)
                }
                None if span == "*" => (*range.start(), *range.end()),
                None if step.is_some() => (number(span, &range, names)?, *range.end()),
                None => (number(span, &range, names)?, number(span, &range, names)?),
            };
            let step = step.map_or(Ok(1), str::parse).unwrap_or(0);
            if step == 0 || first > last {
                return Err(ExpressionError(
                    "a cron field has an impossible step or range",
                ));
            }
            allowed.extend((first..=last).step_by(step));
        }
        Ok(Self(allowed))
    }

    pub(super) fn has(&self, number: i16) -> bool {
        self.0.contains(&number)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = i16> + '_ {
        self.0.iter().copied()
    }

    pub(super) fn next_after(&self, number: i16) -> Option<i16> {
        self.0.range(number + 1..).next().copied()
    }
}

/// A number of the range, or a name for one.
pub(super) fn number(
    text: &str,
    range: &RangeInclusive<i16>,
    names: &[&str],
) -> Result<i16, ExpressionError> {
    let place = names
        .iter()
        .position(|name| name.eq_ignore_ascii_case(text));
    let place = place.and_then(|at| i16::try_from(at).ok());
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = match place {
        Some(at) => Some(range.start() + at),
        None if digits => text.parse().ok(),
        None => None,
    };
    let number = number.filter(|number| range.contains(number));
    number.ok_or(ExpressionError(
        "a cron field has a number out of its range",
    ))
}
