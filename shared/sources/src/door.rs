//! Who may put something into the queue, and how much of it.
//!
//! A request is taken in when it is signed with the source's secret over its
//! raw bytes, and bounded. What it says is not looked at: a payload that
//! nobody can read yet is a message waiting for a fix, not a lost order.
//! Reference: <https://shopify.dev/docs/apps/build/webhooks/subscribe/https>

mod letterhead;
mod refusal;
mod signature;

use jiff::Timestamp;

pub use refusal::Refusal;
pub use signature::{sign, verify};

use crate::delivery::{Delivery, Dialect, MOST_BODY_BYTES};
use letterhead::Letterhead;

/// The largest message the queue takes, envelope included: 1 MiB
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>).
pub const MOST_MESSAGE_BYTES: usize = 1_048_576;

impl Dialect {
    /// The dialect behind `/webhooks/{source}`.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownSource`].
    pub fn from_path(source: &str) -> Result<Self, Refusal> {
        [Self::Shopify, Self::Import]
            .into_iter()
            .find(|dialect| dialect.name() == source)
            .ok_or(Refusal::UnknownSource)
    }
}

/// What stands in a request beside its body. Header names are asked for in
/// lower case.
#[derive(Debug)]
pub struct Request<'a> {
    letterhead: Letterhead<'a>,
}

impl<'a> Request<'a> {
    /// Takes a request's headers in, before anything costly is done.
    ///
    /// `header` gives a header's value by its name in lower case.
    ///
    /// # Errors
    ///
    /// [`Refusal::Encoded`] for a body that is compressed: the signature is
    /// over bytes we would not read. [`Refusal::Unsigned`] without a
    /// signature.
    pub fn open(
        dialect: Dialect,
        header: impl Fn(&'static str) -> Option<&'a str>,
    ) -> Result<Self, Refusal> {
        let letterhead = Letterhead::read(dialect, header);
        letterhead.refuse_encoded()?;
        if letterhead.signature.is_none() {
            return Err(Refusal::Unsigned);
        }
        Ok(Self { letterhead })
    }

    /// Whether one of the secrets signed `body`.
    #[must_use]
    pub fn is_signed_by<'s>(
        &self,
        secrets: impl IntoIterator<Item = &'s [u8]>,
        body: &[u8],
    ) -> bool {
        let signature = self.letterhead.signature;
        signature.is_some_and(|signature| verify(secrets, body, signature))
    }

    /// The delivery to queue, of a request that is signed.
    ///
    /// # Errors
    ///
    /// [`Refusal::Header`] when a header is missing or out of bounds,
    /// [`Refusal::NotText`] when the body is not UTF-8, [`Refusal::TooLarge`].
    pub fn delivery(&self, body: Vec<u8>, received_at: Timestamp) -> Result<Delivery, Refusal> {
        if body.len() > MOST_BODY_BYTES {
            return Err(Refusal::TooLarge);
        }
        // JSON is UTF-8 (RFC 8259): other bytes can never become an order.
        if std::str::from_utf8(&body).is_err() {
            return Err(Refusal::NotText);
        }
        self.letterhead.delivery(body, received_at)
    }
}

/// The queue's message for a delivery.
///
/// # Errors
///
/// [`Refusal::TooLarge`] when it does not fit even when packed.
pub fn message(delivery: &Delivery) -> Result<String, Refusal> {
    let message = serde_json::to_string(delivery).map_err(|_| Refusal::TooLarge)?;
    if message.len() > MOST_MESSAGE_BYTES {
        return Err(Refusal::TooLarge);
    }
    Ok(message)
}
