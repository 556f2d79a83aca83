//! A customer as one source tells it, and as we keep it.

mod stored;

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::care::Care;
use crate::chronicle::Chronicle;
use crate::consent::{ConsentNews, Consents};
use crate::field::{BIRTHDAY, Fields};
use crate::identity::{Email, ExternalId, NodeId, Phone};
use crate::money::Currency;
use crate::named::Membership;
use crate::segment::Assessment;
use crate::stamp::Stamp;
use crate::tags::{TagNews, Tags};
use crate::totals::Totals;

pub use stored::FormerConsent;

/// What a source says of a customer. Prints nothing personal.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Profile {
    /// Given name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Current e-mail address, if it can identify someone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Current telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// Postal address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Labels in items written before these had a place of their own
    /// ([`Node::tags`]); never told, never written.
    #[serde(rename = "tags", default, skip_serializing)]
    pub former_tags: Box<[String]>,
    /// The same of the decision about marketing e-mail ([`Node::consents`]).
    #[serde(rename = "email_marketing", default, skip_serializing)]
    pub former_consent: Option<Box<FormerConsent>>,
}

impl Profile {
    /// Whether it names somebody without an address or an id of theirs: by a
    /// telephone, or by a name at a street (DOMAIN section 7).
    #[must_use]
    pub fn is_somebodys(&self) -> bool {
        let street = self.address.as_ref().and_then(|home| home.street.as_ref());
        let name = self.last_name.as_ref().or(self.first_name.as_ref());
        self.phone.is_some() || (name.is_some() && street.is_some())
    }

    /// What in it leads to a person wherever it stands: address and telephone.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let email = self.email.iter().map(Email::as_str);
        email.chain(self.phone.iter().map(Phone::as_str))
    }
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Profile(…)")
    }
}

/// A postal address as given. Prints nothing personal.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Address {
    /// Street and house number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// Second line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street2: Option<String>,
    /// Town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Province or state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country, ISO 3166 alpha-2 where the source gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}

/// Which telling of a profile is the one to keep.
///
/// A delivery about the customer tells the whole profile; an order carries
/// only part of it. So the newest whole one wins, and the newest partial one
/// serves while no whole one is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProfileStamp {
    /// Whether the delivery was about the customer.
    #[serde(rename = "w", default)]
    pub whole: bool,
    /// Its version.
    #[serde(rename = "s")]
    pub stamp: Stamp,
}

/// One delivery's news about a source's customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerFact {
    /// The source's id of the customer; none for a guest.
    pub id: Option<ExternalId>,
    /// Which telling it is.
    pub told: ProfileStamp,
    /// What it says of the person.
    pub profile: Profile,
    /// The decisions about marketing that it tells of; one that tells of none
    /// says nothing about them.
    pub consents: Vec<ConsentNews>,
    /// All of the customer's labels, where it lists them.
    pub tags: Option<Vec<String>>,
}

/// Sources that are market places.
const MARKETPLACES: [&str; 1] = ["amazon"];

/// Whether an external id, told as text, is a market place's.
#[must_use]
pub fn is_a_market_places(external_id: &str) -> bool {
    let source = external_id.split(':').next();
    source.is_some_and(|source| MARKETPLACES.contains(&source))
}

