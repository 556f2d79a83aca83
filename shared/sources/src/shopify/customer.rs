//! A customer, alone or inside an order.

use crm_domain::consent::{ConsentNews, Decision, Medium, ToldBy};
use crm_domain::customer::{Address, CustomerFact, Profile, ProfileStamp};
use crm_domain::fact::Fact;
use crm_domain::identity::{Email, Phone};
use crm_domain::stamp::Stamp;
use serde::Deserialize;

use super::Shop;
use super::consent::{ConsentBody, FormerFields};
use crate::body;
use crate::token::{Needed, Token};
use crate::unreadable::{At, Trouble};

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct CustomerBody<'a> {
    pub(super) id: Token<'a>,
    pub(super) admin_graphql_api_id: Token<'a>,
    first_name: Token<'a>,
    last_name: Token<'a>,
    email: Token<'a>,
    phone: Token<'a>,
    default_address: Option<AddressBody<'a>>,
    tags: Token<'a>,
    email_marketing_consent: Option<ConsentBody<'a>>,
    sms_marketing_consent: Option<ConsentBody<'a>>,
    accepts_marketing: Token<'a>,
    accepts_marketing_updated_at: Token<'a>,
    marketing_opt_in_level: Token<'a>,
    updated_at: Token<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct AddressBody<'a> {
    pub(super) first_name: Token<'a>,
    pub(super) last_name: Token<'a>,
    pub(super) phone: Token<'a>,
    address1: Token<'a>,
    address2: Token<'a>,
    city: Token<'a>,
    province: Token<'a>,
    province_code: Token<'a>,
    zip: Token<'a>,
    country: Token<'a>,
    country_code: Token<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Merge<'a> {
    status: Token<'a>,
    admin_graphql_api_customer_kept_id: Token<'a>,
    admin_graphql_api_customer_deleted_id: Token<'a>,
}

/// Reads `customers/create`, `update`, `enable` and `disable`, which all tell
/// the whole customer.
pub(super) fn read(shop: &Shop<'_>) -> Result<Fact, Trouble> {
    let told: CustomerBody<'_> = body::parse(shop.delivery)?;
    let id = shop.id(told.id, told.admin_graphql_api_id);
    let updated_at = told.updated_at.time().at("updated_at")?;
    let rank = u8::from(shop.delivery.topic != "customers/create");
    let stamp = shop.stamp(updated_at, rank);
    Ok(Fact::Customer(Box::new(CustomerFact {
        id: Some(id.needed().at("id")?),
        told: ProfileStamp { whole: true, stamp },
        profile: told.profile(),
        consents: told.consents(shop, ToldBy::Customer, stamp),
        tags: told.tags(),
    })))
}

/// Reads `customers/delete`.
pub(super) fn read_deletion(shop: &Shop<'_>) -> Result<Fact, Trouble> {
    let told: CustomerBody<'_> = body::parse(shop.delivery)?;
    let id = shop.id(told.id, told.admin_graphql_api_id);
    Ok(Fact::CustomerDeleted {
        id: id.needed().at("id")?,
        stamp: shop.stamp(told.updated_at.time().at("updated_at")?, 0),
    })
}

/// Reads `customers/merge`; nothing unless the merge is completed.
pub(super) fn read_merge(shop: &Shop<'_>) -> Result<Option<Fact>, Trouble> {
    let told: Merge<'_> = body::parse(shop.delivery)?;
    let status = told.status.word().needed().at("status")?;
    if !status.eq_ignore_ascii_case("completed") {
        return Ok(None);
    }
    let kept = shop.id(told.admin_graphql_api_customer_kept_id, Token::default());
    let gone = shop.id(told.admin_graphql_api_customer_deleted_id, Token::default());
    Ok(Some(Fact::CustomersMerged {
        kept: kept.needed().at("admin_graphql_api_customer_kept_id")?,
        gone: gone.needed().at("admin_graphql_api_customer_deleted_id")?,
        told_at: shop.delivery.triggered_at,
    }))
}

impl CustomerBody<'_> {
    /// What it tells of the person. Whatever cannot be used is left out: an
    /// odd address is no reason to keep an order waiting.
    pub(super) fn profile(&self) -> Profile {
        let home = self.default_address.as_ref();
        let phone = home.and_then(|home| phone(home.phone));
        Profile {
            first_name: self.first_name.text(),
            last_name: self.last_name.text(),
            email: email(self.email),
            phone: self::phone(self.phone).or(phone),
            address: home.and_then(AddressBody::read),
            ..Profile::default()
        }
    }

    /// All labels, where they are told: versions from 2025 on tell none.
    pub(super) fn tags(&self) -> Option<Vec<String>> {
        self.tags.words().ok().flatten()
    }

    /// The decisions about marketing, where they are told: versions from 2025
    /// on tell none.
    pub(super) fn consents(
        &self,
        shop: &Shop<'_>,
        told_by: ToldBy,
        stamp: Stamp,
    ) -> Vec<ConsentNews> {
        let shown = |consent: &Option<ConsentBody<'_>>| {
            let consent = consent.as_ref()?;
            consent.shown(shop, told_by, stamp)
        };
        let former = FormerFields {
            accepts: self.accepts_marketing,
            updated_at: self.accepts_marketing_updated_at,
            opt_in_level: self.marketing_opt_in_level,
        };
        let email = shown(&self.email_marketing_consent);
        let email = email.or_else(|| former.shown(shop, told_by, stamp));
        let sms = shown(&self.sms_marketing_consent);
        let news = |medium| move |decision: Decision| ConsentNews { medium, decision };
        let email = email.map(news(Medium::Email));
        email
            .into_iter()
            .chain(sms.map(news(Medium::Sms)))
            .collect()
    }
}

impl AddressBody<'_> {
    pub(super) fn read(&self) -> Option<Address> {
        let address = Address {
            street: self.address1.text(),
            street2: self.address2.text(),
            city: self.city.text(),
            region: self.province_code.text().or(self.province.text()),
            postal_code: self.zip.text(),
            country: self.country_code.text().or(self.country.text()),
        };
        (address != Address::default()).then_some(address)
    }
}

/// A usable e-mail address, or nothing: placeholders and the addresses behind
/// which market places hide their buyers identify no one.
pub(super) fn email(token: Token<'_>) -> Option<Email> {
    Email::parse(&token.text()?).ok()
}

/// A telephone number with its country code, or nothing.
pub(super) fn phone(token: Token<'_>) -> Option<Phone> {
    Phone::parse(&token.text()?).ok()
}
