//! What people may ask of a store about themselves: everything that is held,
//! and that it be forgotten (DOMAIN section 11).
//!
//! Forgetting takes the person out and leaves the money: a node keeps its
//! orders and totals under its random id, and nothing leads to it any more.

mod request;
mod whom;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::identity::{Email, ExternalId};

pub use request::Request;
pub use whom::{Leads, Whom, meant};

/// What a shop passes on from a person, or asks as it leaves.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivacyNews {
    /// What is asked.
    pub asked: Asked,
    /// When it was asked: orders placed before belong to who is forgotten.
    pub at: Timestamp,
    /// What else the person may be found by: address and telephone.
    pub traces: Vec<String>,
    /// The orders that are named: some may have been placed as a guest.
    pub orders: Vec<ExternalId>,
    /// What tells this request from another of the same person's.
    pub token: String,
}

/// What is asked, and of whom.
#[derive(Clone, PartialEq, Eq)]
pub enum Asked {
    /// Everything that is held of a customer.
    Data(ExternalId),
    /// That a customer be forgotten.
    Erasure(ExternalId),
    /// That all customers of a shop be forgotten.
    ShopErasure {
        /// The system.
        source: String,
        /// The shop there.
        shop: String,
    },
}

impl PrivacyNews {
    /// The address the shop knows the person by, if it can identify someone.
    #[must_use]
    pub fn email(&self) -> Option<Email> {
        self.traces
            .iter()
            .find_map(|trace| Email::parse(trace).ok())
    }
}

impl std::fmt::Debug for PrivacyNews {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PrivacyNews({:?})", self.asked)
    }
}

impl std::fmt::Debug for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind().name())
    }
}

/// The kinds of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PrivacyRequestKind")]
pub enum Kind {
    /// Everything that is held.
    DataRequest,
    /// To be forgotten.
    Redact,
    /// All customers of a shop to be forgotten.
    ShopRedact,
}

impl Kind {
    /// Its word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DataRequest => "data_request",
            Self::Redact => "redact",
            Self::ShopRedact => "shop_redact",
        }
    }
}

impl Asked {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Data(_) => Kind::DataRequest,
            Self::Erasure(_) => Kind::Redact,
            Self::ShopErasure { .. } => Kind::ShopRedact,
        }
    }

    /// The customer, where it is about one.
    #[must_use]
    pub fn customer(&self) -> Option<&ExternalId> {
        match self {
            Self::Data(id) | Self::Erasure(id) => Some(id),
            Self::ShopErasure { .. } => None,
        }
    }

    /// The system and the shop that ask.
    #[must_use]
    pub fn shop(&self) -> (&str, &str) {
        match self {
            Self::Data(id) | Self::Erasure(id) => (id.source(), id.shop()),
            Self::ShopErasure { source, shop } => (source, shop),
        }
    }
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PrivacyRequestState")]
pub enum State {
    /// Being carried out.
    Open,
    /// The document can be had.
    Ready,
    /// It is not certain what is meant: somebody has to decide.
    NeedsAPerson,
    /// Carried out.
    Done,
    /// Somebody decided that whoever was found is not meant.
    Declined,
}

/// Why somebody has to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PrivacyRequestDoubt")]
pub enum Doubt {
    /// The customer is one of several that are known to be one person, and
    /// was not merged away at the source: the others may be meant or not.
    JoinedWithOthers,
    /// Nobody goes by the customer's id. The address, or an order that was
    /// named, leads to a customer with another id.
    KnownOtherwise,
    /// They bought again after they asked: then they may be who they became
    /// since, and that customer never asked.
    BoughtSince,
}

/// Whom a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The shop's customer alone.
    #[default]
    Node,
    /// Everyone who is known to be the same person.
    Person,
}
