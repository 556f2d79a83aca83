//! One delivery as its sender would post it.

use std::fmt;

use crm_sources::{Delivery, Dialect, door};
use jiff::Timestamp;

/// One delivery to be posted. `Debug` prints nothing of its body.
#[derive(Clone, PartialEq, Eq)]
pub struct Posting {
    /// Where it comes from, for reports: a file's or an invoice's name.
    pub origin: String,
    /// The language of the body.
    pub dialect: Dialect,
    /// The system of the past it comes from; the import format names it.
    pub source: String,
    /// The shop it speaks for.
    pub shop: String,
    /// What it is about, such as `orders/create`.
    pub topic: String,
    /// The sender's version, where one is known.
    pub api_version: Option<String>,
    /// The sender's id of this delivery.
    pub webhook_id: String,
    /// When it happened, where known.
    pub triggered_at: Option<Timestamp>,
    /// The raw body, which the signature covers.
    pub body: Vec<u8>,
}

impl Posting {
    /// Where the door takes it.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/webhooks/{}", self.dialect.name())
    }

    /// The headers it travels with, its signature among them.
    #[must_use]
    pub fn headers(&self, secret: &[u8]) -> Vec<(String, String)> {
        let prefix = match self.dialect {
            Dialect::Shopify => "x-shopify",
            Dialect::Import => "x-crm",
        };
        let name = |name| format!("{prefix}-{name}");
        let shop = match self.dialect {
            Dialect::Shopify => name("shop-domain"),
            Dialect::Import => name("shop"),
        };
        let mut headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            (name("hmac-sha256"), door::sign(secret, &self.body)),
            (name("topic"), self.topic.clone()),
            (name("webhook-id"), self.webhook_id.clone()),
            (shop, self.shop.clone()),
        ];
        if self.dialect == Dialect::Import {
            headers.push((name("source"), self.source.clone()));
        }
        if let Some(version) = &self.api_version {
            headers.push((name("api-version"), version.clone()));
        }
        if let Some(at) = self.triggered_at {
            headers.push((name("triggered-at"), at.to_string()));
        }
        headers
    }

    /// The delivery that the door makes of it.
    #[must_use]
    pub fn into_delivery(self) -> Delivery {
        Delivery {
            dialect: self.dialect,
            source: self.source,
            shop: self.shop.to_ascii_lowercase(),
            topic: self.topic,
            api_version: self.api_version,
            webhook_id: Some(self.webhook_id),
            event_id: None,
            received_at: self.triggered_at.unwrap_or_default(),
            triggered_at: self.triggered_at,
            body: self.body,
        }
    }
}

impl fmt::Debug for Posting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Posting")
            .field("origin", &self.origin)
            .field("topic", &self.topic)
            .field("webhook_id", &self.webhook_id)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_door_understands_what_it_is_told() {
        let mut posting = Posting {
            origin: "books.csv".to_owned(),
            dialect: Dialect::Import,
            source: "cdnow".to_owned(),
            shop: "main".to_owned(),
            topic: "orders/create".to_owned(),
            api_version: Some("2026-07".to_owned()),
            webhook_id: "w1".to_owned(),
            triggered_at: Some(Timestamp::UNIX_EPOCH),
            body: b"{}".to_vec(),
        };
        assert_eq!(
            through_the_door(&posting),
            posting.clone().into_delivery().source
        );
        posting.dialect = Dialect::Shopify;
        assert_eq!(through_the_door(&posting), "shopify");
    }

    /// The source that the door reads from a posting's headers.
    fn through_the_door(posting: &Posting) -> String {
        let headers: BTreeMap<_, _> = posting.headers(b"secret").into_iter().collect();
        let header = |name: &str| headers.get(name).map(String::as_str);
        let request = door::Request::open(posting.dialect, header).unwrap();
        let body = posting.body.clone();
        assert!(request.is_signed_by([b"secret".as_slice()], &body));
        let delivery = request.delivery(body, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(delivery.topic, posting.topic);
        assert_eq!(delivery.shop, posting.shop);
        assert_eq!(delivery.webhook_id.as_deref(), Some("w1"));
        assert_eq!(delivery.triggered_at, posting.triggered_at);
        delivery.source
    }
}
