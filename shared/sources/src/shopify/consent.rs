//! Decisions about marketing: the news of them, and as customers and orders
//! show them.
//!
//! Reference: `CustomerEmailMarketingState` and `CustomerSmsMarketingState` of
//! <https://shopify.dev/docs/api/admin-graphql>.

use crm_domain::consent::{ConsentNews, ConsentState, Decision, Medium, OptIn, ToldBy};
use crm_domain::fact::Fact;
use crm_domain::stamp::Stamp;
use jiff::Timestamp;
use serde::Deserialize;

use super::Shop;
use crate::body;
use crate::token::{Needed, Token};
use crate::unreadable::{At, Problem, Trouble};

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct ConsentBody<'a> {
    state: Token<'a>,
    opt_in_level: Token<'a>,
    consent_updated_at: Token<'a>,
    /// What the news about that messenger calls it.
    updated_at: Token<'a>,
}

/// The three topics have one shape, and differ in their names.
#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct News<'a> {
    id: Token<'a>,
    customer_id: Token<'a>,
    email_marketing_consent: Option<ConsentBody<'a>>,
    sms_marketing_consent: Option<ConsentBody<'a>>,
    whats_app_marketing_consent: Option<ConsentBody<'a>>,
}

/// Reads `customers_email_marketing_consent/update`.
pub(super) fn read_email(shop: &Shop<'_>) -> Result<Fact, Trouble> {
    let told: News<'_> = body::parse(shop.delivery)?;
    let consent = told.email_marketing_consent;
    let medium = (Medium::Email, "email_marketing_consent");
    news(shop, ("customer_id", told.customer_id), medium, consent)
}

/// Reads `customers_marketing_consent/update`, which is about text messages.
pub(super) fn read_sms(shop: &Shop<'_>) -> Result<Fact, Trouble> {
    let told: News<'_> = body::parse(shop.delivery)?;
    let medium = (Medium::Sms, "sms_marketing_consent");
    news(shop, ("id", told.id), medium, told.sms_marketing_consent)
}

/// Reads `customers_whats_app_marketing_consent/update`.
pub(super) fn read_whats_app(shop: &Shop<'_>) -> Result<Fact, Trouble> {
    let told: News<'_> = body::parse(shop.delivery)?;
    let consent = told.whats_app_marketing_consent;
    let medium = (Medium::WhatsApp, "whats_app_marketing_consent");
    news(shop, ("customer_id", told.customer_id), medium, consent)
}

fn news(
    shop: &Shop<'_>,
    (id_field, id): (&str, Token<'_>),
    (medium, field): (Medium, &str),
    consent: Option<ConsentBody<'_>>,
) -> Result<Fact, Trouble> {
    let missing = || Trouble::here(Problem::Missing).within(field);
    let consent = consent.ok_or_else(missing)?;
    let decision = consent.decided(shop).at(field)?;
    let news = decision.map(|decision| ConsentNews { medium, decision });
    Ok(Fact::Consent {
        id: shop.id(id, Token::default()).needed().at(id_field)?,
        news: news.into_iter().collect(),
    })
}

impl ConsentBody<'_> {
    /// The decision this is the news of; none when no state is told. One that
    /// has no date was made when the shop sent the news.
    fn decided(&self, shop: &Shop<'_>) -> Result<Option<Decision>, Trouble> {
        let Some(word) = self.state.word().at("state")? else {
            return Ok(None);
        };
        let unknown = || Trouble::here(Problem::Unknown).within("state");
        let state = state(&word).ok_or_else(unknown)?;
        let at = self.consent_updated_at.time().at("consent_updated_at")?;
        let at = at.or(self.updated_at.time().at("updated_at")?);
        Ok(Some(Decision {
            at: at.or(shop.delivery.triggered_at),
            state,
            opt_in: opt_in(self.opt_in_level),
            source: source(shop),
            told_by: ToldBy::Decision,
            stamp: shop.stamp(None, 0),
        }))
    }

    /// The decision as shown beside other things: whatever cannot be used is
    /// left out, and a word that is unknown is no yes.
    pub(super) fn shown(&self, shop: &Shop<'_>, told_by: ToldBy, stamp: Stamp) -> Option<Decision> {
        let word = self.state.text()?;
        Some(Decision {
            at: time(self.consent_updated_at),
            state: state(&word).unwrap_or(ConsentState::NotGiven),
            opt_in: opt_in(self.opt_in_level),
            source: source(shop),
            told_by,
            stamp,
        })
    }
}

/// The decision in the fields customers had before API version 2022-04.
#[derive(Clone, Copy)]
pub(super) struct FormerFields<'a> {
    pub(super) accepts: Token<'a>,
    pub(super) updated_at: Token<'a>,
    pub(super) opt_in_level: Token<'a>,
}

impl FormerFields<'_> {
    pub(super) fn shown(self, shop: &Shop<'_>, told_by: ToldBy, stamp: Stamp) -> Option<Decision> {
        self.accepts.is_present().then(|| Decision {
            at: time(self.updated_at),
            state: if self.accepts.is_true() {
                ConsentState::Given
            } else {
                ConsentState::NotGiven
            },
            opt_in: opt_in(self.opt_in_level),
            source: source(shop),
            told_by,
            stamp,
        })
    }
}

/// A ticked box at an order, dated by it; a box left empty is no decision.
pub(super) fn ticked(shop: &Shop<'_>, stamp: Stamp, placed_at: Timestamp) -> ConsentNews {
    ConsentNews {
        medium: Medium::Email,
        decision: Decision {
            at: Some(placed_at),
            state: ConsentState::Given,
            opt_in: None,
            source: source(shop),
            told_by: ToldBy::TickedBox,
            stamp,
        },
    }
}

fn state(word: &str) -> Option<ConsentState> {
    Some(match word.to_ascii_lowercase().as_str() {
        "subscribed" => ConsentState::Given,
        "pending" => ConsentState::Pending,
        // The last two: nothing can be sent there, whatever was said once.
        "not_subscribed" | "invalid" | "redacted" => ConsentState::NotGiven,
        "unsubscribed" => ConsentState::Withdrawn,
        _ => return None,
    })
}

fn opt_in(level: Token<'_>) -> Option<OptIn> {
    match level.text()?.to_ascii_lowercase().as_str() {
        "single_opt_in" => Some(OptIn::Single),
        "confirmed_opt_in" => Some(OptIn::Confirmed),
        _ => None,
    }
}

fn time(token: Token<'_>) -> Option<Timestamp> {
    token.time().ok().flatten()
}

fn source(shop: &Shop<'_>) -> String {
    format!("{} {}", shop.delivery.source, shop.delivery.topic)
}
