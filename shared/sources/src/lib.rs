//! What other systems send, turned into facts.
//!
//! Bytes in, values out: the [`door`] decides whether a request is genuine and
//! bounded, a [`Delivery`] carries it through the queue, and [`read`] says
//! what it means in our own terms. What the senders' payloads look like is
//! known to private structs here and to nobody else, and those hold only the
//! fields we use: a field that a sender adds or drops elsewhere cannot break
//! us.

mod body;
mod delivery;
pub mod door;
pub mod import;
pub mod restated;
mod shopify;
mod token;
mod unreadable;

use crm_domain::fact::Fact;

pub use delivery::{Delivery, Dialect, MOST_BODY_BYTES};
pub use unreadable::{Problem, Unreadable};

/// What a delivery says; nothing when its topic is none we follow, such as a
/// draft, a cart or a product.
///
/// The same delivery always gives the same fact: the stamp in it comes from
/// the payload and its envelope, never from a clock.
///
/// # Errors
///
/// [`Unreadable`], naming the field and what is wrong with it, never its
/// value. The delivery is kept for a fix; a text that only describes someone
/// (a name, an address, a malformed e-mail) never leads here, it is left out.
pub fn read(delivery: &Delivery) -> Result<Option<Fact>, Unreadable> {
    if delivery.topic == restated::TOPIC {
        return restated::read(delivery).map(Some);
    }
    match delivery.dialect {
        Dialect::Shopify => shopify::read(delivery),
        Dialect::Import => import::read(delivery),
    }
}
