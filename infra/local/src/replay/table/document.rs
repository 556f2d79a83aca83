//! Rows that belong together: one invoice, one order, one return.

use crm_domain::money::Amount;
use jiff::Timestamp;

use super::row::{Item, Row};
use crate::replay::skipped::Reason;

/// One document of the books, with its lines in the file's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its id in the books.
    pub id: String,
    /// Who bought or returned.
    pub customer: Option<String>,
    /// The customer's country.
    pub country: Option<String>,
    /// The customer's e-mail address.
    pub email: Option<String>,
    /// The time of its earliest line.
    pub at: Option<Timestamp>,
    /// What was bought or returned.
    pub items: Vec<Item>,
    /// Its first line in the file.
    pub first_line: u64,
    /// Its last line in the file so far.
    pub last_line: u64,
    /// How many lines it has.
    pub rows: u64,
    /// Why it cannot be imported, if so: the first reason met.
    pub fault: Option<Reason>,
}

impl Document {
    /// The document that a row opens.
    #[must_use]
    pub fn open(id: String, row: Row) -> Self {
        let mut document = Self {
            id,
            customer: None,
            country: None,
            email: None,
            at: None,
            items: Vec::new(),
            first_line: row.line,
            last_line: row.line,
            rows: 0,
            fault: None,
        };
        document.add(row);
        document
    }

    /// Takes one more row in.
    pub fn add(&mut self, row: Row) {
        self.rows += 1;
        self.last_line = row.line;
        if let (Some(known), Some(named)) = (&self.customer, &row.customer)
            && known != named
        {
            self.fault.get_or_insert(Reason::TwoCustomers);
        }
        self.customer = self.customer.take().or(row.customer);
        self.country = self.country.take().or(row.country);
        self.email = self.email.take().or(row.email);
        match row.item {
            Ok(item) => {
                self.at = Some(self.at.map_or(item.at, |at| at.min(item.at)));
                self.items.push(item);
            }
            Err(reason) => {
                self.fault.get_or_insert(reason);
            }
        }
    }

    /// What its lines come to: units and money, exactly.
    ///
    /// # Errors
    ///
    /// [`Reason::BadAmount`], when it cannot be held exactly.
    pub fn sums(&self) -> Result<(i64, Amount), Reason> {
        let mut sums = (0_i64, Amount::ZERO);
        for (quantity, price) in self.items.iter().flat_map(|item| &item.parts) {
            let money = price.times(*quantity).map_err(|_| Reason::BadAmount)?;
            sums.0 = sums.0.checked_add(*quantity).ok_or(Reason::BadQuantity)?;
            sums.1 += money;
        }
        Ok(sums)
    }
}
