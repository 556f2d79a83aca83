//! What the facts of an order come to, worked out apart from the functions.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use crm_domain::history::History as Purchases;
use crm_domain::identity::{ExternalId, NodeId};
use crm_domain::money::Amount;
use crm_domain::order::{Channel, FinancialStatus, Order, Origin};
use crm_domain::totals::{Sums, Totals};
use crm_store::{Consistency, Wanted};
use rust_decimal::Decimal;

use super::History;

/// The sums of one node's orders, those worth nothing apart.
#[derive(Default)]
struct Fold {
    valued: Sums,
    zero: Sums,
    purchases: Purchases,
}

impl History {
    /// What each node comes to by the orders that lie on it, each read from
    /// its own record. An order has to lie where the ledger says.
    pub(super) async fn folded(&self) -> Result<BTreeMap<NodeId, Totals>> {
        let ids = self.ledger.orders.iter().map(|(number, placed)| {
            let id = ExternalId::new("lamps", placed.shop, &number.to_string());
            Ok((id?, *number, placed))
        });
        let ids: Vec<_> = ids.collect::<Result<_>>()?;
        let mut wanted = Wanted::default();
        for (id, ..) in &ids {
            wanted.order(id);
        }
        let found = self.crew.store.load(&wanted, Consistency::Strong).await?;
        let mut folds: BTreeMap<NodeId, Fold> = BTreeMap::new();
        for (id, number, placed) in &ids {
            let order = found.order(id)?.context("the order is kept")?.order;
            let lies_there = order.node.as_ref() == Some(&placed.node);
            anyhow::ensure!(lies_there, "order {number} has moved");
            folds.entry(placed.node.clone()).or_default().add(&order)?;
        }
        let totals = |fold: Fold| Totals::of_parts(fold.valued, fold.zero, fold.purchases);
        Ok(folds
            .into_iter()
            .map(|(node, fold)| (node, totals(fold)))
            .collect())
    }
}

impl Fold {
    /// Adds what an order counts for, by its lines and its refunds alone.
    fn add(&mut self, order: &Order) -> Result<()> {
        let (_, body) = order.body.as_ref().context("it was told whole")?;
        if body.financial_status == FinancialStatus::Pending || body.cancelled_at.is_some() {
            return Ok(());
        }
        let mut gross = Decimal::ZERO;
        let mut bought = 0;
        for line in &body.lines {
            gross += line.unit_price.decimal() * Decimal::from(line.quantity);
            bought += line.quantity;
        }
        let gross = Amount::from_decimal(gross);
        let mut refunded = Decimal::ZERO;
        let mut returned = 0;
        for refund in order.refunds.values() {
            refunded += refund.amount.decimal();
            returned += refund.units_returned;
        }
        let sums = Sums {
            orders: 1,
            gross,
            refunded: Amount::from_decimal(refunded),
            units_bought: bought,
            units_returned: returned,
            return_documents: i64::try_from(order.refunds.len())?,
            cost: Amount::default(),
            // Of what came back and can be sold again the cost is nothing;
            // nobody told of any other.
            covered: if returned == bought {
                gross
            } else {
                Amount::default()
            },
            uncovered: bought - returned,
        };
        if gross.is_zero() {
            self.zero += sums;
        } else {
            self.valued += sums;
        }
        let origin = Origin::sale(Channel::Web);
        let at = body.placed_at;
        self.purchases.add_from(at, sums.gross, Some(&origin));
        Ok(())
    }
}
