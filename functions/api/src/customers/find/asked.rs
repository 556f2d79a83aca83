//! A search as the parameters of a request ask for it: everything given has to
//! hold.

use crm_domain::condition::{Condition, ConditionError, Measure};
use serde_json::{Map, Value, json};

use super::way::Way;
use super::{IN_BODY, NAMED, Search};
use crate::fields::Fields;
use crate::problem::{Problem, repeatable};
use crate::request::Request;

/// Parameters that are a test of the same name.
const TEXTS: [&str; 13] = [
    "email",
    "email_domain",
    "name",
    "phone",
    "order_number",
    "tag",
    "segment",
    "group",
    "stage",
    "health",
    "channel",
    "source",
    "shop",
];

/// Every parameter of a search.
pub(crate) const PARAMETERS: [&str; 31] = [
    "email",
    "email_domain",
    "name",
    "phone",
    "order_number",
    "tag",
    "segment",
    "group",
    "stage",
    "health",
    "channel",
    "source",
    "shop",
    "external_id",
    "named_segment",
    "vip",
    "consent",
    "gross_at_least",
    "gross_below",
    "net_at_least",
    "net_below",
    "orders_at_least",
    "orders_below",
    "average_order_value_at_least",
    "average_order_value_below",
    "return_rate_at_least",
    "return_rate_below",
    "days_since_last_order_at_least",
    "days_since_last_order_below",
    "days_since_first_order_at_least",
    "days_since_first_order_below",
];

/// A condition's trouble as a caller is told it.
pub(crate) fn problem(error: &ConditionError) -> Problem {
    told(repeatable(&error.path), error)
}

fn told(field: &str, error: &ConditionError) -> Problem {
    if error.senseless {
        return Problem::senseless(field, &error.limit);
    }
    Problem::field(field, &error.limit)
}

impl Search {
    /// What the condition of a body asks for.
    pub(crate) fn given(fields: &mut Fields) -> Result<Self, Problem> {
        let condition = fields.take("condition").unwrap_or(Value::Null);
        let condition = Condition::parse(&condition, IN_BODY);
        let condition = condition.map_err(|error| problem(&error))?;
        Ok(Self {
            is_in_body: true,
            ..Self::of(condition)
        })
    }

    /// What the parameters of a request ask for; none when they ask for
    /// nothing.
    pub(crate) fn asked(request: Request<'_>) -> Result<Option<Self>, Problem> {
        let mut tests = Vec::new();
        for name in TEXTS {
            if let Some(text) = request.parameter(name) {
                tests.push(test(name, name, &Value::String(text))?);
            }
        }
        if let Some(id) = request.parameter(NAMED) {
            tests.push(test(NAMED, NAMED, &Value::String(id))?);
        }
        if let Some(vip) = request.parameter("vip") {
            let vip = match vip.as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                _ => Value::Null,
            };
            tests.push(test("vip", "vip", &vip)?);
        }
        if let Some(medium) = request.parameter("consent") {
            let given = json!({"medium": medium, "given": true});
            let limit = "must be email, sms or whatsapp";
            let test = Condition::test("consent", &given, "consent");
            tests.push(test.map_err(|_| Problem::field("consent", limit))?);
        }
        for measure in Measure::ALL {
            tests.extend(range(request, measure)?);
        }
        let external = request.parameter("external_id");
        if tests.is_empty() && external.is_none() {
            return Ok(None);
        }
        let mut search = Self::of(Condition::All(tests));
        if let Some(id) = external {
            let limit = "must be {source}:{shop}:{id}, or {source}:{id} where that is unique";
            let way = Way::external(&id).ok_or_else(|| Problem::senseless("external_id", limit))?;
            if matches!(search.way, Way::Order(_)) {
                let limit = "cannot be asked for together with external_id";
                return Err(Problem::senseless("order_number", limit));
            }
            search.way = way;
        }
        Ok(Some(search))
    }
}

fn test(name: &str, field: &str, value: &Value) -> Result<Condition, Problem> {
    Condition::test(name, value, field).map_err(|error| problem(&error))
}

/// The range that the two parameters of a measure ask for.
fn range(request: Request<'_>, measure: Measure) -> Result<Option<Condition>, Problem> {
    let name = measure.name();
    let mut limits = Map::new();
    for limit in ["at_least", "below"] {
        if let Some(text) = request.parameter(&format!("{name}_{limit}")) {
            limits.insert(limit.to_owned(), Value::String(text));
        }
    }
    if limits.is_empty() {
        return Ok(None);
    }
    let read = Condition::test(name, &Value::Object(limits), name);
    let field = |error: ConditionError| {
        let field = error.path.replacen('.', "_", 1);
        told(&field, &error)
    };
    read.map(Some).map_err(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_external_id_has_three_parts_or_two() {
        let short = Way::AnyShop("shopify".to_owned(), "7".to_owned());
        assert_eq!(Way::external("shopify:7"), Some(short));
        assert!(matches!(
            Way::external("shopify:one.example:7"),
            Some(Way::Claim(_))
        ));
        for text in [
            "7",
            ":7",
            "shopify:",
            "a:b:c:d",
            "shopify: 7",
            &format!("s:{}", "7".repeat(300)),
        ] {
            assert_eq!(Way::external(text), None, "{text}");
        }
    }

    #[test]
    fn every_test_by_a_parameter_is_a_known_parameter() {
        let ranges = Measure::ALL.map(Measure::name);
        let ranges = ranges
            .into_iter()
            .flat_map(|name| ["at_least", "below"].map(|limit| format!("{name}_{limit}")));
        let all = TEXTS.map(str::to_owned).into_iter().chain(ranges);
        for name in all {
            assert!(PARAMETERS.contains(&name.as_str()), "{name}");
        }
    }
}
