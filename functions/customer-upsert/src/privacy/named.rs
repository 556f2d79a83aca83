//! By what a letter is known to be about somebody.

use std::collections::BTreeSet;

use crm_domain::identity::NodeId;
use crm_domain::privacy::Request;
use crm_sources::{Delivery, restated};
use crm_store::LastLook;
use serde_json::Value;

use crate::tombs::Digester;

/// Whom letters are looked through for.
pub(super) struct Named {
    source: String,
    shop: String,
    known: Known,
}

enum Known {
    /// Everybody at the shop.
    All,
    /// By texts that are a person's alone, and the id inside the shop.
    Words {
        texts: Vec<String>,
        customer: Option<String>,
    },
    /// By digests of the same, once nothing else is kept.
    Digests {
        digester: Digester,
        digests: BTreeSet<String>,
    },
}

impl Named {
    pub(super) fn person(request: &Request, nodes: &[NodeId]) -> Self {
        let mut texts = request.traces.clone();
        texts.extend(nodes.iter().map(NodeId::to_string));
        texts.extend(request.customer.iter().map(ToString::to_string));
        let customer = request.customer.as_ref().map(|id| id.id().to_owned());
        Self::of(request, Known::Words { texts, customer })
    }

    pub(super) fn shop(request: &Request) -> Self {
        Self::of(request, Known::All)
    }

    fn of(request: &Request, known: Known) -> Self {
        Self {
            source: request.source.clone(),
            shop: request.shop.clone(),
            known,
        }
    }

    /// The same person once more, by what a last look knows.
    pub(super) fn again(look: LastLook, digester: Digester) -> Self {
        let digests = look.digests;
        let known = if digests.is_empty() {
            Known::All
        } else {
            Known::Digests { digester, digests }
        };
        Self {
            source: look.source,
            shop: look.shop,
            known,
        }
    }

    /// What a last look needs to know.
    pub(super) fn look(&self, digester: &Digester) -> LastLook {
        let mut digests = BTreeSet::new();
        if let Known::Words { texts, customer } = &self.known {
            let texts = texts.iter().map(|text| word(text));
            let ids = customer.iter().map(|id| self.id(id));
            digests.extend(texts.chain(ids).filter_map(|text| digester.digest(&text)));
        }
        LastLook {
            source: self.source.clone(),
            shop: self.shop.clone(),
            digests,
        }
    }

    fn id(&self, id: &str) -> String {
        format!("id#{}#{}#{id}", self.source, self.shop)
    }

    /// Whether a letter is about them.
    pub(super) fn is_in(&self, letter: &str) -> bool {
        let Ok(delivery) = serde_json::from_str::<Delivery>(letter) else {
            return self.is_in_text(letter);
        };
        if delivery.topic == restated::TOPIC {
            return false; // it names nobody any more
        }
        let here = delivery.source == self.source && delivery.shop == self.shop;
        if let Known::All = self.known {
            return here;
        }
        if let Ok(body) = serde_json::from_slice::<Value>(&delivery.body) {
            return self.is_in_value(&body, here, delivery.topic.starts_with("customer"));
        }
        let text = String::from_utf8_lossy(&delivery.body);
        self.is_in_text(&text) || (here && self.has_id(&text))
    }

    fn is_in_text(&self, text: &str) -> bool {
        let lower = text.to_lowercase();
        match &self.known {
            Known::All => lower.contains(&format!("{}:{}:", self.source, self.shop)),
            Known::Words { texts, .. } => {
                let mut texts = texts.iter();
                texts.any(|named| lower.contains(&named.to_lowercase()))
            }
            Known::Digests { digester, digests } => {
                words(&lower).any(|text| digester.is_in(&word(text), digests))
            }
        }
    }

    /// Whether their id is anywhere in a text of the shop that is no document.
    fn has_id(&self, text: &str) -> bool {
        match &self.known {
            Known::Words { customer, .. } => customer
                .as_ref()
                .is_some_and(|id| text.contains(id.as_str())),
            _ => words(text).any(|id| self.is_customer(id)),
        }
    }

    fn is_customer(&self, id: &str) -> bool {
        match &self.known {
            Known::All => false,
            Known::Words { customer, .. } => customer.as_deref() == Some(id),
            Known::Digests { digester, digests } => digester.is_in(&self.id(id), digests),
        }
    }

    /// Whether a text of theirs is anywhere in a document, or their id where a
    /// customer's stands; `theirs` is whether the document is a customer's.
    fn is_in_value(&self, value: &Value, here: bool, theirs: bool) -> bool {
        match value {
            Value::String(text) => self.is_in_text(text),
            Value::Array(list) => list.iter().any(|item| self.is_in_value(item, here, false)),
            Value::Object(fields) => fields.iter().any(|(name, field)| {
                let names = name == "customer_id" || (theirs && name == "id");
                (here && names && self.is_id(field))
                    || self.is_in_value(field, here, name == "customer")
            }),
            _ => false,
        }
    }

    fn is_id(&self, field: &Value) -> bool {
        let text = match field {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let id = text.rsplit('/').next();
        id.is_some_and(|id| self.is_customer(id))
    }
}

/// A text as its digest is made of.
fn word(text: &str) -> String {
    format!("word#{}", text.trim().to_lowercase())
}

/// What in a text may be an address, a telephone or an id.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let inside = |c: char| c.is_alphanumeric() || "@.+_-:".contains(c);
    let words = text.split(move |c: char| !inside(c));
    let words = words.map(|word| word.trim_matches(['.', '-', ':']));
    words.filter(|word| !word.is_empty())
}
