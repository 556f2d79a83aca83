//! Conditions read from JSON, with what is wrong told by its place.

use serde_json::{Map, Number, Value};

use super::{
    Condition, FieldTest, MOST_CHARS, MOST_DEPTH, MOST_TESTS, Measure, NameWords, PhoneDigits,
    Range, Test, order_number,
};
use crate::consent::Medium;
use crate::identity::{Email, IdentityError};
use crate::money::Amount;
use crate::named::SegmentId;
use crate::segment::{Group, Health, Segment, Stage};

/// What is wrong with a condition, and where. Never repeats a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path} {limit}")]
pub struct ConditionError {
    /// The place, such as `condition.all.1.tag`.
    pub path: String,
    /// What has to be there.
    pub limit: String,
    /// Whether it has the form of a condition, and yet makes no sense.
    pub senseless: bool,
}

const SHAPE: &str = "must be an object with one of all, any, not, or one test";
const NAMES: &str = "must be one of all, any, not, name, email, email_domain, phone, \
    order_number, tag, segment, group, stage, vip, health, channel, consent, field, source, shop, gross, \
    net, orders, average_order_value, return_rate, days_since_last_order, days_since_first_order \
    and named_segment";
const RANGE: &str = "must be an object with at_least, below or both";
const DECIMAL: &str = "must be a decimal as text, as \"19.99\", or a whole number";

impl Condition {
    /// Reads a condition that stands at `path`.
    ///
    /// # Errors
    ///
    /// [`ConditionError`] naming the place and what has to be there.
    pub fn parse(value: &Value, path: &str) -> Result<Self, ConditionError> {
        let mut tests = 0;
        read(value, path, 1, &mut tests)
    }

    /// Reads the single test `name` of a value.
    ///
    /// # Errors
    ///
    /// As [`Condition::parse`], at `path`.
    pub fn test(name: &str, value: &Value, path: &str) -> Result<Self, ConditionError> {
        test(name, value, path).map(Self::Test)
    }
}

fn wrong(path: &str, limit: impl Into<String>) -> ConditionError {
    ConditionError {
        path: path.to_owned(),
        limit: limit.into(),
        senseless: false,
    }
}

/// Something of the right form that makes no sense.
fn senseless(path: &str, limit: impl Into<String>) -> ConditionError {
    ConditionError {
        senseless: true,
        ..wrong(path, limit)
    }
}

fn read(
    value: &Value,
    path: &str,
    depth: usize,
    tests: &mut usize,
) -> Result<Condition, ConditionError> {
    if depth > MOST_DEPTH {
        let limit = format!("must have at most {MOST_DEPTH} conditions inside each other");
        return Err(senseless(path, limit));
    }
    let fields = value.as_object().filter(|fields| fields.len() == 1);
    let entry = fields.and_then(|fields| fields.iter().next());
    let Some((name, value)) = entry else {
        return Err(wrong(path, SHAPE));
    };
    match name.as_str() {
        "all" => list(value, &format!("{path}.all"), depth, tests).map(Condition::All),
        "any" => list(value, &format!("{path}.any"), depth, tests).map(Condition::Any),
        "not" => {
            let part = read(value, &format!("{path}.not"), depth + 1, tests)?;
            Ok(Condition::Not(Box::new(part)))
        }
        name => {
            *tests += 1;
            if *tests > MOST_TESTS {
                let limit = format!("must have at most {MOST_TESTS} tests");
                return Err(senseless(path, limit));
            }
            if !is_known(name) {
                return Err(wrong(path, NAMES));
            }
            Condition::test(name, value, &format!("{path}.{name}"))
        }
    }
}

fn list(
    value: &Value,
    path: &str,
    depth: usize,
    tests: &mut usize,
) -> Result<Vec<Condition>, ConditionError> {
    let parts = value.as_array().filter(|parts| !parts.is_empty());
    let parts = parts.ok_or_else(|| wrong(path, "must be a list of at least one condition"))?;
    let read = |(place, part)| read(part, &format!("{path}.{place}"), depth + 1, tests);
    parts.iter().enumerate().map(read).collect()
}

fn is_known(name: &str) -> bool {
    let others = [
        "name",
        "email",
        "email_domain",
        "phone",
        "order_number",
        "tag",
        "segment",
        "group",
        "stage",
        "vip",
        "health",
        "channel",
        "consent",
        "field",
        "source",
        "shop",
        "named_segment",
    ];
    others.contains(&name) || measure(name).is_some()
}

