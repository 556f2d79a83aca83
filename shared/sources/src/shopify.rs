//! Shopify: a webhook in, a fact out.
//!
//! Ids: a real delivery writes them as exact integers, also beyond 2^53.
//! Documented samples went through a program that holds numbers as binary
//! floats, so there `id` is rounded and only `admin_graphql_api_id` is exact;
//! see [`id`]. References to other things (`order_id`) have no exact twin and
//! stay as sent.
//!
//! Reference: <https://shopify.dev/docs/api/webhooks>

mod buyer;
mod consent;
mod customer;
mod fulfilment;
mod id;
mod line;
mod money;
mod order;
mod origin;
mod privacy;
mod product;
mod refund;
mod returns;
mod shipment;
mod tags;
mod terms;

use crm_domain::fact::Fact;
use crm_domain::identity::ExternalId;
use crm_domain::stamp::Stamp;
use jiff::Timestamp;

use crate::delivery::{Delivery, Dialect};
use crate::token::Token;
use crate::unreadable::{Problem, Trouble, Unreadable};

/// Reads a delivery. Topics that are no fact of ours, drafts, checkouts,
/// carts and the like, give nothing.
pub(crate) fn read(delivery: &Delivery) -> Result<Option<Fact>, Unreadable> {
    let shop = Shop::of(delivery);
    let fact = match delivery.topic.as_str() {
        "orders/create"
        | "orders/updated"
        | "orders/paid"
        | "orders/cancelled"
        | "orders/fulfilled"
        | "orders/partially_fulfilled" => order::read(&shop).map(Some),
        "orders/edited" => order::read_edit(&shop).map(Some),
        "refunds/create" => refund::read(&shop).map(Some),
        "returns/request" | "returns/approve" | "returns/decline" | "returns/cancel"
        | "returns/close" | "returns/reopen" | "returns/process" => returns::read(&shop).map(Some),
        "returns/update" => returns::read_update(&shop).map(Some),
        "fulfillments/create" | "fulfillments/update" => fulfilment::read(&shop).map(Some),
        "fulfillment_events/create" => shipment::read(&shop, false).map(Some),
        "fulfillment_events/delete" => shipment::read(&shop, true).map(Some),
        "customers/create" | "customers/update" | "customers/enable" | "customers/disable" => {
            customer::read(&shop).map(Some)
        }
        "customers_email_marketing_consent/update" => consent::read_email(&shop).map(Some),
        "customers_marketing_consent/update" => consent::read_sms(&shop).map(Some),
        "customers_whats_app_marketing_consent/update" => consent::read_whats_app(&shop).map(Some),
        "customer.tags_added" => tags::read_added(&shop).map(Some),
        "customer.tags_removed" => tags::read_removed(&shop).map(Some),
        "customers/delete" => customer::read_deletion(&shop).map(Some),
        "customers/merge" => customer::read_merge(&shop),
        "products/create" | "products/update" => product::read(&shop).map(Some),
        "customers/data_request" | "customers/redact" | "shop/redact" => {
            privacy::read(&shop).map(Some)
        }
        _ => Ok(None),
    };
    fact.map_err(|trouble| trouble.of(Dialect::Shopify))
}

/// What the envelope says, for everything read from one delivery.
pub(super) struct Shop<'a> {
    delivery: &'a Delivery,
    digest: u64,
}

impl<'a> Shop<'a> {
    fn of(delivery: &'a Delivery) -> Self {
        Self {
            delivery,
            digest: Stamp::digest_of(&delivery.body),
        }
    }

    /// The version of a thing that changed last at `updated_at` and is `rank`
    /// steps into its life.
    fn stamp(&self, updated_at: Option<Timestamp>, rank: u8) -> Stamp {
        Stamp {
            updated_at,
            triggered_at: self.delivery.triggered_at,
            rank,
            digest: self.digest,
        }
    }

    /// The full id of a thing of this shop, from its number and its exact
    /// twin; nothing when neither is told.
    fn id(&self, number: Token<'_>, exact: Token<'_>) -> Result<Option<ExternalId>, Trouble> {
        let Some(id) = id::exact(number, exact)? else {
            return Ok(None);
        };
        ExternalId::new(&self.delivery.source, &self.delivery.shop, &id)
            .map(Some)
            .map_err(Trouble::here)
    }
}

/// The part of a thing's id inside its shop, which must be there.
fn own_id(number: Token<'_>, exact: Token<'_>) -> Result<String, Trouble> {
    let missing = || Trouble::here(Problem::Missing).within("id");
    let id = id::exact(number, exact).map_err(|trouble| trouble.within("id"))?;
    id.ok_or_else(missing)
}
