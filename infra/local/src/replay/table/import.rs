//! A document of the books in the words of the import format.

use crm_domain::money::{Amount, Currency};
use crm_sources::Dialect;
use crm_sources::import::{ImportCustomer, ImportLine, ImportOrder, ImportReturn};
use jiff::Timestamp;
use serde::Serialize;

use super::document::Document;
use super::mapping::Mapping;
use crate::deliver::Posting;
use crate::replay::skipped::Reason;

/// What one table's deliveries have in common.
#[derive(Debug)]
pub struct Books {
    /// The file's name, for reports.
    pub name: String,
    /// Which column says what.
    pub mapping: Mapping,
    /// The shop that the books are of.
    pub shop: String,
    /// The currency of all amounts.
    pub currency: Currency,
}

/// What a document is, by how its id begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nature {
    Sale,
    Return,
    Adjustment,
}

impl Books {
    /// The delivery that brings `document` in.
    ///
    /// # Errors
    ///
    /// Why it stays out.
    pub fn posting(&self, document: &Document) -> Result<Posting, Reason> {
        let nature = self.nature(&document.id);
        if nature == Nature::Adjustment {
            return Err(Reason::Adjustment);
        }
        if let Some(fault) = document.fault {
            return Err(fault);
        }
        let customer = customer(document).ok_or(Reason::NoCustomer)?;
        let at = document.at.ok_or(Reason::BadTime)?;
        let (topic, body) = match nature {
            Nature::Return => ("returns/create", self.returned(document, customer, at)?),
            _ => ("orders/create", self.ordered(document, customer, at)?),
        };
        let noun = if self.mapping.document.is_some() {
            "document"
        } else {
            "order"
        };
        Ok(Posting {
            origin: format!(
                "{} {noun} {} (line {})",
                self.name, document.id, document.first_line
            ),
            dialect: Dialect::Import,
            source: self.mapping.source.clone(),
            shop: self.shop.clone(),
            topic: topic.to_owned(),
            api_version: None,
            webhook_id: format!("{}-{}", self.mapping.source, document.id),
            triggered_at: Some(at),
            body,
        })
    }

    fn nature(&self, id: &str) -> Nature {
        let begins = |with: &Option<String>| with.as_ref().is_some_and(|with| id.starts_with(with));
        if begins(&self.mapping.adjustments_begin) {
            Nature::Adjustment
        } else if begins(&self.mapping.returns_begin) {
            Nature::Return
        } else {
            Nature::Sale
        }
    }

    fn ordered(
        &self,
        document: &Document,
        customer: ImportCustomer,
        at: Timestamp,
    ) -> Result<Vec<u8>, Reason> {
        let parts = document.items.iter().flat_map(|item| {
            let parts = item.parts.iter();
            parts.map(move |(quantity, unit_price)| ImportLine {
                product: item.product.clone(),
                title: item.title.clone(),
                quantity: *quantity,
                unit_price: *unit_price,
                unit_cost: None,
                discount: Amount::ZERO,
            })
        });
        let lines: Vec<_> = parts.collect();
        let wrong = |line: &ImportLine| line.quantity < 0 || line.unit_price.is_negative();
        if lines.iter().any(wrong) {
            return Err(Reason::WrongSign);
        }
        Ok(json(&ImportOrder {
            id: document.id.clone(),
            number: Some(document.id.clone()),
            customer: Some(customer),
            financial_status: None,
            updated_at: None,
            placed_at: at,
            currency: self.currency,
            lines,
        }))
    }

    fn returned(
        &self,
        document: &Document,
        customer: ImportCustomer,
        at: Timestamp,
    ) -> Result<Vec<u8>, Reason> {
        let (units, money) = document.sums()?;
        let amount = -money;
        if units > 0 || amount.is_negative() {
            return Err(Reason::WrongSign);
        }
        Ok(json(&ImportReturn {
            id: document.id.clone(),
            customer: Some(customer),
            updated_at: None,
            returned_at: at,
            currency: self.currency,
            amount,
            units: -units,
        }))
    }
}

fn customer(document: &Document) -> Option<ImportCustomer> {
    Some(ImportCustomer {
        id: Some(document.customer.clone()?),
        email: document.email.clone(),
        country: document.country.clone(),
        ..ImportCustomer::default()
    })
}

fn json(import: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(import).expect("texts, numbers and times always make JSON")
}