/// One source's customer, or a guest, with its own totals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")] // `stored` reads what older versions wrote
pub struct Node {
    /// Its random id.
    pub id: NodeId,
    /// Counts writes; every write names the one it read.
    #[serde(rename = "v")]
    pub version: u64,
    /// The person it belongs to, once joined with another node (or with
    /// itself as the root). A node that was never joined is its own person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<NodeId>,
    /// The source's id of the customer; none for a guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<ExternalId>,
    /// Which telling of the profile is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<ProfileStamp>,
    /// The profile.
    #[serde(default)]
    pub profile: Profile,
    /// What it decided about marketing.
    #[serde(default, skip_serializing_if = "Consents::is_empty")]
    pub consents: Consents,
    /// The source's labels. Boxed: few steps look at them, and all carry nodes.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Box<Tags>,
    /// What the store's people set of it. Boxed as the labels are.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub fields: Box<Fields>,
    /// The e-mail address that its claim holds for this node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_email: Option<Email>,
    /// What its orders come to.
    #[serde(default)]
    pub totals: Totals,
    /// Its cases and bills, as far as health needs them.
    #[serde(default, skip_serializing_if = "Care::is_empty")]
    pub care: Care,
    /// Currency of the totals: the reporting currency when they began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// When the source says the customer was deleted there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Stamp>,
    /// Whether the source merged it into another of its customers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub merged_away: bool,
    /// When the person behind it asked to be forgotten, once they did: from
    /// then on it is money under a random id, and hears nothing of anybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redacted: Option<Timestamp>,
    /// When somebody was forgotten who went by the same identifiers: what is
    /// older than that is about them, and not about this customer. Boxed: few
    /// have it, and every step carries nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Box<Timestamp>>,
    /// When somebody was forgotten who went by the address that its claim
    /// holds: what was bought under it until then is theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_since: Option<Box<Timestamp>>,
    /// Time carried by the latest event that changed it.
    pub touched_at: Timestamp,
    /// Whether it changed since it was assessed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stale: bool,
    /// The assessment, while it is a person of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessment: Option<Assessment>,
    /// How the assessment came about, while it is a person of its own.
    #[serde(default, skip_serializing_if = "Chronicle::is_empty")]
    pub chronicle: Chronicle,
    /// Nodes it was parted from by a person, each with when: they never join
    /// again by themselves.
    #[serde(
        default,
        deserialize_with = "stored::apart",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub apart: BTreeMap<NodeId, Timestamp>,
    /// The node its source merged it into after a person had parted the two:
    /// that is worth asking again. Boxed as `since` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_again: Option<Box<NodeId>>,
    /// What is left of the person of several nodes that it was the root of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub past: Option<Box<Past>>,
    /// The named segments it is in, and what was decided of it by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named: Option<Box<Membership>>,
}

/// What is left of a person of several nodes when its record goes: where the
/// record goes on from, should there be one of this root again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// Writes of the record.
    #[serde(rename = "v")]
    pub version: u64,
    /// How its assessment came about.
    #[serde(rename = "c", default, skip_serializing_if = "Chronicle::is_empty")]
    pub chronicle: Chronicle,
}

impl Node {
    /// A node nothing is known of yet.
    #[must_use]
    pub fn new(id: NodeId, external_id: Option<ExternalId>, now: Timestamp) -> Self {
        Self {
            id,
            version: 0,
            root: None,
            external_id,
            told: None,
            profile: Profile::default(),
            consents: Consents::default(),
            tags: Box::default(),
            fields: Box::default(),
            claimed_email: None,
            totals: Totals::default(),
            care: Care::default(),
            currency: None,
            deleted: None,
            merged_away: false,
            redacted: None,
            since: None,
            email_since: None,
            touched_at: now,
            stale: true,
            assessment: None,
            chronicle: Chronicle::default(),
            apart: BTreeMap::new(),
            asked_again: None,
            past: None,
            named: None,
        }
    }

    /// The person it belongs to.
    #[must_use]
    pub fn person(&self) -> &NodeId {
        self.root.as_ref().unwrap_or(&self.id)
    }

