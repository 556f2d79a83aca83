//! A sample store: eighteen months of a small shop that never was, so that
//! there is something to look at from the first start.
//!
//! People, goods and addresses are invented. The same options always give the
//! same webhooks, byte for byte.

mod body;
mod catalogue;
mod dice;
mod fate;
mod happening;
mod ids;
mod load;
#[cfg(test)]
mod load_tests;
mod money;
mod names;
mod order;
mod person;
mod persona;
mod span;
#[cfg(test)]
mod tests;

use crm_sources::Dialect;
use jiff::Timestamp;

use self::dice::Dice;
pub use self::load::{LoadError, Loading, load, progress};
use self::person::Person;
use self::span::Span;
use crate::deliver::Posting;

/// The shop that sends the sample's webhooks.
pub const SHOP: &str = "sample-store.myshopify.com";
/// Version of Shopify's interface whose shapes the bodies have.
const API_VERSION: &str = "2026-07";

/// Which sample store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SampleOptions {
    /// Another seed, another store.
    pub seed: u64,
    /// How many customers.
    pub customers: u32,
    /// The end of its eighteen months.
    pub until: Timestamp,
}

impl SampleOptions {
    /// The usual store: six hundred customers, up to `until`.
    #[must_use]
    pub fn until(until: Timestamp) -> Self {
        Self {
            seed: 1,
            customers: 600,
            until,
        }
    }
}

/// One webhook of the sample store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// What it is about, such as `orders/create`.
    pub topic: &'static str,
    /// The sender's id of the delivery.
    pub webhook_id: String,
    /// When it happened.
    pub triggered_at: Timestamp,
    /// The body, JSON.
    pub body: Vec<u8>,
}

impl From<Webhook> for Posting {
    fn from(webhook: Webhook) -> Self {
        Self {
            origin: format!("sample {}", webhook.webhook_id),
            dialect: Dialect::Shopify,
            source: Dialect::Shopify.name().to_owned(),
            shop: SHOP.to_owned(),
            topic: webhook.topic.to_owned(),
            api_version: Some(API_VERSION.to_owned()),
            webhook_id: webhook.webhook_id,
            triggered_at: Some(webhook.triggered_at),
            body: webhook.body,
        }
    }
}

/// All webhooks of a sample store, the earliest first. Bodies are written as
/// they are asked for; until then a webhook takes a few dozen bytes.
#[must_use]
pub fn generate(options: &SampleOptions) -> impl ExactSizeIterator<Item = Webhook> + use<> {
    let seed = options.seed;
    let span = Span::before(options.until);
    let all = happening::all(seed, options.customers, &span);
    all.into_iter().enumerate().map(move |(place, happening)| {
        let person = Person::plan(seed, happening.person, &span);
        let (topic, body) = body::of(&happening, &person, &span);
        let place = u64::try_from(place).unwrap_or_default();
        Webhook {
            topic,
            webhook_id: Dice::of(seed, happening.person, 1_000_000 + place).uuid(),
            triggered_at: happening.at,
            body: serde_json::to_vec(&body).expect("a value is always JSON"),
        }
    })
}
