//! Conditions as JSON.

use serde_json::{Map, Number, Value, json};

use super::{Condition, FieldTest, Measure, Range, Test};
use crate::money::Amount;

impl Condition {
    /// The JSON it can be read from again.
    #[must_use]
    pub fn print(&self) -> Value {
        let list = |parts: &[Self]| Value::from(parts.iter().map(Self::print).collect::<Vec<_>>());
        match self {
            Self::All(parts) => json!({ "all": list(parts) }),
            Self::Any(parts) => json!({ "any": list(parts) }),
            Self::Not(part) => json!({ "not": part.print() }),
            Self::Test(test) => test.print(),
        }
    }
}

impl Test {
    fn print(&self) -> Value {
        match self {
            Self::Name(name) => json!({ "name": name.text() }),
            Self::Email(email) => json!({ "email": email.as_str() }),
            Self::EmailDomain(domain) => json!({ "email_domain": domain }),
            Self::Phone(digits) => json!({ "phone": digits.text() }),
            Self::OrderNumber(number) => json!({ "order_number": number }),
            Self::Tag(tag) => json!({ "tag": tag }),
            Self::Segment(segment) => json!({ "segment": segment.name() }),
            Self::Group(group) => json!({ "group": group.name() }),
            Self::Stage(stage) => json!({ "stage": stage.name() }),
            Self::Vip(vip) => json!({ "vip": vip }),
            Self::Health(health) => json!({ "health": health.name() }),
            Self::Channel(channel) => json!({ "channel": channel }),
            Self::Consent(medium, given) => {
                json!({ "consent": { "medium": medium, "given": given } })
            }
            Self::Source(source) => json!({ "source": source }),
            Self::Shop(shop) => json!({ "shop": shop }),
            Self::Number(measure, range) => json!({ measure.name(): range.print(*measure) }),
            Self::Field(name, FieldTest::Set(set)) => {
                json!({ "field": { "name": name, "set": set } })
            }
            Self::Field(name, FieldTest::Is(text)) => {
                json!({ "field": { "name": name, "is": text } })
            }
            Self::Field(name, FieldTest::Within(range)) => {
                let mut printed = range.print(Measure::Net);
                printed["name"] = json!(name);
                json!({ "field": printed })
            }
            Self::NamedSegment(id) => json!({ "named_segment": id.as_str() }),
        }
    }
}

impl Range {
    fn print(self, measure: Measure) -> Value {
        let limits = [("at_least", self.at_least), ("below", self.below)];
        let mut printed = Map::new();
        for (name, limit) in limits {
            if let Some(limit) = limit {
                printed.insert(name.to_owned(), number(measure, limit));
            }
        }
        Value::Object(printed)
    }
}

/// Whole numbers as such, amounts and shares as text.
fn number(measure: Measure, limit: Amount) -> Value {
    let whole = i64::try_from(limit.decimal()).ok();
    match whole.filter(|_| measure.is_whole()) {
        Some(whole) => Value::Number(Number::from(whole)),
        None => Value::String(limit.to_string()),
    }
}
