//! Returns that come without their order: found, or kept waiting.

use crm_domain::fact::Buyer;
use crm_domain::identity::ExternalId;
use crm_domain::money::Currency;
use crm_domain::order::OrderChange;
use crm_domain::returns::{LooseReturn, Return, ReturnChange};
use crm_store::{LooseReturnRecord, ReturnPointer};

use crate::UpsertError;
use crate::work::{Held, Wish, Work};

impl Work<'_> {
    /// News of a return that does not say which order it is of.
    pub(crate) async fn return_news(
        &mut self,
        id: &ExternalId,
        change: &ReturnChange,
    ) -> Result<(), UpsertError> {
        let wish = Wish {
            pointers: vec![id.clone()],
            ..Wish::default()
        };
        self.hold(wish).await?;
        let pointer = self.pointer(id);
        let Some(order) = pointer.order.clone() else {
            pointer.waiting.apply(change);
            return Ok(());
        };
        let change = OrderChange::Return(id.id().to_owned(), change.clone());
        Box::pin(self.order_news(&order, &change, None)).await
    }

    /// Remembers which order a return is of, and hands the order what came
    /// before that was known.
    pub(crate) fn find_return(&mut self, order: &ExternalId, returned: &str) {
        let Ok(id) = order.beside(returned) else {
            return;
        };
        let pointer = self.pointer(&id);
        pointer.order = Some(order.clone());
        let waited = std::mem::take(&mut pointer.waiting);
        if waited != Return::default() {
            let returns = &mut self.order(order).order.returns;
            returns
                .entry(returned.to_owned())
                .or_default()
                .merge(&waited);
        }
    }

    fn pointer(&mut self, id: &ExternalId) -> &mut ReturnPointer {
        let held = self
            .pointers
            .entry(id.clone())
            .or_insert_with(|| Held::read(None));
        held.now.get_or_insert_with(|| ReturnPointer {
            version: 0,
            id: id.clone(),
            order: None,
            waiting: Return::default(),
        })
    }

    /// A return that belongs to a customer but to no order.
    pub(crate) async fn loose_return(
        &mut self,
        id: &ExternalId,
        news: &LooseReturn,
        currency: Currency,
        buyer: &Buyer,
    ) -> Result<(), UpsertError> {
        let wish = Wish {
            loose: vec![id.clone()],
            claims: Self::claim_of(&buyer.customer).into_iter().collect(),
            ..Wish::default()
        };
        self.hold(wish).await?;
        let known = self.loose.get(id).and_then(|held| held.now.clone());
        let stored = known.as_ref().map(|record| &record.news.stamp);
        if !news.stamp.replaces(stored) {
            return Ok(());
        }
        let owner = match (self.node_of(&buyer.customer, Some(news.at)).await?, &known) {
            (Some(named), _) => named,
            (None, Some(known)) => known.node.clone(),
            (None, None) => self.anonymous(&buyer.customer).await?,
        };
        let amount = self
            .settings
            .reporting_amount(news.amount, currency, news.at)?;
        let counted = (amount, news.units);
        if let Some(known) = &known {
            let totals = &mut self.node(&known.node).await?.totals;
            totals.replace_loose_return(Some(known.counted), None);
        }
        let currency = self.settings.reporting_currency;
        let node = self.node(&owner).await?;
        node.totals.replace_loose_return(None, Some(counted));
        node.currency = currency.or(node.currency);
        if let Some(known) = &known {
            self.fold_in(&known.node, &owner).await?;
        }
        let now = self.now;
        let held = self
            .loose
            .entry(id.clone())
            .or_insert_with(|| Held::read(None));
        held.now = Some(LooseReturnRecord {
            version: known.map_or(0, |known| known.version),
            id: id.clone(),
            node: owner,
            news: news.clone(),
            counted,
            touched_at: now,
        });
        Ok(())
    }
}
