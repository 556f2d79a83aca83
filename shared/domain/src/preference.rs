//! What a customer likes: the products and categories of which most units
//! stayed with them (DOMAIN section 6).

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::identity::ExternalId;
use crate::order::{Line, Order};

/// So many of each are told.
const TOLD: usize = 3;

/// A product, or a category, and how much of it stayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preferred {
    /// The product's id at its source; none of a category.
    pub product: Option<ExternalId>,
    /// What it was called when it was bought last, or the category's name.
    pub name: String,
    /// Units bought, those that came back taken off.
    pub units: i64,
}

/// Units by product, over the counted orders looked at. In any order they
/// come to the same.
#[derive(Debug, Clone, Default)]
pub struct Basket(BTreeMap<ExternalId, Goods>);

#[derive(Debug, Clone)]
struct Goods {
    name: String,
    /// When the name was told.
    at: Timestamp,
    units: i64,
}

impl Basket {
    /// Looks at one more order; one that does not count, by the same rule as
    /// everywhere, brings nothing. What is no product of the shop's (a line of
    /// free text) is left out.
    pub fn add(&mut self, order: &Order, count_zero_value: bool) {
        let counts = order.counted.as_ref();
        let counts = counts.is_some_and(|c| count_zero_value || !c.gross.is_zero());
        let Some((_, body)) = order.body.as_ref().filter(|_| counts) else {
            return;
        };
        for line in body.merchandise() {
            let product = line.product.as_ref();
            let product = product.and_then(|id| order.id.beside(id).ok());
            if let Some(product) = product {
                let units = order.units_kept(line);
                self.put(product, line, body.placed_at, units);
            }
        }
    }

    fn put(&mut self, product: ExternalId, line: &Line, at: Timestamp, units: i64) {
        let goods = self.0.entry(product).or_insert_with(|| Goods {
            name: String::new(),
            at: Timestamp::MIN,
            units: 0,
        });
        goods.units += units;
        let newer = (at, &line.title) > (goods.at, &goods.name);
        if newer && !line.title.is_empty() {
            goods.at = at;
            goods.name.clone_from(&line.title);
        }
    }

    /// The products of which something stayed, those of most units first.
    pub fn products(&self) -> impl Iterator<Item = &ExternalId> {
        let mut kept: Vec<_> = self.0.iter().filter(|(_, goods)| goods.units > 0).collect();
        kept.sort_by_key(|(id, goods)| (std::cmp::Reverse(goods.units), *id));
        kept.into_iter().map(|(id, _)| id)
    }

    /// The three products of most units, the most first.
    #[must_use]
    pub fn top_products(&self) -> Vec<Preferred> {
        let all = self.0.iter().map(|(id, goods)| Preferred {
            product: Some(id.clone()),
            name: goods.name.clone(),
            units: goods.units,
        });
        top(all.collect())
    }

    /// The three categories of most units: `category_of` tells a product's.
    #[must_use]
    pub fn top_categories<'c>(
        &self,
        category_of: impl Fn(&ExternalId) -> Option<&'c str>,
    ) -> Vec<Preferred> {
        let mut units: BTreeMap<&str, i64> = BTreeMap::new();
        for (id, goods) in &self.0 {
            if let Some(category) = category_of(id) {
                *units.entry(category).or_default() += goods.units;
            }
        }
        let all = units.into_iter().map(|(name, units)| Preferred {
            product: None,
            name: name.to_owned(),
            units,
        });
        top(all.collect())
    }
}

fn top(mut all: Vec<Preferred>) -> Vec<Preferred> {
    all.retain(|one| one.units > 0);
    all.sort_by(|one, other| {
        let by_units = other.units.cmp(&one.units);
        by_units
            .then_with(|| one.name.cmp(&other.name))
            .then_with(|| one.product.cmp(&other.product))
    });
    all.truncate(TOLD);
    all
}

impl Order {
    /// Units of a line that the customer still has. A return document and the
    /// refund that settles it tell of the same goods, so the greater of the two
    /// is taken off; an order that came back whole leaves nothing, whichever
    /// lines its papers name.
    #[must_use]
    pub fn units_kept(&self, line: &Line) -> i64 {
        if self.units_bought() > 0 && self.units_returned() >= self.units_bought() {
            return 0;
        }
        let Some(id) = &line.id else {
            return line.quantity;
        };
        let refunds = self.refunds.values();
        let refunded = refunds.map(|refund| {
            let of = |units: &BTreeMap<String, i64>| units.get(id).copied().unwrap_or_default();
            of(&refund.back_in_stock) + of(&refund.written_off)
        });
        let returns = self.returns.values();
        let returned = returns.map(|document| document.units_of_line(id));
        (line.quantity - refunded.sum::<i64>().max(returned.sum())).max(0)
    }
}
