//! Our own format, for books of the past: orders and returns from a file, a
//! till's export, another shop system.
//!
//! Topics: `orders/create` with an [`ImportOrder`], `returns/create` with an
//! [`ImportReturn`]. Both are written with [`serde_json`] from the structs
//! here and read back exactly; amounts may be strings or numbers. An order's
//! channel of sale is always "import".

mod reading;
mod wire;

use crm_domain::fact::Fact;

pub use wire::{ImportCustomer, ImportLine, ImportOrder, ImportReturn};

use crate::delivery::{Delivery, Dialect};
use crate::unreadable::Unreadable;

/// The topic of an [`ImportOrder`].
pub const ORDERS_CREATE: &str = "orders/create";
/// The topic of an [`ImportReturn`].
pub const RETURNS_CREATE: &str = "returns/create";

pub(crate) fn read(delivery: &Delivery) -> Result<Option<Fact>, Unreadable> {
    let fact = match delivery.topic.as_str() {
        ORDERS_CREATE => reading::order(delivery),
        RETURNS_CREATE => reading::loose_return(delivery),
        _ => return Ok(None),
    };
    fact.map(Some)
        .map_err(|trouble| trouble.of(Dialect::Import))
}
