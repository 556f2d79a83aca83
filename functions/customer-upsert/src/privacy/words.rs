//! What in a letter may lead to somebody: addresses, telephones and ids.

use std::iter::once;

use crm_domain::identity::Phone;
use serde_json::Value;

/// How a text is looked for: as it is, and as the telephone that it may be.
pub(super) fn spellings(text: &str) -> impl Iterator<Item = String> {
    let number = Phone::parse(text).ok();
    let number = number.map(|number| number.as_str().to_owned());
    once(text.trim().to_lowercase()).chain(number)
}

/// What of a text may be somebody's: all of it, its words, and the parts of
/// those that have several.
pub(super) fn candidates(text: &str) -> impl Iterator<Item = String> {
    let parts = |word| once(word).chain(str::split(word, ':'));
    let words = whole_words(text).flat_map(parts).map(str::to_lowercase);
    spellings(text).chain(words)
}

/// What in a text may be an address, a telephone or an id.
pub(super) fn whole_words(text: &str) -> impl Iterator<Item = &str> {
    let inside = |c: char| c.is_alphanumeric() || "@.+_-:'!$%*~^`".contains(c);
    let words = text.split(move |c: char| !inside(c));
    let words = words.map(|word| word.trim_matches(['.', '-', ':', '\'', '`', '!', '*']));
    words.filter(|word| !word.is_empty())
}

/// Gathers the customers that a document names; `of_one` is whether it is a
/// customer's own.
pub(super) fn note_customers(value: &Value, of_one: bool, found: &mut Vec<String>) {
    match value {
        Value::Array(list) => list
            .iter()
            .for_each(|item| note_customers(item, false, found)),
        Value::Object(fields) => {
            for (name, field) in fields {
                let own = of_one && ["id", "admin_graphql_api_id"].contains(&name.as_str());
                if own || ["customer_id", "customerId"].contains(&name.as_str()) {
                    found.extend(id_in(field));
                }
                note_customers(field, name == "customer", found);
            }
        }
        _ => {}
    }
}

/// The id inside its shop, from a number, a text or a `gid://` address.
fn id_in(field: &Value) -> Option<String> {
    let text = match field {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let id = text.rsplit('/').next().unwrap_or_default();
    (!id.is_empty()).then(|| id.to_owned())
}
