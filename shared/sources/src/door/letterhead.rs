//! The headers that tell who sends what, read within limits.

use jiff::Timestamp;

use super::Refusal;
use crate::delivery::{Delivery, Dialect};

/// The longest topic, shop or id we take: five times the longest known.
const MOST_CHARS: usize = 255;

/// A request's headers as sent.
#[derive(Debug)]
pub(super) struct Letterhead<'a> {
    dialect: Dialect,
    encoding: Option<&'a str>,
    pub(super) signature: Option<&'a str>,
    source: Option<&'a str>,
    shop: Option<&'a str>,
    topic: Option<&'a str>,
    api_version: Option<&'a str>,
    webhook_id: Option<&'a str>,
    event_id: Option<&'a str>,
    triggered_at: Option<&'a str>,
}

impl<'a> Letterhead<'a> {
    pub(super) fn read(dialect: Dialect, header: impl Fn(&'static str) -> Option<&'a str>) -> Self {
        let encoding = header("content-encoding");
        match dialect {
            Dialect::Shopify => Self {
                dialect,
                encoding,
                signature: header("x-shopify-hmac-sha256"),
                source: Some(dialect.name()),
                shop: header("x-shopify-shop-domain"),
                topic: header("x-shopify-topic"),
                api_version: header("x-shopify-api-version"),
                webhook_id: header("x-shopify-webhook-id"),
                event_id: header("x-shopify-event-id"),
                triggered_at: header("x-shopify-triggered-at"),
            },
            Dialect::Import => Self {
                dialect,
                encoding,
                signature: header("x-crm-hmac-sha256"),
                source: header("x-crm-source"),
                shop: header("x-crm-shop"),
                topic: header("x-crm-topic"),
                api_version: None,
                webhook_id: header("x-crm-webhook-id"),
                event_id: None,
                triggered_at: header("x-crm-triggered-at"),
            },
        }
    }

    pub(super) fn refuse_encoded(&self) -> Result<(), Refusal> {
        let plain =
            |encoding: &str| encoding.is_empty() || encoding.eq_ignore_ascii_case("identity");
        match self.encoding {
            Some(encoding) if !plain(encoding.trim()) => Err(Refusal::Encoded),
            _ => Ok(()),
        }
    }

    pub(super) fn delivery(
        &self,
        body: Vec<u8>,
        received_at: Timestamp,
    ) -> Result<Delivery, Refusal> {
        let is_source = |name: &str| self.dialect == Dialect::Shopify || is_source_name(name);
        Ok(Delivery {
            dialect: self.dialect,
            source: required(self.source, "X-Crm-Source", is_source)?.to_owned(),
            shop: required(self.shop, self.names().shop, is_shop)?.to_ascii_lowercase(),
            topic: required(self.topic, self.names().topic, is_topic)?.to_owned(),
            api_version: optional(self.api_version),
            webhook_id: optional(self.webhook_id),
            event_id: optional(self.event_id),
            triggered_at: self.triggered_at()?,
            received_at,
            body,
        })
    }

    /// A time that cannot be read is refused, not dropped: it decides which of
    /// two deliveries is the newer.
    fn triggered_at(&self) -> Result<Option<Timestamp>, Refusal> {
        let time = self.triggered_at.map(|text| text.trim().parse());
        time.transpose()
            .map_err(|_| Refusal::Header(self.names().triggered_at))
    }

    fn names(&self) -> Names {
        match self.dialect {
            Dialect::Shopify => Names {
                shop: "X-Shopify-Shop-Domain",
                topic: "X-Shopify-Topic",
                triggered_at: "X-Shopify-Triggered-At",
            },
            Dialect::Import => Names {
                shop: "X-Crm-Shop",
                topic: "X-Crm-Topic",
                triggered_at: "X-Crm-Triggered-At",
            },
        }
    }
}

struct Names {
    shop: &'static str,
    topic: &'static str,
    triggered_at: &'static str,
}

fn required<'a>(
    value: Option<&'a str>,
    name: &'static str,
    fits: impl Fn(&str) -> bool,
) -> Result<&'a str, Refusal> {
    value
        .filter(|value| fits(value))
        .ok_or(Refusal::Header(name))
}

/// Ids and versions that only help to look into things: kept when they are
/// short and plain, left out otherwise.
fn optional(value: Option<&str>) -> Option<String> {
    let plain = |value: &&str| {
        (1..=MOST_CHARS).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_graphic())
    };
    value.filter(plain).map(str::to_owned)
}

/// A source of imports: `[a-z][a-z0-9-]{1,30}`. The name of another dialect
/// is not free: an import must not speak in its name.
fn is_source_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (2..=31).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(plain)
        && name != Dialect::Shopify.name()
}

/// A host name, or a single label such as `main`.
fn is_shop(shop: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    shop.len() <= MOST_CHARS && shop.split('.').all(is_label)
}

/// `resource/event`, such as `orders/create`.
fn is_topic(topic: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    topic.len() <= MOST_CHARS && topic.split(['/', '.']).all(is_part) && topic.contains(['/', '.'])
}
