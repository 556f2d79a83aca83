//! How the requests for tables are described.

use serde_json::json;

use super::PAGE_ROWS;
use crate::contract::{FILE_NAME, LINK, Operation, Parameter};
use crate::customers::find;

pub(crate) fn assessments() -> Operation {
    let told = Operation::new("Everyone's assessment as a table")
        .about("The header line is on the first page. Cells that a spreadsheet would compute begin with an apostrophe.")
        .query(Parameter::date(
            "as_of",
            "As they were on a date that a run has looked at.",
        ));
    table(told).refuses(404, "No run has looked at that date.")
}

pub(crate) fn customers() -> Operation {
    let told = Operation::new("A list of customers as a table")
        .about("Everyone whom all the filters let through; everyone without any. The header line is on the first page. Cells that a spreadsheet would compute begin with an apostrophe.");
    let filters = find::contract::filters().into_iter();
    table(filters.fold(told, Operation::query)).weighed("One of the filters makes no sense.")
}

fn table(told: Operation) -> Operation {
    told.query(Parameter::limit("limit", PAGE_ROWS, PAGE_ROWS))
        .query(Parameter::cursor("cursor"))
        .gives(
            200,
            "A page of the table.",
            ("text/csv", json!({"type": "string"})),
            &[FILE_NAME, LINK],
        )
}
