//! A named segment as the body of a request tells it.

use crm_domain::condition::Condition;
use crm_domain::named::MOST_NAME_CHARS;
use serde_json::{Map, Value};

use super::refused;
use crate::customers::find;
use crate::fields::Fields;
use crate::problem::Problem;

/// What is asked for.
pub(super) struct Asked {
    pub(super) name: String,
    pub(super) condition: Condition,
}

impl Asked {
    pub(super) fn read(body: Map<String, Value>) -> Result<Self, Problem> {
        let mut fields = Fields::new(body);
        let limit = format!("must have from 1 to {MOST_NAME_CHARS} characters");
        let name = fields.text("name", &limit)?;
        if !(1..=MOST_NAME_CHARS).contains(&name.chars().count()) {
            return Err(Problem::field("name", &limit));
        }
        let condition = condition(&mut fields)?;
        fields.finish()?;
        Ok(Self { name, condition })
    }
}

/// The condition of a body, of which a segment may be made.
pub(super) fn condition(fields: &mut Fields) -> Result<Condition, Problem> {
    let condition = fields.take("condition").unwrap_or(Value::Null);
    let condition = Condition::parse(&condition, "condition");
    let condition = condition.map_err(|error| find::problem(&error))?;
    condition.check_definition().map_err(|why| refused(&why))?;
    Ok(condition)
}
