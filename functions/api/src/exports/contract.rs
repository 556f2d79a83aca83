//! How the request for everyone as a table is described.

use serde_json::json;

use super::PAGE_ROWS;
use crate::contract::{FILE_NAME, LINK, Operation, Parameter};

pub(crate) fn assessments() -> Operation {
    Operation::new("Everyone's assessment as a table")
        .about("The header line is on the first page. Cells that a spreadsheet would compute begin with an apostrophe.")
        .query(Parameter::date(
            "as_of",
            "As they were on a date that a run has looked at.",
        ))
        .query(Parameter::limit("limit", PAGE_ROWS, PAGE_ROWS))
        .query(Parameter::cursor("cursor"))
        .gives(
            200,
            "A page of the table.",
            ("text/csv", json!({"type": "string"})),
            &[FILE_NAME, LINK],
        )
        .refuses(404, "No run has looked at that date.")
}
