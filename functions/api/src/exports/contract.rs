//! How the requests for tables are described.

use crm_domain::condition::Condition;
use schemars::JsonSchema;
use serde_json::json;

use super::PAGE_ROWS;
use crate::contract::{FILE_NAME, LINK, Operation, Parameter, Types};
use crate::customers::find;

pub(crate) fn assessments() -> Operation {
    let told = Operation::new("Everyone's assessment as a table")
        .about("The header line is on the first page. What a spreadsheet would compute has an apostrophe in front.")
        .query(Parameter::date(
            "as_of",
            "As they were on a date that a run has looked at.",
        ));
    table(told).refuses(404, "No run has looked at that date.")
}

pub(crate) fn customers() -> Operation {
    let told = Operation::new("A list of customers as a table")
        .about("Everyone whom all the filters let through; everyone without any. The header line is on the first page. What a spreadsheet would compute has an apostrophe in front.");
    let filters = find::contract::filters().into_iter();
    table(filters.fold(told, Operation::query)).weighed("One of the filters makes no sense.")
}

/// A condition by which customers are put into a table.
#[expect(dead_code, reason = "says what `POST /v1/exports/customers.csv` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "CustomersTable", deny_unknown_fields)]
struct Asked {
    /// Who is in it.
    condition: Condition,
    /// How many lines a page has at most.
    #[schemars(range(min = 1, max = PAGE_ROWS))]
    limit: Option<usize>,
}

pub(crate) fn search(types: &mut Types) -> Operation {
    let told = Operation::new("Customers by a condition as a table")
        .about("The header line is on the first page; the same body, sent where `Link` leads, is answered by the next one. What a spreadsheet would compute has an apostrophe in front.")
        .body(types.given::<Asked>());
    pages(told).weighed("The condition makes no sense, or has more tests than it may.")
}

fn table(told: Operation) -> Operation {
    pages(told.query(Parameter::limit("limit", PAGE_ROWS, PAGE_ROWS)))
}

fn pages(told: Operation) -> Operation {
    told.query(Parameter::cursor("cursor")).gives(
        200,
        "A page of the table.",
        ("text/csv", json!({"type": "string"})),
        &[FILE_NAME, LINK],
    )
}