fn measure(name: &str) -> Option<Measure> {
    Measure::ALL
        .into_iter()
        .find(|measure| measure.name() == name)
}

fn test(name: &str, value: &Value, path: &str) -> Result<Test, ConditionError> {
    if let Some(measure) = measure(name) {
        return range(measure, value, path).map(|range| Test::Number(measure, range));
    }
    match name {
        "vip" => {
            let vip = value.as_bool();
            return vip
                .map(Test::Vip)
                .ok_or_else(|| wrong(path, "must be true or false"));
        }
        "consent" => return consent(value, path),
        "field" => return field(value, path),
        _ => {}
    }
    let text = text(value, path)?;
    let one_of = |names: Vec<&str>| wrong(path, format!("must be one of {}", names.join(", ")));
    match name {
        "name" => NameWords::parse(text)
            .map(Test::Name)
            .ok_or_else(|| senseless(path, "must be a name or the beginning of one")),
        "email" => Email::parse(text)
            .map(Test::Email)
            .map_err(|error| senseless(path, email_limit(error))),
        "email_domain" => domain(text)
            .map(Test::EmailDomain)
            .ok_or_else(|| senseless(path, "must be a domain, as example.com")),
        "phone" => PhoneDigits::parse(text).map(Test::Phone).ok_or_else(|| {
            let limit = "must be a telephone: + and all digits, or the last 7 digits or more, \
                with a plus sign written as %2B in a query";
            senseless(path, limit)
        }),
        "order_number" => order_number(text)
            .map(Test::OrderNumber)
            .ok_or_else(|| senseless(path, "must be the number of an order, as #1001")),
        "segment" => Segment::named(text).map(Test::Segment).ok_or_else(|| {
            let limit = "must be VIP, Prospect, New, Single-order, Active, At-Risk or Lapsed";
            wrong(path, limit)
        }),
        "group" => named(&Group::ALL, Group::name, text)
            .map(Test::Group)
            .ok_or_else(|| one_of(Group::ALL.map(Group::name).to_vec())),
        "stage" => named(&Stage::ALL, Stage::name, text)
            .map(Test::Stage)
            .ok_or_else(|| one_of(Stage::ALL.map(Stage::name).to_vec())),
        "health" => named(&Health::ALL, Health::name, text)
            .map(Test::Health)
            .ok_or_else(|| one_of(Health::ALL.map(Health::name).to_vec())),
        "tag" => Ok(Test::Tag(text.to_owned())),
        "channel" => Ok(Test::Channel(text.to_owned())),
        "source" if is_part(text) => Ok(Test::Source(text.to_owned())),
        "source" => Err(senseless(path, "must be the name of a source, as shopify")),
        "shop" => {
            let parts = text.split_once(':');
            let whole = parts.is_some_and(|(source, shop)| is_part(source) && is_part(shop));
            let shop = whole.then(|| Test::Shop(text.to_owned()));
            shop.ok_or_else(|| senseless(path, "must be {source}:{shop}"))
        }
        "named_segment" => SegmentId::parse(text)
            .map(Test::NamedSegment)
            .map_err(|_| wrong(path, "must be the id of a named segment")),
        _ => Err(wrong(path, NAMES)),
    }
}

fn text<'a>(value: &'a Value, path: &str) -> Result<&'a str, ConditionError> {
    let text = value.as_str().map(str::trim);
    let fits = |text: &&str| (1..=MOST_CHARS).contains(&text.chars().count());
    let limit = || format!("must be a text of 1 to {MOST_CHARS} characters");
    text.filter(fits).ok_or_else(|| wrong(path, limit()))
}

fn named<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str, text: &str) -> Option<T> {
    let mut all = all.iter().copied();
    all.find(|one| name(*one).eq_ignore_ascii_case(text))
}

fn email_limit(error: IdentityError) -> &'static str {
    match error {
        IdentityError::Blocked(_) => "is an address that many people share, and finds nobody",
        _ => "must be an e-mail address, with a plus sign written as %2B in a query",
    }
}

