//! Amounts in the shop's own currency.

use crm_domain::money::Amount;
use serde::Deserialize;

use crate::token::Token;
use crate::unreadable::{At, Trouble};

/// One amount in the shop's currency and in the buyer's; only the first
/// matters to us.
#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct MoneySet<'a> {
    shop_money: Option<Money<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Money<'a> {
    amount: Token<'a>,
}

/// The amount called `name`: the shop's from `{name}_set` where there is one,
/// else the plain field, which is in the order's currency.
pub(super) fn shop_amount(
    name: &str,
    plain: Token<'_>,
    set: Option<&MoneySet<'_>>,
) -> Result<Option<Amount>, Trouble> {
    let shop_money = set.and_then(|set| set.shop_money.as_ref());
    let in_set = shop_money.map(|money| money.amount.amount()).transpose();
    let in_set = in_set.map_err(|t| t.within(format_args!("{name}_set.shop_money.amount")))?;
    match in_set.flatten() {
        Some(amount) => Ok(Some(amount)),
        None => plain.amount().at(name),
    }
}
