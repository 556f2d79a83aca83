//! How much of a kind one person may have (DOMAIN section 7).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{InvalidSetting, check};

/// Most of a kind there can be: that many profiles a person has.
const MOST: u8 = 40;

/// Beyond these a join is suggested and never made by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct IdentityLimits {
    /// Customer ids of one shop.
    #[schemars(range(min = 1, max = MOST))]
    pub ids_per_shop: u8,
    /// E-mail addresses.
    #[schemars(range(min = 1, max = MOST))]
    pub emails: u8,
    /// Telephones.
    #[schemars(range(min = 1, max = MOST))]
    pub phones: u8,
    /// Names at postal addresses.
    #[schemars(range(min = 1, max = MOST))]
    pub addresses: u8,
}

impl Default for IdentityLimits {
    fn default() -> Self {
        Self {
            ids_per_shop: 1,
            emails: 5,
            phones: 5,
            addresses: 5,
        }
    }
}

impl IdentityLimits {
    /// Whether each limit is from 1 to 40, the most profiles of a person.
    ///
    /// # Errors
    ///
    /// [`InvalidSetting`].
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        let all = [
            ("ids_per_shop", self.ids_per_shop),
            ("emails", self.emails),
            ("phones", self.phones),
            ("addresses", self.addresses),
        ];
        for (name, limit) in all {
            let field = format!("identity.{name}");
            check((1..=MOST).contains(&limit), &field, "must be from 1 to 40")?;
        }
        Ok(())
    }
}
