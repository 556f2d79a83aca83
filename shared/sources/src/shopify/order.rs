//! An order with the refunds and fulfilments it lists.

use std::collections::BTreeMap;

use crm_domain::fact::Fact;
use crm_domain::order::{
    FinancialStatus, Fulfilment, Line, OrderBody, OrderChange, OrderSnapshot, Terms,
};
use crm_domain::returns::Refund;
use jiff::Timestamp;
use serde::Deserialize;

use super::customer::{AddressBody, CustomerBody};
use super::fulfilment::FulfilmentBody;
use super::line::LineItem;
use super::money::{MoneySet, shop_amount};
use super::refund::RefundBody;
use super::terms::TermsBody;
use super::{Shop, buyer, id, origin};
use crate::body;
use crate::token::{Needed, Token};
use crate::unreadable::{At, Problem, Trouble};

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Order<'a> {
    id: Token<'a>,
    admin_graphql_api_id: Token<'a>,
    name: Token<'a>,
    #[serde(rename = "order_number")]
    number: Token<'a>,
    created_at: Token<'a>,
    processed_at: Token<'a>,
    updated_at: Token<'a>,
    cancelled_at: Token<'a>,
    currency: Token<'a>,
    financial_status: Token<'a>,
    fulfillment_status: Token<'a>,
    payment_terms: Option<TermsBody<'a>>,
    total_outstanding: Token<'a>,
    total_price: Token<'a>,
    total_price_set: Option<MoneySet<'a>>,
    company: Token<'a>,
    source_name: Token<'a>,
    landing_site: Token<'a>,
    referring_site: Token<'a>,
    tags: Token<'a>,
    taxes_included: Token<'a>,
    test: Token<'a>,
    line_items: Option<Vec<LineItem<'a>>>,
    refunds: Option<Vec<RefundBody<'a>>>,
    fulfillments: Option<Vec<FulfilmentBody<'a>>>,
    pub(super) customer: Option<CustomerBody<'a>>,
    pub(super) email: Token<'a>,
    pub(super) contact_email: Token<'a>,
    pub(super) phone: Token<'a>,
    pub(super) billing_address: Option<AddressBody<'a>>,
    pub(super) shipping_address: Option<AddressBody<'a>>,
    pub(super) buyer_accepts_marketing: Token<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct EditBody<'a> {
    order_edit: Option<Edit<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Edit<'a> {
    id: Token<'a>,
    order_id: Token<'a>,
}

/// Reads every topic that carries a whole order.
pub(super) fn read(shop: &Shop<'_>) -> Result<Fact, Trouble> {
    let told: Order<'_> = body::parse(shop.delivery)?;
    let id = shop.id(told.id, told.admin_graphql_api_id);
    let id = id.needed().at("id")?;
    let body = told.body(id.id())?;
    let updated_at = told.updated_at.time().at("updated_at")?;
    let stamp = shop.stamp(updated_at, rank(&body));
    Ok(Fact::Order {
        buyer: Some(buyer::read(shop, &told, stamp, body.placed_at)?),
        change: OrderChange::Body(Box::new(OrderSnapshot {
            stamp,
            refunds: told.refunds(shop)?,
            fulfilments: told.fulfilments(shop)?,
            body,
        })),
        order: id,
    })
}

/// Reads `orders/edited`, which says that, not what: the body follows in
/// `orders/updated`.
pub(super) fn read_edit(shop: &Shop<'_>) -> Result<Fact, Trouble> {
    let told: EditBody<'_> = body::parse(shop.delivery)?;
    let edit = told.order_edit;
    let edit = edit.ok_or_else(|| Trouble::here(Problem::Missing).within("order_edit"))?;
    let order = shop.id(edit.order_id, Token::default());
    Ok(Fact::Order {
        order: order.needed().at("order_edit.order_id")?,
        change: OrderChange::Edited(
            id::reference(edit.id).needed().at("order_edit.id")?,
            shop.stamp(None, 0),
        ),
        buyer: None,
    })
}

