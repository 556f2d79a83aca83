//! What came back of an order: which papers speak of the same goods, and how
//! each return was settled (DOMAIN section 2).

use super::{Order, ReturnSummary};
use crate::returns::{Refund, Resolution, Return};

impl Order {
    /// Units that came back. Return documents and refunds tell of the same
    /// goods twice, so the greater of the two is the number.
    #[must_use]
    pub fn units_returned(&self) -> i64 {
        let documents: i64 = self.returns.values().map(Return::units_returned).sum();
        let exchanged: i64 = self.returns.values().map(Return::units_exchanged).sum();
        let refunds: i64 = self.refunds.values().map(|r| r.units_returned).sum();
        documents.max(refunds - exchanged)
    }

    /// Return documents that stand; where a shop keeps none, each refund of
    /// returned goods is one.
    #[must_use]
    pub fn return_documents(&self) -> i64 {
        if self.units_returned() == 0 {
            return 0;
        }
        let documents = self.standing_documents();
        let count = if documents > 0 {
            documents
        } else {
            self.refunds_of_goods().count()
        };
        i64::try_from(count).unwrap_or(i64::MAX)
    }

    fn standing_documents(&self) -> usize {
        let units = self.returns.values().map(Return::units_returned);
        units.filter(|units| *units > 0).count()
    }

    fn refunds_of_goods(&self) -> impl Iterator<Item = (&String, &Refund)> {
        let refunds = self.refunds.iter();
        refunds.filter(|(_, refund)| refund.units_returned > 0)
    }

    /// Every return document, and what is counted as one: those with units
    /// are as many as [`Order::return_documents`].
    pub(super) fn return_summaries(&self) -> Vec<ReturnSummary> {
        let documents = self.returns.iter().map(|(id, news)| ReturnSummary {
            id: id.clone(),
            status: Some(news.status()),
            units: news.units_returned(),
            reason: news
                .lines
                .as_ref()
                .and_then(|(_, lines)| lines.reason.clone()),
            resolution: self.resolution(id, news),
            at: None,
            refunded: None,
        });
        let refunds_stand_for_them = self.standing_documents() == 0 && self.units_returned() > 0;
        let refunds = self.refunds_of_goods().filter(|_| refunds_stand_for_them);
        let refunds = refunds.map(|(id, refund)| ReturnSummary {
            id: id.clone(),
            status: None,
            units: refund.units_returned,
            reason: None,
            resolution: Some(money_back(refund.on_credit)),
            at: Some(refund.at),
            refunded: Some(refund.amount),
        });
        documents.chain(refunds).collect()
    }

    /// How a return was settled: by other goods, or as the refunds of it say.
    /// While there is none of these it is not settled, whatever its state.
    fn resolution(&self, id: &str, news: &Return) -> Option<Resolution> {
        if !news.status().counts() {
            return None;
        }
        if news.units_exchanged() > 0 {
            return Some(Resolution::Exchange);
        }
        let refunds = self.refunds_settling(id);
        let mut paid = refunds.into_iter().filter(|r| !r.amount.is_zero());
        let first = paid.next()?;
        Some(money_back(first.on_credit && paid.all(|r| r.on_credit)))
    }

    /// The refunds that settle a return: those that name it. Older deliveries
    /// name none; theirs are its own if it is the only return they can mean,
    /// or if they take back as much as all of those together.
    fn refunds_settling(&self, id: &str) -> Vec<&Refund> {
        let refunds = || self.refunds.values();
        let is_for = |refund: &&Refund, id: &str| refund.return_id.as_deref() == Some(id);
        let named: Vec<_> = refunds().filter(|refund| is_for(refund, id)).collect();
        if !named.is_empty() {
            return named;
        }
        let unnamed = refunds().filter(|r| r.return_id.is_none() && r.units_returned > 0);
        let unnamed: Vec<_> = unnamed.collect();
        let meant = self.returns.iter().filter(|(other, news)| {
            news.status().counts() && !refunds().any(|refund| is_for(&refund, other))
        });
        let meant: Vec<_> = meant.collect();
        let told = meant.iter().all(|(_, news)| news.lines.is_some());
        let asked: i64 = meant.iter().map(|(_, news)| news.units_returned()).sum();
        let given: i64 = unnamed.iter().map(|refund| refund.units_returned).sum();
        if meant.len() == 1 || (told && given >= asked) {
            unnamed
        } else {
            Vec::new()
        }
    }
}

fn money_back(on_credit: bool) -> Resolution {
    if on_credit {
        Resolution::Credit
    } else {
        Resolution::Refund
    }
}
