//! What a recorded payload is about, told by the names around it.

use std::path::Path;

/// What an admin API calls the things it answers with, and the topic under
/// which a shop would have sent the same state. The longer name goes first
/// where one contains the other.
const RESOURCES: [(&str, &str); 12] = [
    ("draft_order", "draft_orders/update"),
    ("order_transaction", "order_transactions/create"),
    ("order_risk", "orders/risk_assessment_changed"),
    ("order", "orders/updated"),
    ("refund", "refunds/create"),
    ("customer", "customers/update"),
    ("fulfillment_event", "fulfillment_events/create"),
    ("fulfillment", "fulfillments/update"),
    ("return", "returns/update"),
    ("checkout", "checkouts/update"),
    ("transaction", "order_transactions/create"),
    ("shop", "shop/update"),
];

/// How topics end; the longer goes first where one ends like another.
const VERBS: [&str; 36] = [
    "partially_fulfilled",
    "fulfilled",
    "data_request",
    "create",
    "created",
    "updated",
    "update",
    "deleted",
    "delete",
    "edited",
    "paid",
    "cancelled",
    "cancel",
    "redact",
    "merge",
    "request",
    "approve",
    "decline",
    "close",
    "reopen",
    "process",
    "enable",
    "disable",
    "assign",
    "revoke",
    "due",
    "success",
    "failure",
    "challenged",
    "activate",
    "pause",
    "expire",
    "fail",
    "dispose",
    "uninstalled",
    "risk_assessment_changed",
];

/// The topic of an envelope's key such as `order` or `orders`.
#[must_use]
pub fn of_resource(name: &str) -> Option<&'static str> {
    let singular = |resource: &str| name == resource || name.strip_suffix('s') == Some(resource);
    let mut known = RESOURCES.iter();
    known
        .find(|(resource, _)| singular(resource))
        .map(|(_, topic)| *topic)
}

/// Names that stand for one topic, whatever they seem to be made of.
const WHOLE_NAMES: [(&str, &str); 6] = [
    ("customer_tags_added", "customer.tags_added"),
    ("customer_tags_removed", "customer.tags_removed"),
    ("customer_joined_segment", "customer.joined_segment"),
    ("customer_left_segment", "customer.left_segment"),
    (
        "customers_marketing_consent",
        "customers_marketing_consent/update",
    ),
    (
        "customers_email_marketing_consent",
        "customers_email_marketing_consent/update",
    ),
];

/// The topic a path spells out: `orders_create/01.json`,
/// `2024-10/orders.create.json`, `orders/create.json`. The name nearest to
/// the payload counts.
#[must_use]
pub fn spelled_by(path: &Path) -> Option<String> {
    let names = names(path);
    if let [verb, resource, ..] = names.as_slice()
        && VERBS.contains(&verb.as_str())
    {
        return Some(format!("{resource}/{verb}"));
    }
    names.iter().find_map(|name| split_at_verb(name))
}

/// The topic of the resource that a file's name mentions: `python_orders.json`,
/// `go_order_with_transaction.json`. The first one mentioned counts.
#[must_use]
pub fn mentioned_by(path: &Path) -> Option<&'static str> {
    let stem = names(path).into_iter().next()?;
    // Behind a double underscore stands a case of the thing, not the thing.
    let mut parts = stem.split("__");
    let named = parts.find(|part| part.contains(|c: char| c.is_ascii_alphabetic()))?;
    if let Some(topic) = of_whole_name(named) {
        return Some(topic);
    }
    let words: Vec<_> = named.split('_').filter(|word| !word.is_empty()).collect();
    (0..words.len()).find_map(|at| {
        let pair = words.get(at..at + 2).map(|pair| pair.join("_"));
        let pair = pair.and_then(|pair| of_resource(&pair));
        pair.or_else(|| of_resource(words[at]))
    })
}

/// The file's name and its folders' names, the nearest first, words joined
/// by underscores.
fn names(path: &Path) -> Vec<String> {
    let folders = path.parent().into_iter().flat_map(Path::ancestors);
    let folders = folders.filter_map(Path::file_name);
    path.file_stem()
        .into_iter()
        .chain(folders)
        .map(|name| name.to_string_lossy().to_ascii_lowercase())
        .map(|name| name.replace(['.', '-', ' '], "_"))
        .collect()
}

fn of_whole_name(name: &str) -> Option<&'static str> {
    let mut known = WHOLE_NAMES.iter();
    known
        .find(|(whole, _)| name == *whole)
        .map(|(_, topic)| *topic)
}

fn split_at_verb(name: &str) -> Option<String> {
    if let Some(topic) = of_whole_name(name) {
        return Some(topic.to_owned());
    }
    VERBS.iter().find_map(|verb| {
        let resource = name.strip_suffix(verb)?.strip_suffix('_')?;
        // A name such as `01_order_create` numbers its files.
        let resource = resource.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_');
        (!resource.is_empty()).then(|| format!("{resource}/{verb}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_files_spell_topics_out() {
        let spelled = |path: &str| spelled_by(Path::new(path)).unwrap_or_default();
        assert_eq!(spelled("shop/orders_create/01_ab.json"), "orders/create");
        assert_eq!(spelled("2024-10/orders.create.json"), "orders/create");
        assert_eq!(spelled("refunds/create.json"), "refunds/create");
        assert_eq!(
            spelled("a/orders_partially_fulfilled/1.json"),
            "orders/partially_fulfilled"
        );
        assert_eq!(
            spelled("customers_email_marketing_consent.update.json"),
            "customers_email_marketing_consent/update"
        );
        assert_eq!(
            spelled("customer_tags_added/01.json"),
            "customer.tags_added"
        );
        assert_eq!(spelled("fixtures/python_orders.json"), "");
    }

    #[test]
    fn the_nearest_name_counts() {
        let path = Path::new("orders_create/refunds_create/x.json");
        assert_eq!(spelled_by(path).as_deref(), Some("refunds/create"));
    }

    #[test]
    fn a_name_that_mentions_a_resource_tells_its_state() {
        let mentioned = |path: &str| mentioned_by(Path::new(path));
        assert_eq!(mentioned("python_orders.json"), Some("orders/updated"));
        assert_eq!(
            mentioned("go_order_with_transaction.json"),
            Some("orders/updated")
        );
        assert_eq!(
            mentioned("python_draft_order.json"),
            Some("draft_orders/update")
        );
        assert_eq!(
            mentioned("python_fulfillment_event.json"),
            Some("fulfillment_events/create")
        );
        assert_eq!(mentioned("2025-04__orders__1.json"), Some("orders/updated"));
        assert_eq!(mentioned("go_webhook.json"), None);
        assert_eq!(mentioned("go_lines__fulfillment_null.json"), None);
    }
}
