//! Shopify: a webhook in, a fact out.

use crm_domain::fact::Fact;

use crate::delivery::Delivery;
use crate::unreadable::Unreadable;

pub(crate) fn read(delivery: &Delivery) -> Result<Option<Fact>, Unreadable> {
    let _ = delivery;
    Ok(None)
}
