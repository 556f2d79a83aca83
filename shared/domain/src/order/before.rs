//! An order as it counted at an instant of the past.

use jiff::Timestamp;

use super::{CannotCount, Contribution, FinancialStatus, Order};
use crate::settings::Settings;

impl Order {
    /// What the order added to its customer's totals just before `instant`,
    /// as its content of today tells it: nothing if it was placed later;
    /// refunds, a cancellation and returns only if they had happened.
    ///
    /// A refund has a date of its own. A return has none but those of its
    /// news, of which only the newest is kept: it is there from then on, and
    /// from the first when its news carry no time. A payment given up with a
    /// cancellation yet to come had been authorised; any other state of payment
    /// is taken as it is today, for nothing tells when it began.
    ///
    /// # Errors
    ///
    /// [`CannotCount`].
    pub fn contribution_before(
        &self,
        settings: &Settings,
        instant: Timestamp,
    ) -> Result<Option<Contribution>, CannotCount> {
        match &self.body {
            Some((_, body)) if body.placed_at < instant => {
                self.before(instant).contribution(settings)
            }
            _ => Ok(None),
        }
    }

    fn before(&self, instant: Timestamp) -> Self {
        let mut then = self.clone();
        then.refunds.retain(|_, refund| refund.at < instant);
        then.returns
            .retain(|_, news| news.told_at().is_none_or(|at| at < instant));
        if let Some((_, body)) = &mut then.body
            && body.cancelled_at.is_some_and(|at| at >= instant)
        {
            body.cancelled_at = None;
            if body.financial_status == FinancialStatus::Voided {
                body.financial_status = FinancialStatus::Authorized;
            }
        }
        then
    }
}
