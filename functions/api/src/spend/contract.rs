//! How the requests about what was spent on winning customers are described.

use schemars::JsonSchema;
use serde_json::{Value, json};

use super::{List, MOST_CHANNEL_CHARACTERS, SpendView};
use crate::contract::{ETAG, Operation, Parameter, Types};

/// What was spent.
#[expect(dead_code, reason = "says what `replace` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "SpendNew", deny_unknown_fields)]
struct New {
    /// In the reporting currency.
    #[schemars(regex(pattern = crate::fields::AMOUNT))]
    amount: String,
}

pub(crate) fn replace(types: &mut Types) -> Operation {
    let channel = json!({
        "type": "string",
        "minLength": 1,
        "maxLength": MOST_CHANNEL_CHARACTERS,
        "pattern": r"^[^\s\x00-\x1f\x7f-\x9f/]([^\x00-\x1f\x7f-\x9f/]*[^\s\x00-\x1f\x7f-\x9f/])?$",
    });
    Operation::new("Tell what was spent in a month on a channel")
        .about("What was told before is replaced; 0 takes it back. The `ETag` of what nobody has told is `\"0\"`.")
        .named("channel", "Name of a channel.", channel)
        .named("month", "A month that has begun.", month())
        .guarded()
        .body(types.given::<New>())
        .answers(200, "What was spent.", types.shown::<SpendView>(), &[ETAG])
        .weighed("The month is after this one.")
}

pub(crate) fn list(types: &mut Types) -> Operation {
    Operation::new("What was spent, by month and channel")
        .about("The last twelve months, if not said otherwise; 60 at most.")
        .query(Parameter::new("from", "The first month.", month()))
        .query(Parameter::new("to", "The last month.", month()))
        .answers(200, "What was spent.", types.shown::<List>(), &[])
        .weighed("`from` is after `to`, or too long before it.")
}

fn month() -> Value {
    json!({"type": "string", "pattern": "^20[0-9]{2}-(0[1-9]|1[0-2])$"})
}
