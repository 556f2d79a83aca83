//! Who is who: the identifiers a customer is known by (DOMAIN section 7).
//!
//! A *node* is one source's customer, or the guest behind an identifier. A
//! *person* is one node, or several that were joined. An e-mail address joins
//! by itself; anything weaker only suggests.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A value that cannot be used as an identifier, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// Not of the form the identifier needs.
    #[error("not a valid {0}")]
    Malformed(&'static str),
    /// Longer than an identifier may be.
    #[error("{0} is longer than {1} characters")]
    TooLong(&'static str, usize),
    /// A placeholder that many people share.
    #[error("a placeholder, not a real {0}")]
    Blocked(&'static str),
}

macro_rules! text_newtype {
    ($name:ident) => {
        text_newtype!($name, parse);
    };
    ($name:ident, $read:ident) => {
        impl $name {
            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdentityError;

            fn try_from(text: String) -> Result<Self, IdentityError> {
                Self::$read(&text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}

/// An e-mail address: trimmed, lower case, its domain in ASCII form. Dots and
/// plus-tags are kept: they tell people apart at many providers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

text_newtype!(Email, well_formed);

/// Domains at which a marketplace hides the buyer's real address.
const RELAYS: [&str; 5] = [
    "marketplace.amazon.",
    "members.ebay.com",
    "relay.walmart.com",
    "mail.etsy.com",
    "tiktokshop.com",
];

impl Email {
    /// Reads and normalises an address.
    ///
    /// # Errors
    ///
    /// [`IdentityError`]: malformed, over 254 characters (RFC 5321), or one
    /// of the placeholders that DOMAIN section 7 blocks.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let blocked = IdentityError::Blocked("e-mail address");
        if is_placeholder(text.trim()) {
            return Err(blocked);
        }
        let address = Self::well_formed(text)?;
        if is_shared_address(&address.0) {
            return Err(blocked);
        }
        Ok(address)
    }

    /// Reads an address whoever goes by it. Stored ones are read so: of what
    /// is blocked today, some was taken for somebody's before.
    fn well_formed(text: &str) -> Result<Self, IdentityError> {
        let text = text.trim();
        let malformed = IdentityError::Malformed("e-mail address");
        let (local, domain) = text.rsplit_once('@').ok_or(malformed)?;
        let domain = idna::domain_to_ascii(domain).map_err(|_| malformed)?;
        let plain = |c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c);
        if local.is_empty() || local.contains(plain) || local.contains('@') {
            return Err(malformed);
        }
        let labels_fit = domain
            .split('.')
            .all(|label| (1..=63).contains(&label.len()));
        if !labels_fit || domain.contains(|c: char| c != '.' && c != '-' && !c.is_alphanumeric()) {
            return Err(malformed);
        }
        let address = format!("{}@{domain}", local.to_lowercase());
        if address.len() > 254 {
            return Err(IdentityError::TooLong("e-mail address", 254));
        }
        Ok(Self(address))
    }
}

fn is_shared_address(address: &str) -> bool {
    let (local, domain) = address.split_once('@').unwrap_or((address, ""));
    let local_is_shared = matches!(
        local,
        "guest" | "anonymous" | "noreply" | "no-reply" | "null" | "none"
    );
    let stands_for_nothing = is_placeholder(local) || is_placeholder(domain);
    local_is_shared || stands_for_nothing || RELAYS.iter().any(|relay| domain.contains(relay))
}

/// Whether it stands for nothing: empty, zeros or dashes, `null` and the like.
pub(crate) fn is_placeholder(text: &str) -> bool {
    let bare = text.trim_matches(|c: char| "0-_. +".contains(c));
    bare.is_empty()
        || text == "-1"
        || ["null", "none", "anonymous", "undefined", "n/a"]
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word))
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

/// A telephone number in E.164 form, such as `+442079460000`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

text_newtype!(Phone);

impl Phone {
    /// Reads a number that carries its country code.
    ///
    /// # Errors
    ///
    /// [`IdentityError`]; a number without a country code is malformed, for
    /// it names a different telephone in every country.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let text = text.trim();
        if is_placeholder(text) {
            return Err(IdentityError::Blocked("phone number"));
        }
        if text.len() > 40 {
            return Err(IdentityError::TooLong("phone number", 40));
        }
        let digits: String = text
            .chars()
            .filter(|c| c.is_ascii_digit() || *c == '+')
            .collect();
        if !digits.starts_with('+') {
            return Err(IdentityError::Malformed("phone number"));
        }
        phonelib::normalize_phone_number(&digits)
            .map(Self)
            .ok_or(IdentityError::Malformed("phone number"))
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

/// A source's own id of something: `{source}:{shop}:{id}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ExternalId(String);

text_newtype!(ExternalId);

impl ExternalId {
    /// Puts the three parts together.
    ///
    /// # Errors
    ///
    /// [`IdentityError::Malformed`] when a part is empty or has a colon or
    /// white space in it; [`IdentityError::TooLong`] over 300 characters.
    pub fn new(source: &str, shop: &str, id: &str) -> Result<Self, IdentityError> {
        Self::parse(&format!("{source}:{shop}:{id}"))
    }

    /// Reads the long form.
    ///
    /// # Errors
    ///
    /// As [`ExternalId::new`].
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        if text.len() > 300 {
            return Err(IdentityError::TooLong("external id", 300));
        }
        let parts: Vec<_> = text.split(':').collect();
        let whole = |part: &&str| {
            !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control())
        };
        if parts.len() != 3 || !parts.iter().all(whole) {
            return Err(IdentityError::Malformed("external id"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The system it comes from, such as `shopify`.
    #[must_use]
    pub fn source(&self) -> &str {
        self.part(0)
    }

    /// The shop at that system.
    #[must_use]
    pub fn shop(&self) -> &str {
        self.part(1)
    }

    /// The id inside the shop.
    #[must_use]
    pub fn id(&self) -> &str {
        self.part(2)
    }

    /// Another thing's id at the same shop.
    ///
    /// # Errors
    ///
    /// As [`ExternalId::new`].
    pub fn beside(&self, id: &str) -> Result<Self, IdentityError> {
        Self::new(self.source(), self.shop(), id)
    }

    fn part(&self, n: usize) -> &str {
        self.0
            .split(':')
            .nth(n)
            .expect("three parts, checked when made")
    }
}

impl fmt::Display for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The random id of a node; a person is known by the id of its root node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NodeId(String);

text_newtype!(NodeId);

impl NodeId {
    /// Reads an id: 8 to 64 lower-case letters and digits.
    ///
    /// # Errors
    ///
    /// [`IdentityError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let plain = text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if !(8..=64).contains(&text.len()) || !plain {
            return Err(IdentityError::Malformed("customer id"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_blocked(text: &str) -> bool {
        matches!(Email::parse(text), Err(IdentityError::Blocked(_)))
    }

    #[test]
    fn zeros_and_dashes_are_nobodys_address_on_either_side() {
        for text in [
            "0@0",
            "-@-.-",
            "000@shop.example",
            "--@shop.example",
            "null@shop.example",
            "undefined@shop.example",
            "ada@0.0",
            "ada@-",
        ] {
            assert!(is_blocked(text), "{text}");
        }
        for text in [
            "007@shop.example",
            "a-0@shop.example",
            "ada@0-0.example",
            "nulla@none.example",
        ] {
            assert!(Email::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_was_taken_for_an_address_before_can_still_be_read() {
        let stored = serde_json::from_str::<Email>("\"0@shop.example\"");
        assert_eq!(stored.unwrap().as_str(), "0@shop.example");
        assert!(serde_json::from_str::<Email>("\"nobody\"").is_err());
    }
}