/// How late in its life an order in this state is, for two tellings of the
/// same time: by payment (pending 0, authorized 2, partially paid 4, paid 6,
/// partially refunded 8, refunded 10, expired and voided 12), one more once
/// everything is sent, and 14 more when cancelled.
fn rank(body: &OrderBody) -> u8 {
    let paid = match body.financial_status {
        FinancialStatus::Pending => 0,
        FinancialStatus::Authorized => 2,
        FinancialStatus::PartiallyPaid => 4,
        FinancialStatus::Paid => 6,
        FinancialStatus::PartiallyRefunded => 8,
        FinancialStatus::Refunded => 10,
        FinancialStatus::Expired | FinancialStatus::Voided => 12,
    };
    let cancelled = if body.cancelled_at.is_some() { 14 } else { 0 };
    paid + u8::from(body.fulfilled) + cancelled
}

impl Order<'_> {
    fn body(&self, id: &str) -> Result<OrderBody, Trouble> {
        let landing = self.landing_site.long_text();
        let referring = self.referring_site.long_text();
        let status = self.financial_status.word().needed();
        Ok(OrderBody {
            name: self.name(id),
            placed_at: self.placed_at()?,
            financial_status: status
                .and_then(|word| body::financial_status(&word))
                .at("financial_status")?,
            has_payment_terms: self.payment_terms.is_some(),
            terms: self.terms()?,
            cancelled_at: self.cancelled_at.time().at("cancelled_at")?,
            is_test: self.test.is_true(),
            fulfilled: self.fulfillment_status.text().as_deref() == Some("fulfilled"),
            channel: origin::channel(
                self.source_name.text().as_deref(),
                self.company.is_present(),
            ),
            currency: self.currency.currency().needed().at("currency")?,
            lines: self.lines()?,
            acquisition: origin::acquisition(landing.as_deref(), referring.as_deref()),
            tags: self.tags.list(),
        })
    }

    /// What was agreed about paying later, with what is open: where no number
    /// tells that, the whole price, and at the least what its lines come to.
    fn terms(&self) -> Result<Option<Box<Terms>>, Trouble> {
        let Some(told) = &self.payment_terms else {
            return Ok(None);
        };
        let open = self.total_outstanding.amount().at("total_outstanding")?;
        let whole = shop_amount(
            "total_price",
            self.total_price,
            self.total_price_set.as_ref(),
        );
        let mut terms = told.read().at("payment_terms")?;
        let lines = || {
            self.lines()
                .ok()?
                .iter()
                .map(|line| line.gross().ok())
                .sum()
        };
        terms.outstanding = open.or(whole?).or_else(lines).unwrap_or_default();
        Ok(Some(Box::new(terms)))
    }

    fn name(&self, id: &str) -> String {
        let number = || Some(format!("#{}", self.number.text()?));
        let name = self.name.text().or_else(number);
        name.unwrap_or_else(|| id.to_owned())
    }

    fn placed_at(&self) -> Result<Timestamp, Trouble> {
        let processed_at = self.processed_at.time().at("processed_at")?;
        let created_at = self.created_at.time().at("created_at")?;
        processed_at
            .or(created_at)
            .ok_or_else(|| Trouble::here(Problem::Missing).within("created_at"))
    }

    /// The lines, tips left out. An order that does not list any is not one
    /// without any: its worth is not known.
    fn lines(&self) -> Result<Vec<Line>, Trouble> {
        let missing = || Trouble::here(Problem::Missing).within("line_items");
        let lines = self.line_items.as_ref().ok_or_else(missing)?;
        let sold = lines.iter().enumerate().filter(|(_, line)| !line.is_tip());
        sold.map(|(n, line)| {
            let line = line.read(self.taxes_included.is_true());
            line.at_index("line_items", n)
        })
        .collect()
    }

    fn refunds(&self, shop: &Shop<'_>) -> Result<BTreeMap<String, Refund>, Trouble> {
        let refunds = self.refunds.iter().flatten().enumerate();
        refunds
            .map(|(n, refund)| refund.read(shop, None).at_index("refunds", n))
            .collect()
    }

    fn fulfilments(&self, shop: &Shop<'_>) -> Result<BTreeMap<String, Fulfilment>, Trouble> {
        let fulfilments = self.fulfillments.iter().flatten().enumerate();
        fulfilments
            .map(|(n, sent)| sent.read(shop).at_index("fulfillments", n))
            .collect()
    }
}
