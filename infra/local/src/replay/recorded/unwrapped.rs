//! Takes a recorded payload out of whatever it was kept in.
//!
//! Bodies are cut out of the file as they stand, byte for byte: ids beyond
//! 2^53 and amounts such as `10.649999999999999` pass through no number type.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::topic;

type Fields<'a> = BTreeMap<String, &'a RawValue>;

/// A payload taken out of its wrapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwrapped {
    /// Headers it was recorded with, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The topic that the wrapping names.
    pub topic: Option<String>,
    /// What an admin API's answer calls it.
    pub called: Called,
    /// The payload.
    pub body: String,
}

/// What the one key of an admin API's answer says of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Called {
    /// There is no such key.
    Nothing,
    /// A resource with this topic.
    Resource(&'static str),
    /// Something that no topic is about, so that the file's name must not be
    /// believed either.
    Foreign,
}

/// The payloads in a text of JSON, in their order.
///
/// # Errors
///
/// When the text is not JSON.
pub fn unwrap(text: &str) -> Result<Vec<Unwrapped>, serde_json::Error> {
    let mut found = Vec::new();
    let blank = Unwrapped {
        headers: BTreeMap::new(),
        topic: None,
        called: Called::Nothing,
        body: String::new(),
    };
    take(serde_json::from_str(text)?, blank, &mut found);
    Ok(found)
}

fn take(value: &RawValue, around: Unwrapped, found: &mut Vec<Unwrapped>) {
    if let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(value.get()) {
        for element in elements {
            take(element, around.clone(), found);
        }
        return;
    }
    let Ok(fields) = serde_json::from_str::<Fields>(value.get()) else {
        found.push(with_body(around, value.get()));
        return;
    };
    if let Some(payload) = wrapped(&fields) {
        return take_wrapped(&fields, payload, around, found);
    }
    let Some((name, content)) = enveloped(&fields) else {
        return found.push(with_body(around, value.get()));
    };
    if let Some(topic) = topic::of_resource(name) {
        let called = Called::Resource(topic);
        take_content(content, &Unwrapped { called, ..around }, found);
    } else {
        let called = Called::Foreign;
        found.push(with_body(Unwrapped { called, ..around }, value.get()));
    }
}

/// `{"topic": .., "payload": {..}}` and `{"headers": {..}, "body": {..}}`.
fn wrapped<'a>(fields: &Fields<'a>) -> Option<&'a RawValue> {
    let told = fields.contains_key("topic") || fields.contains_key("headers");
    let payload = fields.get("payload");
    payload
        .or_else(|| fields.get("body").filter(|_| told))
        .copied()
}

fn take_wrapped(
    fields: &Fields,
    payload: &RawValue,
    mut around: Unwrapped,
    found: &mut Vec<Unwrapped>,
) {
    let texts: Option<BTreeMap<String, serde_json::Value>> = fields
        .get("headers")
        .and_then(|headers| serde_json::from_str(headers.get()).ok());
    for (name, value) in texts.into_iter().flatten() {
        if let serde_json::Value::String(value) = value {
            around.headers.insert(name.to_ascii_lowercase(), value);
        }
    }
    let named = fields.get("topic");
    let named = named.and_then(|topic| serde_json::from_str::<String>(topic.get()).ok());
    let sent = around.headers.get("x-shopify-topic").cloned();
    around.topic = sent.or(named).or(around.topic);
    // Some recorders keep the body as the text that came.
    if let Ok(text) = serde_json::from_str::<String>(payload.get())
        && let Ok(inner) = serde_json::from_str::<&RawValue>(&text)
    {
        return take(inner, around, found);
    }
    take(payload, around, found);
}

/// `{"order": {..}}` and `{"orders": [..]}`: one key, as an admin API answers.
fn enveloped<'f, 'a>(fields: &'f Fields<'a>) -> Option<(&'f str, &'a RawValue)> {
    let mut all = fields.iter();
    let (name, content) = all.next()?;
    let alone = all.next().is_none();
    (alone && content.get().starts_with(['{', '['])).then_some((name.as_str(), *content))
}

fn take_content(content: &RawValue, around: &Unwrapped, found: &mut Vec<Unwrapped>) {
    match serde_json::from_str::<Vec<&RawValue>>(content.get()) {
        Ok(elements) => {
            let bodies = elements.iter().map(|element| element.get());
            found.extend(bodies.map(|body| with_body(around.clone(), body)));
        }
        Err(_) => found.push(with_body(around.clone(), content.get())),
    }
}

fn with_body(around: Unwrapped, body: &str) -> Unwrapped {
    let body = body.to_owned();
    Unwrapped { body, ..around }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(text: &str) -> Vec<(Option<String>, String)> {
        let found = unwrap(text).unwrap();
        found.into_iter().map(|one| (one.topic, one.body)).collect()
    }

    fn told(topic: &str, body: &str) -> (Option<String>, String) {
        (Some(topic.to_owned()), body.to_owned())
    }

    #[test]
    fn a_bare_payload_stays_as_it_is() {
        let body = r#"{"id": 820982911946154508, "total": 10.649999999999999}"#;
        assert_eq!(bodies(body), [(None, body.to_owned())]);
    }

    #[test]
    fn wrappers_tell_the_topic_and_keep_every_byte() {
        let text = r#"{"topic":"orders/create","payload":{"id":1,  "a":1.10}}"#;
        assert_eq!(
            bodies(text),
            [told("orders/create", r#"{"id":1,  "a":1.10}"#)]
        );

        let text = r#"{"headers":{"X-Shopify-Topic":"refunds/create"},"body":{"id":2}}"#;
        assert_eq!(bodies(text), [told("refunds/create", r#"{"id":2}"#)]);

        let text = r#"{"topic":"orders/paid","body":"{\"id\":3}"}"#;
        assert_eq!(bodies(text), [told("orders/paid", r#"{"id":3}"#)]);
    }

    #[test]
    fn headers_are_kept_in_lower_case() {
        let text = r#"{"headers":{"X-Shopify-Webhook-Id":"w1"},"body":{"id":2}}"#;
        let found = unwrap(text).unwrap();
        assert_eq!(found[0].headers["x-shopify-webhook-id"], "w1");
    }

    #[test]
    fn an_admin_answer_is_one_delivery_per_element() {
        let found = unwrap(r#"{"orders":[{"id":1},{"id":2}]}"#).unwrap();
        let bodies: Vec<_> = found.iter().map(|one| one.body.as_str()).collect();
        assert_eq!(bodies, [r#"{"id":1}"#, r#"{"id":2}"#]);
        assert_eq!(found[0].called, Called::Resource("orders/updated"));

        let found = unwrap(r#"{"refund":{"id":1}}"#).unwrap();
        assert_eq!(found[0].called, Called::Resource("refunds/create"));
    }

    #[test]
    fn a_wrapped_answer_keeps_the_wrappers_topic() {
        let text = r#"{"topic":"orders/create","payload":{"order":{"id":1}}}"#;
        assert_eq!(bodies(text), [told("orders/create", r#"{"id":1}"#)]);
    }

    #[test]
    fn an_edit_is_not_an_envelope() {
        let body = r#"{"order_edit":{"id":1}}"#;
        let text = format!(r#"{{"topic":"orders/edited","payload":{body}}}"#);
        assert_eq!(bodies(&text), [told("orders/edited", body)]);
    }

    #[test]
    fn an_answer_about_something_else_is_not_taken_for_its_files_name() {
        let found = unwrap(r#"{"addresses":[{"id":1}]}"#).unwrap();
        assert_eq!(found[0].called, Called::Foreign);
    }
}
