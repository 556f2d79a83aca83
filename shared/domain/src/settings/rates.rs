//! Exchange rates by date, and what may still change of them.

use jiff::civil::Date;

use super::{Rate, Settings};
use crate::money::Currency;

impl Settings {
    /// The rate of a currency on a date: the one told last before or on it.
    #[must_use]
    pub fn rate(&self, currency: Currency, on: Date) -> Option<Rate> {
        let rates = self.fx_rates.get(&currency)?;
        rates.range(..=on).next_back().map(|(_, rate)| *rate)
    }

    /// The first date up to another on which these settings have a rate of a
    /// currency and `new` ones have none or another, if there is any. Orders
    /// of that date were counted by the rate there is, and news of any of
    /// them would count it anew.
    #[must_use]
    pub fn rate_taken_back(&self, new: &Self, until: Date) -> Option<(Currency, Date)> {
        self.fx_rates.iter().find_map(|(currency, rates)| {
            let (first, _) = rates.first_key_value()?;
            // Between two dates of either table nothing changes.
            let told = new.fx_rates.get(currency).into_iter().flatten();
            let mut dates: Vec<_> = rates.iter().chain(told).map(|(on, _)| *on).collect();
            dates.sort_unstable();
            let mut used = dates.into_iter().filter(|on| (*first..=until).contains(on));
            let other = used.find(|on| self.rate(*currency, *on) != new.rate(*currency, *on));
            other.map(|on| (*currency, on))
        })
    }
}
