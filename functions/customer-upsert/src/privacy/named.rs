//! By what a letter is known to be about somebody.

use std::collections::BTreeSet;

use crm_domain::identity::{ExternalId, NodeId};
use crm_domain::named::NamedSegment;
use crm_domain::privacy::Request;
use crm_sources::{Delivery, restated};
use crm_store::LastLook;
use serde_json::Value;

use super::words::{candidates, note_customers, spellings, whole_words};
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
    /// By texts that are a person's alone, and by their ids at shops.
    Words {
        texts: BTreeSet<String>,
        ids: BTreeSet<ExternalId>,
    },
    /// By digests of the same, once nothing else is kept.
    Digests {
        digester: Digester,
        digests: BTreeSet<String>,
    },
}

/// What a letter has to do with whom it is looked through for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letter {
    /// It is about them.
    Theirs,
    /// It names them, and is about another customer.
    OfAnother,
    /// Nothing.
    Unrelated,
}

impl Named {
    /// Somebody, by what is theirs alone: what those who stay go by as well
    /// leads to nobody any more.
    pub(super) fn person(
        request: &Request,
        nodes: &[NodeId],
        of_others: &BTreeSet<String>,
    ) -> Self {
        let ids = request.customer.iter().chain(&request.other_ids);
        let ids: BTreeSet<_> = ids.cloned().collect();
        let own = request.traces.iter().flat_map(|trace| spellings(trace));
        let own = own.filter(|text| !of_others.contains(text));
        let known = nodes.iter().map(NodeId::to_string);
        let known = known.chain(ids.iter().map(|id| id.as_str().to_lowercase()));
        let texts = own.chain(known).collect();
        Self::of(request, Known::Words { texts, ids })
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
        if let Known::Words { texts, ids } = &self.known {
            let texts = texts.iter().map(|text| word(text));
            let ids = ids.iter().map(id_word);
            digests.extend(texts.chain(ids).filter_map(|text| digester.digest(&text)));
        }
        LastLook {
            source: self.source.clone(),
            shop: self.shop.clone(),
            digests,
        }
    }

    /// Whether a named segment names them. A shop is no person.
    pub(super) fn is_in_segment(&self, segment: &NamedSegment) -> bool {
        if let Known::All = self.known {
            return false;
        }
        self.is_in_text(&segment.name) || self.is_in_value(&segment.condition.print())
    }

    /// What a letter has to do with them. One that says whose it is, and names
    /// another customer, is that customer's, whatever else stands in it.
    pub(super) fn letter(&self, letter: &str) -> Letter {
        let theirs = |is: bool| {
            if is {
                Letter::Theirs
            } else {
                Letter::Unrelated
            }
        };
        let Ok(delivery) = serde_json::from_str::<Delivery>(letter) else {
            return theirs(self.is_in_text(letter));
        };
        if delivery.topic == restated::TOPIC {
            return Letter::Unrelated; // it names nobody any more
        }
        if let Known::All = self.known {
            return theirs(delivery.source == self.source && delivery.shop == self.shop);
        }
        let Ok(body) = serde_json::from_slice::<Value>(&delivery.body) else {
            let text = String::from_utf8_lossy(&delivery.body);
            let mut ids = whole_words(&text);
            return theirs(ids.any(|id| self.is_customer(&delivery, id)) || self.is_in_text(&text));
        };
        let mut customers = Vec::new();
        note_customers(
            &body,
            delivery.topic.starts_with("customer"),
            &mut customers,
        );
        if customers.iter().any(|id| self.is_customer(&delivery, id)) {
            Letter::Theirs
        } else if !self.is_in_value(&body) {
            Letter::Unrelated
        } else if customers.is_empty() {
            Letter::Theirs
        } else {
            Letter::OfAnother
        }
    }

    /// Whether a text of theirs is in a text, as a word of its own or as all
    /// of it: an address may be the end of another's.
    pub(super) fn is_in_text(&self, text: &str) -> bool {
        match &self.known {
            Known::All => {
                let here = format!("{}:{}:", self.source, self.shop);
                text.to_lowercase().contains(&here)
            }
            Known::Words { texts, .. } => candidates(text).any(|text| texts.contains(&text)),
            Known::Digests { digester, digests } => {
                candidates(text).any(|text| digester.is_in(&word(&text), digests))
            }
        }
    }

    /// Whether a text of theirs is anywhere in a document.
    fn is_in_value(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.is_in_text(text),
            Value::Array(list) => list.iter().any(|item| self.is_in_value(item)),
            Value::Object(fields) => fields.values().any(|field| self.is_in_value(field)),
            _ => false,
        }
    }

    /// Whether an id in a delivery, where a customer's stands, is theirs.
    fn is_customer(&self, delivery: &Delivery, id: &str) -> bool {
        let Ok(id) = ExternalId::new(&delivery.source, &delivery.shop, id) else {
            return false;
        };
        match &self.known {
            Known::All => false,
            Known::Words { ids, .. } => ids.contains(&id),
            Known::Digests { digester, digests } => digester.is_in(&id_word(&id), digests),
        }
    }
}