/// A domain in ASCII form, as addresses have theirs.
fn domain(text: &str) -> Option<String> {
    let domain = text.trim_start_matches('@');
    let email = Email::parse(&format!("somebody@{domain}")).ok()?;
    let (_, domain) = email.as_str().rsplit_once('@')?;
    Some(domain.to_owned())
}

/// Whether it can be a part of an external id.
fn is_part(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c == ':' || c.is_whitespace() || c.is_control())
}

fn consent(value: &Value, path: &str) -> Result<Test, ConditionError> {
    let limit = "must be an object with medium (email, sms or whatsapp) and given (true or false)";
    let fields = value.as_object().filter(|fields| fields.len() == 2);
    let fields = fields.ok_or_else(|| wrong(path, limit))?;
    let medium = fields.get("medium").cloned();
    let medium = medium.and_then(|medium| serde_json::from_value::<Medium>(medium).ok());
    let given = fields.get("given").and_then(Value::as_bool);
    let both = medium.zip(given);
    both.map(|(medium, given)| Test::Consent(medium, given))
        .ok_or_else(|| wrong(path, limit))
}

fn field(value: &Value, path: &str) -> Result<Test, ConditionError> {
    let shape = "must be an object with name, and with is, set (true or false), or at_least, below \
        or both";
    let mut fields = value.as_object().cloned().unwrap_or_default();
    let name = fields.remove("name").filter(|_| !fields.is_empty());
    let name = name.ok_or_else(|| wrong(path, shape))?;
    let name = text(&name, &format!("{path}.name"))?.to_owned();
    let test = match (fields.get("is"), fields.get("set")) {
        (Some(is), None) if fields.len() == 1 => {
            FieldTest::Is(text(is, &format!("{path}.is"))?.to_owned())
        }
        (None, Some(Value::Bool(set))) if fields.len() == 1 => FieldTest::Set(*set),
        (None, None) => {
            let known = |name: &String| name == "at_least" || name == "below";
            if !fields.keys().all(known) {
                return Err(wrong(path, shape));
            }
            // Such a number may have fractions and be below zero.
            FieldTest::Within(range(Measure::Net, &Value::Object(fields), path)?)
        }
        _ => return Err(wrong(path, shape)),
    };
    Ok(Test::Field(name, test))
}

fn range(measure: Measure, value: &Value, path: &str) -> Result<Range, ConditionError> {
    let fields = value.as_object().filter(|fields| !fields.is_empty());
    let fields = fields.ok_or_else(|| wrong(path, RANGE))?;
    let known = |name: &String| name == "at_least" || name == "below";
    if !fields.keys().all(known) {
        return Err(wrong(path, RANGE));
    }
    let limit = |name| limit(measure, fields, name, path);
    let range = Range {
        at_least: limit("at_least")?,
        below: limit("below")?,
    };
    let empty = range.at_least.zip(range.below);
    if empty.is_some_and(|(least, below)| least >= below) {
        return Err(senseless(
            &format!("{path}.below"),
            "must be more than at_least",
        ));
    }
    Ok(range)
}

fn limit(
    measure: Measure,
    fields: &Map<String, Value>,
    name: &str,
    path: &str,
) -> Result<Option<Amount>, ConditionError> {
    let Some(value) = fields.get(name) else {
        return Ok(None);
    };
    let path = format!("{path}.{name}");
    let number = match value {
        Value::String(text) => decimal(text),
        Value::Number(number) => whole(number),
        _ => None,
    };
    let number = number.ok_or_else(|| wrong(&path, DECIMAL))?;
    if measure.is_whole() && !number.decimal().fract().is_zero() {
        return Err(wrong(&path, "must be a whole number"));
    }
    if measure != Measure::Net && number.is_negative() {
        return Err(wrong(&path, "must not be below 0"));
    }
    Ok(Some(number))
}

/// A number without fractions, however it is written.
fn whole(number: &Number) -> Option<Amount> {
    let text = number.to_string();
    let bare = text.strip_suffix(".0").unwrap_or(&text);
    decimal(bare).filter(|_| !bare.contains('.'))
}

/// A decimal that is sure to be held exactly: of up to 12 digits before the
/// point and 15 after it.
fn decimal(text: &str) -> Option<Amount> {
    let bare = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = bare.split_once('.').unwrap_or((bare, "0"));
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let fits = digits(whole, 12) && digits(part, 15);
    Amount::parse(text).ok().filter(|_| fits)
}
