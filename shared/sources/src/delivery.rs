//! A delivery on its way through the queue: what came, from whom, and when.
//!
//! As JSON it is the queue's message, version 1:
//! `{"v":1,"dialect":"shopify","source":"shopify","shop":..,"topic":..,
//! "api_version":..,"webhook_id":..,"event_id":..,"triggered_at":..,
//! "received_at":..,"encoding":"lz4+base64","bytes":N,"body":".."}`
//! where `body` is the raw body as an LZ4 block in base64 and `bytes` its
//! length before.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest raw body a delivery may have: 6 MiB, what a function can be
/// called with. A message that claims more is a lie or a bomb.
pub const MOST_BODY_BYTES: usize = 6 * 1024 * 1024;

const VERSION: u8 = 1;
const ENCODING: &str = "lz4+base64";

/// The language a delivery's body is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// Shopify's webhooks.
    Shopify,
    /// Our own format for books of the past ([`crate::import`]).
    Import,
}

impl Dialect {
    /// The word for it in paths and messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Shopify => "shopify",
            Self::Import => "import",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One accepted request. `Debug` prints nothing of its body.
#[derive(Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The language of the body.
    pub dialect: Dialect,
    /// The system it comes from, first part of every id in it.
    pub source: String,
    /// The shop at that system, second part of every id in it.
    pub shop: String,
    /// What it is about, such as `orders/create`.
    pub topic: String,
    /// Version of the sender's interface.
    pub api_version: Option<String>,
    /// The sender's id of this delivery; for logs.
    pub webhook_id: Option<String>,
    /// The sender's id of the event; for logs.
    pub event_id: Option<String>,
    /// When the sender says the event happened.
    pub triggered_at: Option<Timestamp>,
    /// When it came in.
    pub received_at: Timestamp,
    /// The raw body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("source", &self.source)
            .field("topic", &self.topic)
            .field("webhook_id", &self.webhook_id)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
struct Envelope<'a> {
    v: u8,
    dialect: Dialect,
    #[serde(borrow)]
    source: Cow<'a, str>,
    #[serde(borrow)]
    shop: Cow<'a, str>,
    #[serde(borrow)]
    topic: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    api_version: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    webhook_id: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    event_id: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    triggered_at: Option<Timestamp>,
    received_at: Timestamp,
    #[serde(borrow)]
    encoding: Cow<'a, str>,
    bytes: usize,
    #[serde(borrow)]
    body: Cow<'a, str>,
}

impl Serialize for Delivery {
    /// # Errors
    ///
    /// When the body is longer than [`MOST_BODY_BYTES`].
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.body.len() > MOST_BODY_BYTES {
            return Err(S::Error::custom("the body is longer than 6 MiB"));
        }
        let packed = lz4_flex::block::compress(&self.body);
        Envelope {
            v: VERSION,
            dialect: self.dialect,
            source: Cow::Borrowed(&self.source),
            shop: Cow::Borrowed(&self.shop),
            topic: Cow::Borrowed(&self.topic),
            api_version: self.api_version.as_deref().map(Cow::Borrowed),
            webhook_id: self.webhook_id.as_deref().map(Cow::Borrowed),
            event_id: self.event_id.as_deref().map(Cow::Borrowed),
            triggered_at: self.triggered_at,
            received_at: self.received_at,
            encoding: Cow::Borrowed(ENCODING),
            bytes: self.body.len(),
            body: Cow::Owned(BASE64_STANDARD.encode(packed)),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Delivery {
    /// # Errors
    ///
    /// Another version or encoding, or a body that does not unpack to exactly
    /// the length it claims.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let envelope = Envelope::deserialize(deserializer)?;
        if envelope.v != VERSION {
            return Err(D::Error::custom("a delivery of an unknown version"));
        }
        if envelope.encoding != ENCODING {
            return Err(D::Error::custom("a delivery in an unknown encoding"));
        }
        let body = unpack(&envelope.body, envelope.bytes).map_err(D::Error::custom)?;
        Ok(Self {
            dialect: envelope.dialect,
            source: envelope.source.into_owned(),
            shop: envelope.shop.into_owned(),
            topic: envelope.topic.into_owned(),
            api_version: envelope.api_version.map(Cow::into_owned),
            webhook_id: envelope.webhook_id.map(Cow::into_owned),
            event_id: envelope.event_id.map(Cow::into_owned),
            triggered_at: envelope.triggered_at,
            received_at: envelope.received_at,
            body,
        })
    }
}

fn unpack(text: &str, bytes: usize) -> Result<Vec<u8>, &'static str> {
    if bytes > MOST_BODY_BYTES {
        return Err("the body claims to be longer than 6 MiB");
    }
    let packed = BASE64_STANDARD
        .decode(text)
        .map_err(|_| "the body is not base64")?;
    // The claimed length bounds what is unpacked; a body that is longer or
    // shorter than it claims is not the one that was packed.
    let body = lz4_flex::block::decompress(&packed, bytes)
        .map_err(|_| "the body does not unpack to its length")?;
    if body.len() != bytes {
        return Err("the body does not unpack to its length");
    }
    Ok(body)
}
