//! How the values that are written as text look, for whoever describes an
//! interface that shows them.
//!
//! Everything else derives its description; these have a form of their own.

use std::borrow::Cow;

use schemars::generate::Contract;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::calendar::Window;
use crate::identity::{Email, ExternalId, NodeId, Phone};
use crate::money::{Amount, Currency};
use crate::named::SegmentId;
use crate::settings::{Rate, Share};

/// A decimal as it is written out: no exponent, no sign but a minus.
const DECIMAL: &str = r"^-?[0-9]+(\.[0-9]+)?$";
/// One that is sure to be held exactly.
const GIVEN_DECIMAL: &str = r"^-?[0-9]{1,12}(\.[0-9]{1,15})?$";
/// A share of a whole.
const SHARE: &str = r"^(0(\.[0-9]{1,15})?|1(\.0{1,15})?)$";
/// A time of day; seconds may be left out.
pub(crate) const TIME: &str = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?$";
const DATE: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";

macro_rules! text {
    ($name:ident, $($schema:tt)+) => {
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($($schema)+)
            }
        }
    };
}

impl JsonSchema for Amount {
    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let pattern = match generator.contract() {
            Contract::Deserialize => GIVEN_DECIMAL,
            _ => DECIMAL,
        };
        json_schema!({
            "description": "An exact decimal amount.",
            "type": "string",
            "pattern": pattern,
            "examples": ["19.99"],
        })
    }
}

impl JsonSchema for Share {
    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let pattern = match generator.contract() {
            Contract::Deserialize => SHARE,
            _ => DECIMAL,
        };
        json_schema!({
            "description": "A share of a whole: an exact decimal from 0 to 1.",
            "type": "string",
            "pattern": pattern,
            "examples": ["0.15"],
        })
    }
}

text!(Currency, {
    "description": "An ISO 4217 currency code.",
    "type": "string",
    "pattern": "^[A-Z]{3}$",
});
text!(Email, {
    "description": "An e-mail address: lower case, its domain in ASCII form.",
    "type": "string",
    "minLength": 3,
    "maxLength": 254,
});
text!(Phone, {
    "description": "A telephone number in E.164 form.",
    "type": "string",
    "pattern": r"^\+[0-9]+$",
});
text!(ExternalId, {
    "description": "A source's own id of something: `{source}:{shop}:{id}`.",
    "type": "string",
    "maxLength": 300,
    "pattern": r"^[^:\s\x00-\x1f\x7f-\x9f]+:[^:\s\x00-\x1f\x7f-\x9f]+:[^:\s\x00-\x1f\x7f-\x9f]+$",
});
text!(SegmentId, {
    "description": "The id of a named segment.",
    "type": "string",
    "pattern": "^[a-z0-9]{8,64}$",
});
text!(NodeId, {
    "description": "The id of a customer, or of a profile that is part of one.",
    "type": "string",
    "pattern": "^[a-z0-9]{8,64}$",
});

/// Rates by date, by currency.
pub(crate) fn rates(generator: &mut SchemaGenerator) -> Schema {
    let rate = generator.subschema_for::<Rate>();
    json_schema!({
        "description": "Per foreign currency, from which date on which rate converts one unit into the reporting currency.",
        "type": "object",
        "propertyNames": {"pattern": "^[A-Z]{3}$"},
        "additionalProperties": {
            "type": "object",
            "propertyNames": {"format": "date", "pattern": DATE},
            "additionalProperties": rate,
        },
    })
}

/// Opening windows by date.
pub(crate) fn windows(generator: &mut SchemaGenerator) -> Schema {
    let window = generator.subschema_for::<Window>();
    json_schema!({
        "description": "Windows of single dates instead of their weekday's; none is closed.",
        "type": "object",
        "propertyNames": {"format": "date", "pattern": DATE},
        "additionalProperties": {"type": "array", "items": window},
    })
}
