//! Who bought.

use crm_domain::customer::{Consent, CustomerFact, Profile, ProfileStamp};
use crm_domain::fact::Buyer;
use crm_domain::stamp::Stamp;
use jiff::Timestamp;

use super::Shop;
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
        guest(order, told, placed_at)
    };
    Ok(Buyer {
        customer: CustomerFact {
            id,
            told: ProfileStamp {
                whole: false,
                stamp,
            },
            profile,
        },
    })
}

/// A guest's profile: what little stands where a customer would, and then the
/// order's own fields. The bill names who pays; the parcel may go to a friend.
fn guest(order: &Order<'_>, told: Profile, placed_at: Timestamp) -> Profile {
    let bill = order.billing_address.as_ref();
    let bill = bill.or(order.shipping_address.as_ref());
    let of_bill = |field: fn(&AddressBody<'_>) -> Option<String>| bill.and_then(field);
    let contact = || email(order.email).or_else(|| email(order.contact_email));
    let number = || phone(order.phone).or_else(|| phone(bill?.phone));
    // A box left empty is no decision; a ticked one is, dated by the order.
    let ticked = order.buyer_accepts_marketing.is_true().then_some(Consent {
        at: Some(placed_at),
        given: true,
    });
    Profile {
        first_name: told.first_name.or(of_bill(|bill| bill.first_name.text())),
        last_name: told.last_name.or(of_bill(|bill| bill.last_name.text())),
        email: told.email.or_else(contact),
        phone: told.phone.or_else(number),
        address: told.address.or(bill.and_then(AddressBody::read)),
        tags: told.tags,
        email_marketing: told.email_marketing.or(ticked),
    }
}
