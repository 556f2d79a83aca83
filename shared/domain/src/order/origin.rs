//! Where a purchase came from, as one short word that can be counted by.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Channel, Order};

/// Most characters of an origin.
const MOST_CHARS: usize = 60;
/// Most characters of a campaign's medium; its source has the rest.
const MOST_MEDIUM: usize = 20;

/// How an order came about: `utm:<source>/<medium>` of a campaign,
/// `ref:<host>` of the page that linked to the shop, or else
/// `sale:<channel>`. Lower-case, at most 60 characters; cheap to clone.
///
/// Ordered by what tells most: campaigns, then links, then channels of sale.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(Arc<str>);

/// Text that is no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an origin such as utm:google/cpc, ref:example.com or sale:web")]
pub struct NotAnOrigin;

/// What an origin says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OriginParts<'a> {
    /// A campaign; either part may be empty, not both.
    Campaign {
        /// `utm_source`.
        source: &'a str,
        /// `utm_medium`.
        medium: &'a str,
    },
    /// A page that linked to the shop.
    Link {
        /// Its host.
        host: &'a str,
    },
    /// Nothing but where it was sold.
    Sale {
        /// The channel of sale.
        channel: &'a str,
    },
}

impl Origin {
    /// Reads the text form.
    ///
    /// # Errors
    ///
    /// [`NotAnOrigin`].
    pub fn parse(text: &str) -> Result<Self, NotAnOrigin> {
        let told = parts_of(text).ok_or(NotAnOrigin)?;
        let says_something = match told {
            OriginParts::Campaign { source, medium } => !source.is_empty() || !medium.is_empty(),
            OriginParts::Link { host: word } | OriginParts::Sale { channel: word } => {
                !word.is_empty()
            }
        };
        let fits = text.chars().count() <= MOST_CHARS && !text.contains(char::is_control);
        if says_something && fits {
            Ok(Self(text.into()))
        } else {
            Err(NotAnOrigin)
        }
    }

    /// The campaign of these parameters; none when both are empty.
    #[must_use]
    pub fn campaign(source: Option<&str>, medium: Option<&str>) -> Option<Self> {
        let source = source.map(campaign_source).unwrap_or_default();
        let medium = medium.map(campaign_medium).unwrap_or_default();
        Self::parse(&format!("utm:{source}/{medium}")).ok()
    }

    /// The page on `host` that linked to the shop. Of a long host the end is
    /// kept, which says whose it is.
    #[must_use]
    pub fn link(host: &str) -> Option<Self> {
        let host = clean(host);
        let beyond = host.chars().count().saturating_sub(MOST_CHARS - 4);
        let end: String = host.chars().skip(beyond).collect();
        Self::parse(&format!("ref:{}", end.trim_start_matches('.'))).ok()
    }

    /// Nothing known but where it was sold.
    #[must_use]
    pub fn sale(channel: Channel) -> Self {
        let word = match channel {
            Channel::Web => "web",
            Channel::Pos => "pos",
            Channel::Wholesale => "wholesale",
            Channel::Marketplace => "marketplace",
            Channel::Import => "import",
        };
        Self(format!("sale:{word}").into())
    }

    /// The text form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it says, taken apart.
    #[must_use]
    pub fn parts(&self) -> OriginParts<'_> {
        parts_of(&self.0).expect("checked when made")
    }
}

/// A campaign's source as an origin has it. A slash would look like the end
/// of it, so it becomes an underscore.
pub(crate) fn campaign_source(text: &str) -> String {
    let most = MOST_CHARS - MOST_MEDIUM - "utm:/".len();
    cut(&clean(text).replace('/', "_"), most)
}

/// A campaign's medium as an origin has it.
pub(crate) fn campaign_medium(text: &str) -> String {
    cut(&clean(text), MOST_MEDIUM)
}

fn clean(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    text.trim().to_lowercase()
}

fn cut(text: &str, most: usize) -> String {
    let text: String = text.chars().take(most).collect();
    text.trim_end().to_owned()
}

fn parts_of(text: &str) -> Option<OriginParts<'_>> {
    let (kind, rest) = text.split_once(':')?;
    match kind {
        "utm" => {
            let (source, medium) = rest.split_once('/')?;
            Some(OriginParts::Campaign { source, medium })
        }
        "ref" => Some(OriginParts::Link { host: rest }),
        "sale" => Some(OriginParts::Sale { channel: rest }),
        _ => None,
    }
}

impl Order {
    /// How the order came about; none while it is a stub. A link from the
    /// shop's own pages brought nobody and is left out.
    #[must_use]
    pub fn origin(&self) -> Option<Origin> {
        let (_, body) = self.body.as_ref()?;
        let told = &body.acquisition;
        let host = told.referring_host.as_deref();
        let elsewhere = host.filter(|host| !host.eq_ignore_ascii_case(self.id.shop()));
        let origin = Origin::campaign(told.utm_source.as_deref(), told.utm_medium.as_deref())
            .or_else(|| elsewhere.and_then(Origin::link));
        Some(origin.unwrap_or_else(|| Origin::sale(body.channel)))
    }
}

impl Ord for Origin {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.parts().cmp(&other.parts())
    }
}

impl PartialOrd for Origin {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl TryFrom<String> for Origin {
    type Error = NotAnOrigin;

    fn try_from(text: String) -> Result<Self, NotAnOrigin> {
        Self::parse(&text)
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0.as_ref().to_owned()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
