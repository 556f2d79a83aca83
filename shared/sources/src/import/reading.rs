//! Reads the import format, as exactly and as leniently as any other.

use std::collections::BTreeMap;

use crm_domain::customer::{Address, CustomerFact, Profile, ProfileStamp};
use crm_domain::fact::{Buyer, Fact};
use crm_domain::identity::{Email, ExternalId};
use crm_domain::money::Amount;
use crm_domain::order::{
    Acquisition, Channel, FinancialStatus, Line, OrderBody, OrderChange, OrderSnapshot,
};
use crm_domain::returns::LooseReturn;
use crm_domain::stamp::Stamp;
use serde::Deserialize;

use crate::body;
use crate::delivery::Delivery;
use crate::token::{Needed, Token};
use crate::unreadable::{At, Problem, Trouble};

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Order<'a> {
    id: Token<'a>,
    number: Token<'a>,
    customer: Option<Customer<'a>>,
    placed_at: Token<'a>,
    currency: Token<'a>,
    financial_status: Token<'a>,
    lines: Option<Vec<OrderLine<'a>>>,
    updated_at: Token<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct OrderLine<'a> {
    product: Token<'a>,
    title: Token<'a>,
    quantity: Token<'a>,
    unit_price: Token<'a>,
    unit_cost: Token<'a>,
    discount: Token<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Customer<'a> {
    id: Token<'a>,
    email: Token<'a>,
    first_name: Token<'a>,
    last_name: Token<'a>,
    country: Token<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Return<'a> {
    id: Token<'a>,
    customer: Option<Customer<'a>>,
    returned_at: Token<'a>,
    currency: Token<'a>,
    amount: Token<'a>,
    units: Token<'a>,
    updated_at: Token<'a>,
}

pub(super) fn order(delivery: &Delivery) -> Result<Fact, Trouble> {
    let order: Order<'_> = body::parse(delivery)?;
    let id = external_id(delivery, order.id).at("id")?;
    let stamp = stamp(delivery, order.updated_at)?;
    let lines = order.lines.unwrap_or_default();
    let lines = lines.iter().enumerate();
    let body = OrderBody {
        name: order.number.text().unwrap_or_else(|| id.id().to_owned()),
        placed_at: order.placed_at.time().needed().at("placed_at")?,
        financial_status: financial_status(order.financial_status).at("financial_status")?,
        has_payment_terms: false,
        terms: None,
        cancelled_at: None,
        is_test: false,
        fulfilled: true,
        channel: Channel::Import,
        currency: order.currency.currency().needed().at("currency")?,
        lines: lines
            .map(|(n, line)| read_line(line).at_index("lines", n))
            .collect::<Result<_, _>>()?,
        acquisition: Acquisition::default(),
        tags: Vec::new(),
    };
    Ok(Fact::Order {
        order: id,
        change: OrderChange::Body(Box::new(OrderSnapshot {
            stamp,
            body,
            refunds: BTreeMap::new(),
            fulfilments: BTreeMap::new(),
        })),
        buyer: Some(buyer(delivery, order.customer, stamp).at("customer")?),
    })
}

pub(super) fn loose_return(delivery: &Delivery) -> Result<Fact, Trouble> {
    let told: Return<'_> = body::parse(delivery)?;
    let stamp = stamp(delivery, told.updated_at)?;
    Ok(Fact::LooseReturn {
        id: external_id(delivery, told.id).at("id")?,
        news: LooseReturn {
            at: told.returned_at.time().needed().at("returned_at")?,
            amount: not_negative(told.amount.amount().needed()).at("amount")?,
            units: not_below_zero(told.units.whole().needed()).at("units")?,
            stamp,
        },
        currency: told.currency.currency().needed().at("currency")?,
        buyer: buyer(delivery, told.customer, stamp).at("customer")?,
    })
}

fn read_line(line: &OrderLine<'_>) -> Result<Line, Trouble> {
    let discount = line.discount.amount().at("discount")?;
    let unit_cost = line
        .unit_cost
        .amount()
        .and_then(|cost| cost.map(Ok).map(not_negative).transpose());
    Ok(Line {
        id: None,
        unit_cost: unit_cost.at("unit_cost")?,
        product: line.product.text(),
        title: line.title.text().unwrap_or_default(),
        quantity: line.quantity.whole().needed().at("quantity")?,
        unit_price: line.unit_price.amount().needed().at("unit_price")?,
        discount: discount.unwrap_or(Amount::ZERO),
        tax_included: Amount::ZERO,
        is_gift_card: false,
    })
}

/// Who bought; a guest without a name when nothing is told.
fn buyer(
    delivery: &Delivery,
    customer: Option<Customer<'_>>,
    stamp: Stamp,
) -> Result<Buyer, Trouble> {
    let customer = customer.unwrap_or_default();
    let id = customer.id.is_present();
    let id = id.then(|| external_id(delivery, customer.id)).transpose();
    let country = customer.country.text();
    let address = country.map(|country| Address {
        country: Some(country),
        ..Address::default()
    });
    let profile = Profile {
        first_name: customer.first_name.text(),
        last_name: customer.last_name.text(),
        email: customer.email.text().and_then(|e| Email::parse(&e).ok()),
        address,
        ..Profile::default()
    };
    Ok(Buyer {
        customer: CustomerFact {
            id: id.at("id")?,
            told: ProfileStamp {
                whole: false,
                stamp,
            },
            profile,
            consents: Vec::new(),
            tags: None,
        },
    })
}

fn external_id(delivery: &Delivery, id: Token<'_>) -> Result<ExternalId, Trouble> {
    let id = id.word().needed()?;
    ExternalId::new(&delivery.source, &delivery.shop, &id).map_err(Trouble::here)
}

fn stamp(delivery: &Delivery, updated_at: Token<'_>) -> Result<Stamp, Trouble> {
    Ok(Stamp {
        updated_at: updated_at.time().at("updated_at")?,
        triggered_at: delivery.triggered_at,
        rank: 0,
        digest: Stamp::digest_of(&delivery.body),
    })
}

fn financial_status(status: Token<'_>) -> Result<FinancialStatus, Trouble> {
    let Some(status) = status.word()? else {
        return Ok(FinancialStatus::Paid);
    };
    body::financial_status(&status)
}

fn not_negative(amount: Result<Amount, Trouble>) -> Result<Amount, Trouble> {
    let amount = amount?;
    if amount.is_negative() {
        return Err(Trouble::here(Problem::Negative));
    }
    Ok(amount)
}

fn not_below_zero(units: Result<i64, Trouble>) -> Result<i64, Trouble> {
    let units = units?;
    if units < 0 {
        return Err(Trouble::here(Problem::Negative));
    }
    Ok(units)
}
