//! Money given back.

use std::collections::BTreeMap;

use crm_domain::fact::Fact;
use crm_domain::money::Amount;
use crm_domain::order::OrderChange;
use crm_domain::returns::Refund;
use jiff::Timestamp;
use serde::Deserialize;

use super::line::LineItem;
use super::money::{MoneySet, shop_amount};
use super::{Shop, id, own_id};
use crate::body;
use crate::token::{Needed, Token};
use crate::unreadable::{At, Problem, Trouble};

/// The kinds of restocking after which the goods can be sold again: they came
/// back, were never sent, or were put back before Shopify told the two apart.
const BACK_IN_STOCK: [&str; 3] = ["return", "cancel", "legacy_restock"];

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct RefundBody<'a> {
    id: Token<'a>,
    admin_graphql_api_id: Token<'a>,
    order_id: Token<'a>,
    created_at: Token<'a>,
    processed_at: Token<'a>,
    refund_line_items: Option<Vec<RefundLine<'a>>>,
    order_adjustments: Option<Vec<Adjustment<'a>>>,
    transactions: Option<Vec<Transaction<'a>>>,
    r#return: Option<ReturnReference<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct RefundLine<'a> {
    line_item_id: Token<'a>,
    quantity: Token<'a>,
    restock_type: Token<'a>,
    subtotal: Token<'a>,
    subtotal_set: Option<MoneySet<'a>>,
    line_item: Option<LineItem<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Adjustment<'a> {
    kind: Token<'a>,
    amount: Token<'a>,
    amount_set: Option<MoneySet<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Transaction<'a> {
    gateway: Token<'a>,
    status: Token<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct ReturnReference<'a> {
    id: Token<'a>,
    admin_graphql_api_id: Token<'a>,
}

/// Ways of payment that give money back as credit with the store.
const CREDIT_GATEWAYS: [&str; 2] = ["gift_card", "shopify_store_credit"];

/// Reads `refunds/create`.
pub(super) fn read(shop: &Shop<'_>) -> Result<Fact, Trouble> {
    let told: RefundBody<'_> = body::parse(shop.delivery)?;
    // Test notifications leave both times out: then it was made when the
    // sender says it was.
    let (id, refund) = told.read(shop, shop.delivery.triggered_at)?;
    let order = shop.id(told.order_id, Token::default());
    Ok(Fact::Order {
        order: order.needed().at("order_id")?,
        change: OrderChange::Refund(id, refund),
        buyer: None,
    })
}

impl RefundBody<'_> {
    /// The refund in our terms, with its id; made at `otherwise` if it does
    /// not say when.
    ///
    /// A refund has no time of change and its money never changes, so the
    /// time it was made is its version: the same alone and inside an order.
    pub(super) fn read(
        &self,
        shop: &Shop<'_>,
        otherwise: Option<Timestamp>,
    ) -> Result<(String, Refund), Trouble> {
        let id = own_id(self.id, self.admin_graphql_api_id)?;
        let created_at = self.created_at.time().at("created_at")?;
        let processed_at = self.processed_at.time().at("processed_at")?;
        let at = processed_at
            .or(created_at)
            .or(otherwise)
            .ok_or_else(|| Trouble::here(Problem::Missing).within("created_at"))?;
        let mut refund = Refund {
            at,
            amount: -self.adjusted()?,
            units_returned: 0,
            units_cancelled: 0,
            back_in_stock: BTreeMap::new(),
            written_off: BTreeMap::new(),
            on_credit: self.is_on_credit(),
            return_id: self.return_id().at("return")?,
            stamp: shop.stamp(created_at.or(processed_at), 0),
        };
        for (n, line) in self.refund_line_items.iter().flatten().enumerate() {
            line.add_to(&mut refund).at_index("refund_line_items", n)?;
        }
        Ok((id, refund))
    }

    /// What was held back from (above zero) or given beyond (below zero) the
    /// refunded lines' worth, as Shopify signs it: giving 10 without naming a
    /// line is an adjustment of -10. Shipping given back is no merchandise.
    fn adjusted(&self) -> Result<Amount, Trouble> {
        let mut sum = Amount::ZERO;
        for (n, adjustment) in self.order_adjustments.iter().flatten().enumerate() {
            if adjustment.kind.text().as_deref() != Some("refund_discrepancy") {
                continue;
            }
            let set = adjustment.amount_set.as_ref();
            let amount = shop_amount("amount", adjustment.amount, set);
            sum += amount.at_index("order_adjustments", n)?.unwrap_or_default();
        }
        Ok(sum)
    }

    /// Whether money moved, and only to the customer's credit. What failed
    /// moved none.
    fn is_on_credit(&self) -> bool {
        let failed = |sent: &&Transaction<'_>| {
            let status = sent.status.text();
            matches!(status.as_deref(), Some("failure" | "error"))
        };
        let sent = self.transactions.iter().flatten();
        let mut sent = sent.filter(|sent| !failed(sent)).peekable();
        let credit = |sent: &Transaction<'_>| {
            let gateway = sent.gateway.text();
            gateway.is_some_and(|name| CREDIT_GATEWAYS.contains(&&*name))
        };
        sent.peek().is_some() && sent.all(credit)
    }

    fn return_id(&self) -> Result<Option<String>, Trouble> {
        match &self.r#return {
            Some(told) => id::exact(told.id, told.admin_graphql_api_id),
            None => Ok(None),
        }
    }
}

impl RefundLine<'_> {
    /// Adds the line's money and units to a refund; gift cards and tips are
    /// no merchandise.
    ///
    /// `subtotal` is without tax, also where prices include it: the tax given
    /// back stands beside it in `total_tax`. So it compares with the gross,
    /// from which included tax is taken off.
    fn add_to(&self, refund: &mut Refund) -> Result<(), Trouble> {
        let line = self.line_item.as_ref();
        if line.is_some_and(|line| line.is_gift_card() || line.is_tip()) {
            return Ok(());
        }
        let subtotal = shop_amount("subtotal", self.subtotal, self.subtotal_set.as_ref())?;
        refund.amount +=
            subtotal.ok_or_else(|| Trouble::here(Problem::Missing).within("subtotal"))?;
        let units = self.quantity.whole().needed().at("quantity")?;
        let restock = self.restock_type.text();
        let restock = restock.as_deref().unwrap_or_default();
        if restock == "cancel" {
            refund.units_cancelled += units;
        } else {
            refund.units_returned += units;
        }
        if let Some(line) = self.line_id() {
            let by_line = if BACK_IN_STOCK.contains(&restock) {
                &mut refund.back_in_stock
            } else {
                &mut refund.written_off
            };
            *by_line.entry(line).or_default() += units;
        }
        Ok(())
    }

    /// The id of the order's line; that of the line it repeats is the exact one.
    fn line_id(&self) -> Option<String> {
        let repeated = self.line_item.as_ref().and_then(LineItem::id);
        repeated.or_else(|| id::reference(self.line_item_id).unwrap_or_default())
    }
}
