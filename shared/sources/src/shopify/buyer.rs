//! Who bought.

use crm_domain::consent::{ConsentNews, Medium, ToldBy};
use crm_domain::customer::{CustomerFact, Profile, ProfileStamp};
use crm_domain::fact::Buyer;
use crm_domain::stamp::Stamp;
use jiff::Timestamp;

use super::Shop;
use super::consent;
use super::customer::{AddressBody, CustomerBody, email, phone};
use super::order::Order;
use crate::unreadable::{At, Trouble};

/// The customer an order names, as it stood when the order was told; else the
/// guest its contact fields describe.
pub(super) fn read(
    shop: &Shop<'_>,
    order: &Order<'_>,
    stamp: Stamp,
    placed_at: Timestamp,
) -> Result<Buyer, Trouble> {
    let known = order.customer.as_ref();
    let id = known.map(|customer| shop.id(customer.id, customer.admin_graphql_api_id));
    let id = id.transpose().at("customer.id")?.flatten();
    let told = known.map(CustomerBody::profile).unwrap_or_default();
    let profile = if id.is_some() {
        told
    } else {
        guest(order, told)
    };
    Ok(Buyer {
        customer: CustomerFact {
            id,
            told: ProfileStamp {
                whole: false,
                stamp,
            },
            profile,
            consents: consents(shop, order, stamp, placed_at),
            tags: known.and_then(CustomerBody::tags),
        },
    })
}

/// What the customer in the order shows; where it shows nothing of e-mail,
/// what the box at the order says.
fn consents(
    shop: &Shop<'_>,
    order: &Order<'_>,
    stamp: Stamp,
    placed_at: Timestamp,
) -> Vec<ConsentNews> {
    let known = order.customer.as_ref();
    let shown = known.map(|customer| customer.consents(shop, ToldBy::Order, stamp));
    let mut consents = shown.unwrap_or_default();
    let is_told = consents.iter().any(|news| news.medium == Medium::Email);
    if !is_told && order.buyer_accepts_marketing.is_true() {
        consents.push(consent::ticked(shop, stamp, placed_at));
    }
    consents
}

/// A guest's profile: what little stands where a customer would, and then the
/// order's own fields. The bill names who pays; the parcel may go to a friend.
fn guest(order: &Order<'_>, told: Profile) -> Profile {
    let bill = order.billing_address.as_ref();
    let bill = bill.or(order.shipping_address.as_ref());
    let of_bill = |field: fn(&AddressBody<'_>) -> Option<String>| bill.and_then(field);
    let contact = || email(order.email).or_else(|| email(order.contact_email));
    let number = || phone(order.phone).or_else(|| phone(bill?.phone));
    Profile {
        first_name: told.first_name.or(of_bill(|bill| bill.first_name.text())),
        last_name: told.last_name.or(of_bill(|bill| bill.last_name.text())),
        email: told.email.or_else(contact),
        phone: told.phone.or_else(number),
        address: told.address.or(bill.and_then(AddressBody::read)),
        ..Profile::default()
    }
}
