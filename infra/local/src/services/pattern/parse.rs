//! Reading a pattern, with the place of what is wrong in it.

use serde_json::{Map, Number, Value};

use super::test_value::{Comparison, Literal, Test, TextTest};
use super::{Field, Node, PatternError};

type Place<'a> = Vec<&'a str>;

fn wrong<T>(problem: &'static str, place: &Place<'_>) -> Result<T, PatternError> {
    let place = if place.is_empty() {
        "the top".to_owned()
    } else {
        place.join(".")
    };
    Err(PatternError { problem, place })
}

pub(super) fn node<'a>(pattern: &'a Value, place: &mut Place<'a>) -> Result<Node, PatternError> {
    let Value::Object(object) = pattern else {
        return wrong("not an object", place);
    };
    if object.is_empty() {
        return wrong("an empty object", place);
    }
    let mut node = Node::default();
    for (name, value) in object {
        place.push(name);
        match (name.as_str(), value) {
            ("$or", Value::Array(either)) if either.len() >= 2 => {
                let either = either.iter().map(|one| self::node(one, place));
                node.either = Some(either.collect::<Result<_, _>>()?);
            }
            ("$or", _) => return wrong("$or needs a list of at least two patterns", place),
            (_, value) => {
                node.fields.insert(name.clone(), field(value, place)?);
            }
        }
        place.pop();
    }
    Ok(node)
}

fn field<'a>(value: &'a Value, place: &mut Place<'a>) -> Result<Field, PatternError> {
    match value {
        Value::Object(_) => node(value, place).map(Field::Inside),
        Value::Array(list) if list.is_empty() => wrong("an empty list", place),
        Value::Array(list) => {
            let tests = list.iter().map(|one| test(one, place));
            Ok(Field::OneOf(tests.collect::<Result<_, _>>()?))
        }
        _ => wrong("neither a list nor an object", place),
    }
}

fn test(value: &Value, place: &Place<'_>) -> Result<Test, PatternError> {
    match value {
        Value::Object(object) => operator(object, place),
        Value::Array(_) => wrong("a list in a list", place),
        plain => Ok(Test::Is(literal(plain))),
    }
}

fn literal(value: &Value) -> Literal {
    match value {
        Value::String(text) => Literal::Text(text.clone()),
        Value::Number(number) => Literal::Number(number.clone()),
        other => Literal::Other(other.clone()),
    }
}

fn operator(object: &Map<String, Value>, place: &Place<'_>) -> Result<Test, PatternError> {
    let mut entries = object.iter();
    let (Some((name, value)), None) = (entries.next(), entries.next()) else {
        return wrong("a comparison needs exactly one operator", place);
    };
    match (name.as_str(), value) {
        ("exists", Value::Bool(wanted)) => Ok(Test::Exists(*wanted)),
        ("exists", _) => wrong("exists needs true or false", place),
        ("numeric", Value::Array(list)) => numeric(list, place),
        ("numeric", _) => wrong("numeric needs a list", place),
        ("anything-but", value) => anything_but(value, place),
        (name, value) => text_test(name, value, place).map(Test::Text),
    }
}

fn anything_but(value: &Value, place: &Place<'_>) -> Result<Test, PatternError> {
    let list = match value {
        Value::Object(object) => return not_text(object, place),
        Value::Array(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    };
    let plain = |one: &Value| one.is_string() || one.is_number() || one.is_boolean();
    if list.is_empty() || !list.iter().all(plain) {
        return wrong("anything-but needs texts or numbers", place);
    }
    Ok(Test::NotThese(list.iter().map(literal).collect()))
}

fn not_text(object: &Map<String, Value>, place: &Place<'_>) -> Result<Test, PatternError> {
    let mut entries = object.iter();
    let (Some((name, value)), None) = (entries.next(), entries.next()) else {
        return wrong("anything-but needs exactly one operator", place);
    };
    let list = match value {
        Value::Array(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    };
    if list.is_empty() {
        return wrong("an empty list", place);
    }
    let tests = list.iter().map(|one| text_test(name, one, place));
    Ok(Test::NotText(tests.collect::<Result<_, _>>()?))
}

fn text_test(name: &str, value: &Value, place: &Place<'_>) -> Result<TextTest, PatternError> {
    let any_case = value.get("equals-ignore-case").and_then(Value::as_str);
    match (name, value, any_case) {
        ("prefix", Value::String(text), _) => Ok(TextTest::Prefix(text.clone())),
        ("prefix", _, Some(text)) => Ok(TextTest::PrefixAnyCase(text.to_lowercase())),
        ("suffix", Value::String(text), _) => Ok(TextTest::Suffix(text.clone())),
        ("suffix", _, Some(text)) => Ok(TextTest::SuffixAnyCase(text.to_lowercase())),
        ("equals-ignore-case", Value::String(text), _) => {
            Ok(TextTest::EqualsAnyCase(text.to_lowercase()))
        }
        ("wildcard", Value::String(text), _) => wildcard(text, place),
        ("prefix" | "suffix" | "equals-ignore-case" | "wildcard", ..) => {
            wrong("this operator needs a text", place)
        }
        _ => wrong("an unknown operator", place),
    }
}

/// The pieces between the stars; `\*` and `\\` stand for the characters themselves.
fn wildcard(text: &str, place: &Place<'_>) -> Result<TextTest, PatternError> {
    let mut pieces = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let piece = pieces.last_mut().expect("starts with one piece");
        match char {
            '\\' => match chars.next() {
                Some(escaped @ ('*' | '\\')) => piece.push(escaped),
                _ => return wrong("only * and \\ can be escaped in a wildcard", place),
            },
            '*' if chars.peek() == Some(&'*') => return wrong("two stars in a row", place),
            '*' => pieces.push(String::new()),
            char => piece.push(char),
        }
    }
    Ok(TextTest::Wildcard(pieces))
}

fn numeric(list: &[Value], place: &Place<'_>) -> Result<Test, PatternError> {
    let (pairs, rest) = list.as_chunks::<2>();
    if pairs.is_empty() || !rest.is_empty() {
        return wrong("numeric needs pairs of operator and number", place);
    }
    let pairs = pairs.iter().map(|pair| comparison(pair, place));
    Ok(Test::Numeric(pairs.collect::<Result<_, _>>()?))
}

fn comparison(pair: &[Value; 2], place: &Place<'_>) -> Result<(Comparison, Number), PatternError> {
    let [Value::String(operator), Value::Number(number)] = pair else {
        return wrong("numeric needs pairs of operator and number", place);
    };
    let comparison = match operator.as_str() {
        "<" => Comparison::Less,
        "<=" => Comparison::AtMost,
        "=" => Comparison::Equal,
        ">=" => Comparison::AtLeast,
        ">" => Comparison::More,
        _ => return wrong("an unknown numeric operator", place),
    };
    Ok((comparison, number.clone()))
}
