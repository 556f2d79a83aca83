//! A delivery's body as JSON.

use crm_domain::order::FinancialStatus;
use serde::Deserialize;
use serde_json::error::Category;

use crate::delivery::Delivery;
use crate::unreadable::{Problem, Trouble};

/// Reads the body as one of the private wire structs.
pub(crate) fn parse<'a, T: Deserialize<'a>>(delivery: &'a Delivery) -> Result<T, Trouble> {
    let text = std::str::from_utf8(&delivery.body).map_err(|_| Trouble::here(Problem::NotJson))?;
    // Keeping track of the path costs time, so it is done only once it is
    // known that someone will want to read it.
    serde_json::from_str(text).or_else(|_| find_trouble(text))
}

fn find_trouble<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Trouble> {
    let mut json = serde_json::Deserializer::from_str(text);
    match serde_path_to_error::deserialize::<_, T>(&mut json) {
        // Read to its end this time: something follows it.
        Ok(_) => Err(Trouble::here(Problem::NotJson)),
        Err(error) => Err(trouble(&error)),
    }
}

fn trouble(error: &serde_path_to_error::Error<serde_json::Error>) -> Trouble {
    match error.inner().classify() {
        Category::Data => {
            let path = error.path().to_string();
            let trouble = Trouble::here(Problem::WrongForm);
            if path == "." {
                trouble
            } else {
                trouble.within(path)
            }
        }
        Category::Syntax | Category::Eof | Category::Io => Trouble::here(Problem::NotJson),
    }
}

/// How far an order is paid, in the words that Shopify, our own format and
/// the domain share.
pub(crate) fn financial_status(word: &str) -> Result<FinancialStatus, Trouble> {
    Ok(match word {
        "pending" => FinancialStatus::Pending,
        "authorized" => FinancialStatus::Authorized,
        "partially_paid" => FinancialStatus::PartiallyPaid,
        "paid" => FinancialStatus::Paid,
        "partially_refunded" => FinancialStatus::PartiallyRefunded,
        "refunded" => FinancialStatus::Refunded,
        "voided" => FinancialStatus::Voided,
        "expired" => FinancialStatus::Expired,
        _ => return Err(Trouble::here(Problem::Unknown)),
    })
}
