//! What was agreed about paying an order later.

use crm_domain::order::Terms;
use jiff::Timestamp;
use serde::Deserialize;

use crate::token::Token;
use crate::unreadable::{At, Trouble};

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct TermsBody<'a> {
    due_in_days: Token<'a>,
    payment_schedules: Option<Vec<Schedule<'a>>>,
}

/// One payment: open until it is completed.
#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Schedule<'a> {
    due_at: Token<'a>,
    completed_at: Token<'a>,
}

impl TermsBody<'_> {
    /// The terms, without what is open: the order tells that.
    pub(super) fn read(&self) -> Result<Terms, Trouble> {
        let schedules = self.payment_schedules.iter().flatten().enumerate();
        let open = schedules.filter(|(_, one)| !one.completed_at.is_present());
        let due = open.map(|(n, one)| {
            let due = one.due_at.time().at("due_at");
            due.at_index("payment_schedules", n)
        });
        let due: Vec<Option<Timestamp>> = due.collect::<Result<_, _>>()?;
        Ok(Terms {
            days: self.due_in_days.whole().at("due_in_days")?,
            due_at: due.into_iter().flatten().min(),
            ..Terms::default()
        })
    }
}
