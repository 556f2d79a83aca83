//! One line of an order.

use crm_domain::money::Amount;
use crm_domain::order::Line;
use serde::Deserialize;

use super::id;
use super::money::{MoneySet, shop_amount};
use crate::token::{Needed, Token};
use crate::unreadable::{At, Problem, Trouble};

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct LineItem<'a> {
    id: Token<'a>,
    admin_graphql_api_id: Token<'a>,
    product_id: Token<'a>,
    title: Token<'a>,
    name: Token<'a>,
    quantity: Token<'a>,
    price: Token<'a>,
    price_set: Option<MoneySet<'a>>,
    discount_allocations: Option<Vec<Allocation<'a>>>,
    total_discount: Token<'a>,
    total_discount_set: Option<MoneySet<'a>>,
    tax_lines: Option<Vec<TaxLine<'a>>>,
    gift_card: Token<'a>,
    tip: Token<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Allocation<'a> {
    amount: Token<'a>,
    amount_set: Option<MoneySet<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct TaxLine<'a> {
    price: Token<'a>,
    price_set: Option<MoneySet<'a>>,
}

impl LineItem<'_> {
    /// Whether it is a tip, which Shopify writes as a line with a field of
    /// that name: neither merchandise nor a unit (DOMAIN section 2).
    pub(super) fn is_tip(&self) -> bool {
        self.tip.is_present()
    }

    /// Whether it sells a gift card.
    pub(super) fn is_gift_card(&self) -> bool {
        self.gift_card.is_true()
    }

    /// Its id, by which refunds name it; one that cannot be read names no line,
    /// and the order is worth the same without it.
    pub(super) fn id(&self) -> Option<String> {
        id::exact(self.id, self.admin_graphql_api_id).unwrap_or_default()
    }

    /// The line in our terms. Units are those ordered: what an edit or a
    /// refund took off later comes as a refund.
    pub(super) fn read(&self, taxes_included: bool) -> Result<Line, Trouble> {
        let price = shop_amount("price", self.price, self.price_set.as_ref())?;
        Ok(Line {
            id: self.id(),
            unit_cost: None,
            product: self.product_id.text(),
            title: self.title.text().or(self.name.text()).unwrap_or_default(),
            quantity: self.units().at("quantity")?,
            unit_price: price.ok_or_else(|| Trouble::here(Problem::Missing).within("price"))?,
            discount: self.discount()?,
            tax_included: if taxes_included {
                self.tax()?
            } else {
                Amount::ZERO
            },
            is_gift_card: self.is_gift_card(),
        })
    }

    fn units(&self) -> Result<i64, Trouble> {
        let units = self.quantity.whole().needed()?;
        if units < 0 {
            return Err(Trouble::here(Problem::Negative));
        }
        Ok(units)
    }

    /// Discounts of the line and its share of those of the whole order; old
    /// API versions, which list no shares, tell at least the former.
    fn discount(&self) -> Result<Amount, Trouble> {
        let Some(shares) = &self.discount_allocations else {
            let set = self.total_discount_set.as_ref();
            return Ok(shop_amount("total_discount", self.total_discount, set)?.unwrap_or_default());
        };
        let mut sum = Amount::ZERO;
        for (n, share) in shares.iter().enumerate() {
            let amount = shop_amount("amount", share.amount, share.amount_set.as_ref());
            sum += amount
                .at_index("discount_allocations", n)?
                .unwrap_or_default();
        }
        Ok(sum)
    }

    fn tax(&self) -> Result<Amount, Trouble> {
        let mut sum = Amount::ZERO;
        for (n, tax) in self.tax_lines.iter().flatten().enumerate() {
            let amount = shop_amount("price", tax.price, tax.price_set.as_ref());
            sum += amount.at_index("tax_lines", n)?.unwrap_or_default();
        }
        Ok(sum)
    }
}
