//! One line of a table, read.

use crm_domain::money::Amount;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::mapping::Mapping;
use crate::replay::skipped::Reason;

/// Where in a line each value stands.
#[derive(Debug)]
pub struct Columns {
    document: Option<usize>,
    customer: usize,
    time: usize,
    quantity: Option<usize>,
    unit_price: Option<usize>,
    amount: Option<usize>,
    product: Option<usize>,
    title: Option<usize>,
    country: Option<usize>,
    email: Option<usize>,
}

/// One line of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its line in the file, from 1.
    pub line: u64,
    /// The document it belongs to, if the table has documents.
    pub document: Option<String>,
    /// Who bought.
    pub customer: Option<String>,
    /// The customer's country.
    pub country: Option<String>,
    /// The customer's e-mail address.
    pub email: Option<String>,
    /// What it says, or why that cannot be read.
    pub item: Result<Item, Reason>,
}

/// What was bought or returned, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// When.
    pub at: Timestamp,
    /// The product's id.
    pub product: Option<String>,
    /// What it is called.
    pub title: Option<String>,
    /// Units and their price; two parts where an amount does not divide
    /// evenly.
    pub parts: Vec<(i64, Amount)>,
}

impl Columns {
    /// Finds the mapping's columns in a table's first line.
    ///
    /// # Errors
    ///
    /// The name of the first column that is missing.
    pub fn find(mapping: &Mapping, header: &csv::StringRecord) -> Result<Self, String> {
        let find = |name: &String| {
            let place = header.iter().position(|column| column.trim() == name);
            place.ok_or_else(|| name.clone())
        };
        let find_some = |name: &Option<String>| name.as_ref().map(find).transpose();
        Ok(Self {
            document: find_some(&mapping.document)?,
            customer: find(&mapping.customer)?,
            time: find(&mapping.time)?,
            quantity: find_some(&mapping.quantity)?,
            unit_price: find_some(&mapping.unit_price)?,
            amount: find_some(&mapping.amount)?,
            product: find_some(&mapping.product)?,
            title: find_some(&mapping.title)?,
            country: find_some(&mapping.country)?,
            email: find_some(&mapping.email)?,
        })
    }

    /// Reads one line.
    #[must_use]
    pub fn row(
        &self,
        line: u64,
        record: &csv::ByteRecord,
        format: Option<&str>,
        zone: &TimeZone,
    ) -> Row {
        let text = |column: Option<usize>| text(record, column);
        Row {
            line,
            document: text(self.document),
            customer: text(Some(self.customer)),
            country: text(self.country),
            email: text(self.email),
            item: self.item(record, format, zone),
        }
    }

    fn item(
        &self,
        record: &csv::ByteRecord,
        format: Option<&str>,
        zone: &TimeZone,
    ) -> Result<Item, Reason> {
        let time = text(record, Some(self.time)).ok_or(Reason::BadTime)?;
        Ok(Item {
            at: super::time::instant(&time, format, zone).ok_or(Reason::BadTime)?,
            product: text(record, self.product),
            title: text(record, self.title),
            parts: self.parts(record)?,
        })
    }

    fn parts(&self, record: &csv::ByteRecord) -> Result<Vec<(i64, Amount)>, Reason> {
        let quantity: i64 = match self.quantity {
            None => 1,
            Some(_) => text(record, self.quantity)
                .and_then(|text| text.parse().ok())
                .ok_or(Reason::BadQuantity)?,
        };
        let price = text(record, self.unit_price.or(self.amount)).ok_or(Reason::BadAmount)?;
        let price = Amount::parse(&price).map_err(|_| Reason::BadAmount)?;
        if self.unit_price.is_some() {
            return Ok(vec![(quantity, price)]);
        }
        shared_out(quantity, price).ok_or(Reason::BadQuantity)
    }
}

fn text(record: &csv::ByteRecord, column: Option<usize>) -> Option<String> {
    let text = String::from_utf8_lossy(record.get(column?)?);
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Units and prices that come to `amount` exactly: 10.00 for three is two at
/// 3.33 and one at 3.34. Nothing for an amount of no units.
fn shared_out(quantity: i64, amount: Amount) -> Option<Vec<(i64, Amount)>> {
    if quantity == 0 {
        return None;
    }
    let units = Decimal::from(quantity);
    let step = Decimal::new(1, amount.decimal().scale().max(2));
    let low = (amount.decimal() / units / step).floor() * step;
    let rest = (amount.decimal() - low * units) / step;
    let dearer = i64::try_from(rest.trunc()).ok()?;
    let parts = [(quantity - dearer, low), (dearer, low + step)];
    let parts = parts.into_iter().filter(|(units, _)| *units != 0);
    Some(
        parts
            .map(|(n, price)| (n, Amount::from_decimal(price)))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(quantity: i64, amount: &str) -> Vec<(i64, String)> {
        let parts = shared_out(quantity, Amount::parse(amount).unwrap()).unwrap();
        let parts = parts.into_iter();
        parts.map(|(n, price)| (n, price.to_string())).collect()
    }

    #[test]
    fn an_amount_is_shared_out_to_the_last_cent() {
        assert_eq!(shared(2, "30.00"), [(2, "15".to_owned())]);
        assert_eq!(
            shared(3, "10.00"),
            [(2, "3.33".to_owned()), (1, "3.34".to_owned())]
        );
        assert_eq!(
            shared(2, "29.33"),
            [(1, "14.66".to_owned()), (1, "14.67".to_owned())]
        );
        assert_eq!(shared(1, "0.00"), [(1, "0".to_owned())]);
    }

    #[test]
    fn whatever_is_shared_out_comes_to_the_amount_again() {
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..1_000 {
            let quantity = random.i64(1..200);
            let amount =
                Amount::from_decimal(Decimal::new(random.i64(0..9_999_999), random.u32(0..5)));
            let parts = shared_out(quantity, amount).unwrap();
            let sum: Amount = parts.iter().map(|(n, p)| p.times(*n).unwrap()).sum();
            let units: i64 = parts.iter().map(|(n, _)| n).sum();
            assert_eq!((units, sum), (quantity, amount));
        }
    }

    #[test]
    fn an_amount_of_no_units_is_no_sale() {
        assert_eq!(shared_out(0, Amount::whole(1)), None);
    }
}
