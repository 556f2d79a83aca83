//! How the filters of lists of customers are described.

use crm_domain::condition::{MOST_CHARS, Measure};
use crm_domain::segment::{Group, Health, Segment, Stage};
use serde_json::json;

use crate::contract::{Parameter, id};

/// Filters of a text, and of what.
const TEXTS: [(&str, &str); 9] = [
    ("email", "An e-mail address."),
    ("email_domain", "What stands behind the @ of one."),
    (
        "name",
        "The beginnings of words of a name; case and accents do not matter.",
    ),
    (
        "phone",
        "A telephone: + and all digits, or the last 7 digits or more.",
    ),
    (
        "order_number",
        "The number of an order. Not together with `external_id`.",
    ),
    ("tag", "A label, in any case."),
    ("channel", "The channel that won the customer, in any case."),
    ("source", "A source they are known at, as `shopify`."),
    ("shop", "A shop they are known at, as `{source}:{shop}`."),
];

/// Lower limits, which belong to a range, and upper ones, which do not.
const LIMITS: [(Measure, &str, &str); 7] = [
    (Measure::Gross, "gross_at_least", "gross_below"),
    (Measure::Net, "net_at_least", "net_below"),
    (Measure::Orders, "orders_at_least", "orders_below"),
    (
        Measure::AverageOrderValue,
        "average_order_value_at_least",
        "average_order_value_below",
    ),
    (
        Measure::ReturnRate,
        "return_rate_at_least",
        "return_rate_below",
    ),
    (
        Measure::DaysSinceLastOrder,
        "days_since_last_order_at_least",
        "days_since_last_order_below",
    ),
    (
        Measure::DaysSinceFirstOrder,
        "days_since_first_order_at_least",
        "days_since_first_order_below",
    ),
];

/// Every filter.
pub(crate) fn filters() -> Vec<Parameter> {
    let text = json!({
        "type": "string",
        "minLength": 1,
        "maxLength": MOST_CHARS,
        "pattern": r"\S",
    });
    let mut all: Vec<_> = TEXTS
        .into_iter()
        .map(|(name, about)| Parameter::new(name, about, text.clone()))
        .collect();
    all.extend([
        Parameter::text(
            "external_id",
            "A source's own id, as `{source}:{shop}:{id}`, or `{source}:{id}` where that is unique.",
        ),
        Parameter::word("segment", "A segment.", Segment::ALL.map(Segment::name)),
        Parameter::word("group", "A group.", Group::ALL.map(Group::name)),
        Parameter::word("stage", "A place in the life cycle.", Stage::ALL.map(Stage::name)),
        Parameter::word("health", "How well things stand.", Health::ALL.map(Health::name)),
        Parameter::new("named_segment", "The id of a named segment.", id()),
        Parameter::new("vip", "Whether one of the best.", json!({"type": "boolean"})),
        Parameter::word(
            "consent",
            "A medium by which marketing is allowed.",
            ["email", "sms", "whatsapp"],
        ),
    ]);
    for (measure, least, below) in LIMITS {
        let schema = json!({"type": "string", "pattern": measure.pattern()});
        all.push(Parameter::new(least, "This or more.", schema.clone()));
        all.push(Parameter::new(below, "Less than this.", schema));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customers::find::PARAMETERS;

    #[test]
    fn every_filter_is_described_and_nothing_else() {
        let mut told: Vec<_> = filters().iter().map(Parameter::name).collect();
        let mut known = PARAMETERS.to_vec();
        told.sort_unstable();
        known.sort_unstable();
        assert_eq!(told, known);
        for (measure, least, below) in LIMITS {
            assert_eq!(least, format!("{}_at_least", measure.name()));
            assert_eq!(below, format!("{}_below", measure.name()));
        }
    }
}
