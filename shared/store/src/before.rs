//! What a node's orders came to before an instant of the past.

use crm_domain::identity::NodeId;
use crm_domain::settings::Settings;
use crm_domain::totals::Totals;
use jiff::Timestamp;

use crate::Store;
use crate::error::StoreError;
use crate::list::{FactKind, Summary};
use crate::read::{Consistency, Wanted};

/// Facts of a node read at once.
const PAGE: usize = 100;

impl Store {
    /// What a node's orders and returns came to before an instant, by what is
    /// known of them today and each by its own dates. Reads all orders placed
    /// by then.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn totals_before(
        &self,
        node: &NodeId,
        settings: &Settings,
        until: Timestamp,
    ) -> Result<Totals, StoreError> {
        let mut totals = Totals::default();
        self.orders_before(node, settings, until, &mut totals)
            .await?;
        self.loose_returns_before(node, until, &mut totals).await?;
        Ok(totals)
    }

    async fn orders_before(
        &self,
        node: &NodeId,
        settings: &Settings,
        until: Timestamp,
        totals: &mut Totals,
    ) -> Result<(), StoreError> {
        let mut place = None;
        loop {
            let page = self
                .facts_list(node, FactKind::Order, place.as_ref(), PAGE)
                .await?;
            let mut wanted = Wanted::default();
            let mut ids = Vec::new();
            for summary in page.items {
                if let Summary::Order(order) = summary
                    && order.placed_at < until
                {
                    wanted.order(&order.id);
                    ids.push(order.id);
                }
            }
            let loaded = self.load(&wanted, Consistency::Eventual).await?;
            for id in &ids {
                let Some(record) = loaded.order(id)? else {
                    continue;
                };
                let counted = record.order.contribution_before(settings, until);
                // What cannot be counted without a rate is not counted today either.
                totals.replace(None, counted.ok().flatten().as_ref());
            }
            place = page.next;
            if place.is_none() {
                return Ok(());
            }
        }
    }

    async fn loose_returns_before(
        &self,
        node: &NodeId,
        until: Timestamp,
        totals: &mut Totals,
    ) -> Result<(), StoreError> {
        let mut place = None;
        loop {
            let page = self
                .facts_list(node, FactKind::LooseReturn, place.as_ref(), PAGE)
                .await?;
            for summary in page.items {
                if let Summary::LooseReturn(news) = summary
                    && news.at < until
                {
                    totals.replace_loose_return(None, Some((news.refunded, news.units)));
                }
            }
            place = page.next;
            if place.is_none() {
                return Ok(());
            }
        }
    }
}