    /// Whether nothing leads to it but its own facts: a guest who left no
    /// identifier.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        let unknown = self.external_id.is_none() && self.claimed_email.is_none();
        unknown && self.root.is_none() && self.redacted.is_none()
    }

    /// When its source told last what it says of the customer.
    #[must_use]
    pub fn told_at(&self) -> Option<Timestamp> {
        self.told?.stamp.at()
    }

    /// Notes that a person said it is another than these. What its source said
    /// before of whom it is has been decided with that.
    pub fn stand_apart<'a>(&mut self, others: impl Iterator<Item = &'a NodeId>, at: Timestamp) {
        self.apart.extend(others.map(|other| (other.clone(), at)));
        self.asked_again = None;
        self.touch(at);
    }

    /// Whether it is one of those who are ranked by value: somebody is known,
    /// and not from a market place alone (DOMAIN section 4).
    #[must_use]
    pub fn is_ranked(&self) -> bool {
        let known = self.external_id.is_some() || self.claimed_email.is_some();
        (known || self.profile.is_somebodys()) && !self.is_marketplace_only()
    }

    /// Whether there is enough of it to be compared with others. A guest who
    /// left no identifier and a market place's buyer without an address stay
    /// apart (DOMAIN section 7), and of whom the source deleted there is
    /// nothing left to compare.
    #[must_use]
    pub fn is_comparable(&self) -> bool {
        let addressed = self.profile.email.is_some();
        let known = self.external_id.is_some() || self.profile.is_somebodys();
        self.deleted.is_none() && (addressed || (known && !self.is_marketplace_only()))
    }

    /// Whether it is known from market places alone: these tell little of who
    /// buys there, be it as a source of their own or through a shop.
    fn is_marketplace_only(&self) -> bool {
        let id = self.external_id.as_ref().map(ExternalId::as_str);
        id.is_some_and(is_a_market_places) || self.totals.is_marketplace_only()
    }

    /// When the person was born, where one of the store's people said so.
    #[must_use]
    pub fn born(&self) -> Option<Date> {
        self.fields.get(BIRTHDAY)?.value.as_ref()?.parse().ok()
    }

    /// Takes what a delivery says of the customer in: of the profile, if it
    /// is the one to keep. A customer deleted at the source stays without a
    /// profile and without labels; what it decided stays known.
    pub fn tell(&mut self, fact: &CustomerFact) {
        if self.is_of_another(fact.told.stamp) {
            return;
        }
        self.decide(&fact.consents);
        if let Some(tags) = &fact.tags {
            self.label(fact.told.stamp, &TagNews::All(tags.clone()));
        }
        let known = self.told.is_some_and(|told| told >= fact.told);
        if known || self.deleted.is_some() {
            return;
        }
        self.told = Some(fact.told);
        self.profile = fact.profile.clone();
    }

    /// Takes decisions about marketing in.
    pub fn decide(&mut self, news: &[ConsentNews]) {
        let own = news
            .iter()
            .filter(|news| !self.is_of_another(news.decision.stamp));
        let own: Vec<_> = own.cloned().collect();
        self.consents.hear(&own);
    }

    /// Whether news is not about this customer: about nobody any more, or
    /// about somebody who went by the same identifiers and was forgotten.
    fn is_of_another(&self, stamp: Stamp) -> bool {
        let told_at = stamp.updated_at.or(stamp.triggered_at);
        let before = |since: &Timestamp| told_at.is_none_or(|at| at <= *since);
        self.redacted.is_some() || self.since.as_deref().is_some_and(before)
    }

    /// Forgets who it is, as of a request made `at`. Orders and totals stay.
    pub fn redact(&mut self, at: Timestamp) {
        // Taken apart by name, so that no field to come is kept unasked.
        let Self {
            external_id,
            told,
            profile,
            consents,
            tags,
            fields,
            claimed_email,
            since,
            email_since,
            asked_again,
            redacted,
            id: _,
            version: _,
            root: _,
            totals: _,
            care: _,
            currency: _,
            deleted: _,
            merged_away: _,
            touched_at: _,
            stale: _,
            assessment: _,
            chronicle: _,
            apart: _,
            past: _,
            named,
        } = self;
        *redacted = Some(at);
        *external_id = None;
        *told = None;
        *profile = Profile::default();
        *consents = Consents::default();
        **tags = Tags::default();
        **fields = Fields::default();
        *claimed_email = None;
        *since = None;
        *email_since = None;
        *asked_again = None;
        // The segments it is in it leaves with its next assessment, which
        // takes its entries along.
        if let Some(own) = named.take() {
            let within = own.within;
            let left = Membership {
                within,
                ..Membership::default()
            };
            *named = left.boxed();
        }
    }

    /// Takes over the entries in named segments that a person's record had
    /// under this node's id: whoever is assessed next moves or removes them.
    pub(crate) fn stand_for(&mut self, person: Option<&Membership>) {
        let Some(person) = person.filter(|person| !person.within.is_empty()) else {
            return;
        };
        let mut own = self.named.take().map(|own| *own).unwrap_or_default();
        own.within.extend(person.within.iter().cloned());
        self.named = own.boxed();
    }

    /// Takes news of its labels in.
    pub fn label(&mut self, stamp: Stamp, news: &TagNews) {
        if self.deleted.is_none() && !self.is_of_another(stamp) {
            self.tags.hear(stamp, news);
        }
    }

    /// Notes that the source deleted the customer: profile and labels go, the
    /// money stays, and so does what was decided about marketing: it is the
    /// proof of what was allowed, and has nothing personal in it.
    pub fn delete(&mut self, stamp: Stamp) {
        if stamp.replaces(self.deleted.as_ref()) {
            self.deleted = Some(stamp);
        }
        self.profile = Profile::default();
        *self.tags = Tags::default();
    }

    /// Notes a change made by an event of time `now`; an evaluation never
    /// goes back, so neither does this.
    pub fn touch(&mut self, now: Timestamp) {
        self.touched_at = self.touched_at.max(now);
        self.stale = true;
    }
}
