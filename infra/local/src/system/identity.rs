//! Tokens of the roles and secrets of the webhooks: made once, then the same at every start.

use std::collections::BTreeMap;
use std::fmt;

use crm_lambda::Random;
use serde::{Deserialize, Serialize};

use crate::gateway::{ROLES, Tokens};
use crate::template::Wiring;

/// Who may come in, and with what webhooks are signed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    tokens: BTreeMap<String, String>,
    secrets: BTreeMap<String, String>,
}

impl Identity {
    /// New tokens, and new secrets for those `wiring` has.
    #[must_use]
    pub fn new(wiring: &Wiring, random: &mut Random) -> Self {
        let mut identity = Self {
            tokens: ROLES.map(|role| (role.to_owned(), random.id())).into(),
            secrets: BTreeMap::new(),
        };
        identity.complete(wiring, random);
        identity
    }

    /// Makes the secrets that `wiring` has and that are not there yet; tells whether there were any.
    pub(super) fn complete(&mut self, wiring: &Wiring, random: &mut Random) -> bool {
        let known = self.secrets.len();
        for name in &wiring.secrets {
            let secrets = &mut self.secrets;
            let new = || format!("{}{}", random.id(), random.id());
            secrets.entry(name.clone()).or_insert_with(new);
        }
        self.secrets.len() > known
    }

    /// The bearer token of a role.
    #[must_use]
    pub fn token(&self, role: &str) -> Option<&str> {
        self.tokens.get(role).map(String::as_str)
    }

    /// Every role's token.
    #[must_use]
    pub fn tokens(&self) -> Tokens {
        Tokens::new(self.tokens.clone())
    }

    /// Secrets by the name they have in the template.
    pub fn secrets(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.secrets.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Secrets of the webhooks by source: `shopify` for the template's `ShopifySecret`.
    #[must_use]
    pub fn webhook_secrets(&self) -> BTreeMap<String, String> {
        let by_source = self.secrets().filter_map(|(name, value)| {
            let source = name.strip_suffix("Secret")?;
            Some((source.to_lowercase(), value.to_owned()))
        });
        by_source.collect()
    }

    /// Tokens by role.
    #[must_use]
    pub fn by_role(&self) -> &BTreeMap<String, String> {
        &self.tokens
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}
