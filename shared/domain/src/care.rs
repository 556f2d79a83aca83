//! What worries a customer, or us about a customer: cases and unpaid bills,
//! as far as health needs them (DOMAIN section 5).

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::money::Amount;
use crate::order::Unpaid;
use crate::settings::Settings;

/// From when to when a case was open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseSpan {
    /// When it was opened.
    #[serde(rename = "o")]
    pub opened: Timestamp,
    /// When it was resolved or closed, once it is.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Timestamp>,
}

/// A node's cases and bills, or those of a person over its nodes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Care {
    /// Its cases by their id.
    #[serde(rename = "k", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cases: BTreeMap<String, CaseSpan>,
    /// What is unpaid, by the date by which it had to be paid: sums, so that
    /// a bill comes and goes by its difference, whatever it was made for. In
    /// the reporting currency.
    #[serde(rename = "u", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unpaid: BTreeMap<Date, Amount>,
    /// What is unpaid and has no such date.
    #[serde(rename = "o", default, skip_serializing_if = "Amount::is_zero_ref")]
    pub undated: Amount,
}

impl Care {
    /// For so long the past is kept beyond what any rule looks at: what was
    /// worrying on a past date can be told that far back.
    const PAST: SignedDuration = SignedDuration::from_hours(24 * 366);

    /// Nothing to worry about.
    pub const NONE: Self = Self {
        cases: BTreeMap::new(),
        unpaid: BTreeMap::new(),
        undated: Amount::ZERO,
    };

    /// Whether there is nothing to worry about.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty() && self.unpaid.is_empty() && self.undated.is_zero()
    }

    /// Replaces what was open of a bill by what is open of it now.
    pub fn bill(&mut self, before: Option<Unpaid>, after: Option<Unpaid>) {
        if let Some(gone) = before {
            self.add(gone.due_on, -gone.amount);
        }
        if let Some(new) = after {
            self.add(new.due_on, new.amount);
        }
    }

    fn add(&mut self, due_on: Option<Date>, amount: Amount) {
        let Some(date) = due_on else {
            self.undated += amount;
            return;
        };
        let sum = self.unpaid.entry(date).or_default();
        *sum += amount;
        if sum.is_zero() {
            self.unpaid.remove(&date);
        }
    }

    /// All that is unpaid, due or not.
    #[must_use]
    pub fn outstanding(&self) -> Amount {
        self.unpaid.values().copied().sum::<Amount>() + self.undated
    }

    /// The earliest date by which a bill that is unpaid had to be paid.
    #[must_use]
    pub fn oldest_unpaid_due(&self) -> Option<Date> {
        self.unpaid.keys().next().copied()
    }

    /// Notes where a case stands, and lets go of those that ended so long ago
    /// that no rule looks at them: a customer may have had thousands.
    pub fn note(&mut self, case: &str, span: CaseSpan, settings: &Settings, now: Timestamp) {
        self.cases.insert(case.to_owned(), span);
        let today = settings.date_of(now);
        let days = settings.health.recent_case_days;
        self.cases.retain(|_, span| {
            let long_ago = span
                .closed
                .is_some_and(|at| now.duration_since(at) > Self::PAST);
            let opened = settings.date_of(span.opened);
            !long_ago || leaves(opened, days).is_none_or(|leaving| today < leaving)
        });
    }

    /// Adds another node's: one person's nodes are summed so.
    pub fn absorb(&mut self, other: &Self) {
        let cases = other.cases.iter().map(|(id, span)| (id.clone(), *span));
        self.cases.extend(cases);
        for (date, amount) in &other.unpaid {
            self.add(Some(*date), *amount);
        }
        self.undated += other.undated;
    }

    /// What there was to worry about before an instant: cases by their own
    /// times, and the bills that are unpaid today, for nothing tells when one
    /// was paid.
    #[must_use]
    pub fn before(&self, instant: Timestamp) -> Self {
        let told = self.cases.iter().filter(|(_, case)| case.opened < instant);
        let as_then = told.map(|(id, case)| {
            let closed = case.closed.filter(|closed| *closed < instant);
            (id.clone(), CaseSpan { closed, ..*case })
        });
        Self {
            cases: as_then.collect(),
            unpaid: self.unpaid.clone(),
            undated: self.undated,
        }
    }

    /// Cases that are open.
    #[must_use]
    pub fn open_cases(&self) -> i64 {
        count(self.cases.values().filter(|case| case.closed.is_none()))
    }

    /// Cases opened so many days before a date, or fewer.
    #[must_use]
    pub fn recent_cases(&self, settings: &Settings, on: Date) -> i64 {
        let days = settings.health.recent_case_days;
        let recent = |date: &Date| leaves(*date, days).is_none_or(|leaving| on < leaving);
        count(self.opened_on(settings).filter(recent))
    }

    /// Days by which the oldest unpaid bill is late; 0 when none is.
    #[must_use]
    pub fn overdue_days(&self, on: Date) -> i64 {
        let late = self.oldest_unpaid_due().map(|due| (on - due).get_days());
        late.map_or(0, |days| i64::from(days).max(0))
    }

    /// Dates on which time alone may change what is worrying.
    pub(crate) fn turning_dates(&self, settings: &Settings) -> Vec<Date> {
        let days = settings.health.recent_case_days;
        let cases = self.opened_on(settings);
        let mut dates: Vec<_> = cases.filter_map(|date| leaves(date, days)).collect();
        if let Some(due) = self.oldest_unpaid_due() {
            dates.extend(leaves(due, 0));
            dates.extend(leaves(due, settings.health.red_overdue_days));
        }
        dates
    }

    fn opened_on<'a>(&'a self, settings: &'a Settings) -> impl Iterator<Item = Date> + 'a {
        self.cases
            .values()
            .map(|case| settings.date_of(case.opened))
    }
}

/// The first date that is more than so many days after another.
fn leaves(date: Date, days: i64) -> Option<Date> {
    date.checked_add(jiff::Span::new().days(days + 1)).ok()
}

fn count<T>(items: impl Iterator<Item = T>) -> i64 {
    i64::try_from(items.count()).unwrap_or(i64::MAX)
}
