//! A table of costs as a caller gives it.

use std::collections::BTreeMap;

use crm_domain::identity::ExternalId;
use crm_domain::money::Amount;
use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::fields::Fields;
use crate::problem::Problem;
use crate::request::{DATE, date};

pub(super) const PRODUCT: &str = "must be the id of a product, as {source}:{shop}:{id}";
const COSTS: &str = r#"must be a list of 1 to 100 objects {"product", "unit_cost", "from"}"#;
const UNIT_COST: &str = r#"must be an amount of 0 or more, as text: "4.99""#;
pub(super) const MOST_COSTS: usize = 100;

/// What a product costs from a date on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NewCost {
    pub(super) from: Date,
    pub(super) unit_cost: Amount,
}

/// The costs of a body, by product; those without a date begin today.
pub(super) fn read(
    body: Map<String, Value>,
    today: Date,
) -> Result<BTreeMap<ExternalId, Vec<NewCost>>, Problem> {
    let mut fields = Fields::new(body);
    let costs = match fields.take("costs") {
        Some(Value::Array(costs)) if (1..=MOST_COSTS).contains(&costs.len()) => costs,
        _ => return Err(Problem::field("costs", COSTS)),
    };
    fields.finish()?;
    let mut table: BTreeMap<ExternalId, Vec<NewCost>> = BTreeMap::new();
    for (place, cost) in costs.into_iter().enumerate() {
        let (product, cost) =
            entry(cost, today).map_err(|problem| problem.within("costs", place))?;
        table.entry(product).or_default().push(cost);
    }
    Ok(table)
}

fn entry(value: Value, today: Date) -> Result<(ExternalId, NewCost), Problem> {
    let Value::Object(fields) = value else {
        return Err(Problem::field("product", COSTS));
    };
    let mut fields = Fields::new(fields);
    let product = fields.text("product", PRODUCT)?;
    let product = ExternalId::parse(&product).map_err(|_| Problem::field("product", PRODUCT))?;
    let unit_cost = fields.amount("unit_cost", UNIT_COST)?;
    let from = match fields.optional_text("from", DATE)? {
        Some(text) => date(&text).ok_or_else(|| Problem::field("from", DATE))?,
        None => today,
    };
    fields.finish()?;
    Ok((product, NewCost { from, unit_cost }))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;

    fn refused(costs: &Value) -> String {
        let body = json!({ "costs": costs });
        let body = body.as_object().unwrap().clone();
        let problem = read(body, date(2026, 3, 1)).unwrap_err();
        problem.field.unwrap().into()
    }

    #[test]
    fn a_cost_without_a_date_begins_today() {
        let costs = json!({"costs": [
            {"product": "shopify:one.example:9", "unit_cost": "4.5"},
            {"product": "shopify:one.example:9", "unit_cost": "4", "from": "2025-01-01"},
        ]});
        let table = read(costs.as_object().unwrap().clone(), date(2026, 3, 1)).unwrap();
        let product = ExternalId::parse("shopify:one.example:9").unwrap();
        let told: Vec<_> = table[&product]
            .iter()
            .map(|cost| (cost.from.to_string(), cost.unit_cost.to_string()))
            .collect();
        let expected = [("2026-03-01", "4.5"), ("2025-01-01", "4")];
        assert_eq!(
            told,
            expected.map(|(from, cost)| (from.to_owned(), cost.to_owned()))
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let good = json!({"product": "shopify:one.example:9", "unit_cost": "4.5"});
        let with = |name: &str, value: Value| {
            let mut bad = good.clone();
            bad[name] = value;
            refused(&json!([good, bad]))
        };
        assert_eq!(with("product", json!("9")), "costs.1.product");
        assert_eq!(with("unit_cost", json!("-1")), "costs.1.unit_cost");
        assert_eq!(with("unit_cost", json!(4.5)), "costs.1.unit_cost");
        assert_eq!(with("from", json!("1.3.2026")), "costs.1.from");
        assert_eq!(with("colour", json!("red")), "costs.1.colour");
        assert_eq!(refused(&json!([])), "costs");
        assert_eq!(refused(&json!("9")), "costs");
        assert_eq!(refused(&json!(vec![good.clone(); 101])), "costs");
    }
}