/// A text as its digest is made of.
fn word(text: &str) -> String {
    format!("word#{text}")
}

/// An id as its digest is made of.
fn id_word(id: &ExternalId) -> String {
    format!("id#{}#{}#{}", id.source(), id.shop(), id.id())
}

#[cfg(test)]
mod tests {
    use crm_domain::privacy::{Asked, PrivacyNews, Whom};
    use crm_sources::Dialect;
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;

    const SHOP: &str = "cups.example";

    fn ann() -> Named {
        ann_but_for(&[])
    }

    fn ann_but_for(of_others: &[&str]) -> Named {
        let news = PrivacyNews {
            asked: Asked::Erasure(ExternalId::new("shopify", SHOP, "12").unwrap()),
            at: Timestamp::UNIX_EPOCH,
            traces: vec!["Ann@example.com".to_owned(), "+43 664 111 22 33".to_owned()],
            orders: Vec::new(),
            token: String::new(),
        };
        let request = Request::new("a".to_owned(), &news, Whom::Nobody, Timestamp::UNIX_EPOCH);
        let node = NodeId::parse("annannann").unwrap();
        let of_others = of_others.iter().map(|&text| text.to_owned()).collect();
        Named::person(&request, &[node], &of_others)
    }

    fn told(topic: &str, body: &str) -> String {
        let delivery = Delivery {
            dialect: Dialect::Shopify,
            source: "shopify".to_owned(),
            shop: SHOP.to_owned(),
            topic: topic.to_owned(),
            api_version: None,
            webhook_id: None,
            event_id: None,
            triggered_at: None,
            received_at: Timestamp::UNIX_EPOCH,
            body: body.as_bytes().to_vec(),
        };
        serde_json::to_string(&delivery).unwrap()
    }

    fn order(body: &Value) -> Letter {
        ann().letter(&told("orders/create", &body.to_string()))
    }

    #[test]
    fn an_address_that_is_the_end_of_anothers_leads_to_nobody() {
        for (text, is) in [
            ("ann@example.com", true),
            ("write to ANN@example.com, please", true),
            ("<mailto:ann@example.com>", true),
            ("E#ann@example.com", true),
            ("joann@example.com", false),
            ("jo.ann@example.com", false),
            ("jo+ann@example.com", false),
            ("o'ann@example.com", false),
            ("ann@example.com.au", false),
            ("+436641112233", true),
            ("+43 664 1112233", true),
            ("+4366411122334", false),
            ("N#annannann", true),
            ("joannannann", false),
        ] {
            assert_eq!(ann().is_in_text(text), is, "{text}");
            let of_her = order(&json!({"note": text})) == Letter::Theirs;
            assert_eq!(of_her, is, "{text} in a document");
        }
    }

    #[test]
    fn an_id_inside_another_number_leads_to_nobody() {
        for (body, is) in [
            (r#"{"customer": {"id": 12, "#, true),
            (r#"{"customer": {"id": "gid://shopify/Customer/12", "#, true),
            (r#"{"customer": {"id": 3123, "#, false),
            (
                r#"{"customer": {"id": 3123, "email": "joann@example.com", "#,
                false,
            ),
        ] {
            let letter = ann().letter(&told("orders/create", body));
            assert_eq!(letter == Letter::Theirs, is, "{body}");
        }
    }

    #[test]
    fn a_letter_of_another_customer_is_theirs_whatever_stands_in_it() {
        let of_another = json!({"customer": {"id": 999}, "note": "for ann@example.com"});
        assert_eq!(order(&of_another), Letter::OfAnother);
        let gid = json!({"customerId": "gid://shopify/Customer/999", "note": "ann@example.com"});
        assert_eq!(order(&gid), Letter::OfAnother);
        let itself = json!({"id": 999, "email": "ann@example.com"});
        let itself = told("customers/update", &itself.to_string());
        assert_eq!(ann().letter(&itself), Letter::OfAnother);
        let hers = json!({"customer": {"id": 12}, "email": "joann@example.com"});
        assert_eq!(order(&hers), Letter::Theirs);
        let guest = json!({"id": 999, "customer": null, "email": "ann@example.com"});
        assert_eq!(order(&guest), Letter::Theirs);
        assert_eq!(order(&json!({"customer": {"id": 999}})), Letter::Unrelated);
    }

    #[test]
    fn what_somebody_else_goes_by_now_leads_to_nobody() {
        let named = ann_but_for(&["ann@example.com"]);
        assert!(!named.is_in_text("ann@example.com"));
        assert!(named.is_in_text("+436641112233"));
    }
}
