//! How the requests about what products cost are described.

use crm_domain::identity::ExternalId;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde_json::json;

use super::table::MOST_COSTS;
use super::{Product, Told};
use crate::contract::{ETAG, Operation, Types};

/// What products cost.
#[expect(dead_code, reason = "says what `table::read` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "CostsNew", deny_unknown_fields)]
struct New {
    #[schemars(length(min = 1, max = MOST_COSTS))]
    costs: Vec<Entry>,
}

/// What a product costs from a date on.
#[expect(dead_code, reason = "says what `table::read` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "CostNew", deny_unknown_fields)]
struct Entry {
    product: ExternalId,
    /// In the reporting currency.
    #[schemars(regex(pattern = crate::fields::AMOUNT))]
    unit_cost: String,
    /// Today, if it is left out.
    #[schemars(regex(pattern = crate::request::DATE_PATTERN))]
    from: Option<Date>,
}

pub(crate) fn replace(types: &mut Types) -> Operation {
    Operation::new("Tell what products cost")
        .about("From a date on. An order keeps the cost it was recorded with.")
        .body(types.given::<New>())
        .answers(
            200,
            "What was told, as it is now.",
            types.shown::<Told>(),
            &[],
        )
        .weighed("A product would have too many dates.")
}

pub(crate) fn fetch(types: &mut Types) -> Operation {
    let schema = json!({"type": "string", "maxLength": 300, "pattern": r"^[^:\s\x00-\x1f\x7f-\x9f]+:[^:\s\x00-\x1f\x7f-\x9f]+:[^:\s\x00-\x1f\x7f-\x9f]+$"});
    Operation::new("What a product costs, by date")
        .named(
            "product",
            "Id of a product, as `{source}:{shop}:{id}`.",
            schema,
        )
        .cached()
        .answers(200, "Its costs.", types.shown::<Product>(), &[ETAG])
}
