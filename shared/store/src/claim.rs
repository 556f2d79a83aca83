//! Claims: which node an identifier belongs to.

use crm_domain::identity::{Email, ExternalId, NodeId};
use serde::{Deserialize, Serialize};

use crate::changes::{Changes, Expected};
use crate::error::StoreError;
use crate::item::to_item;
use crate::keys::{self, Key};

/// An identifier that only one node may hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Claim {
    /// A source's customer id.
    Id(ExternalId),
    /// An e-mail address.
    Email(Email),
}

impl Claim {
    /// The key it is stored under.
    #[must_use]
    pub fn key(&self) -> Key {
        match self {
            Self::Id(id) => keys::claim_id(id),
            Self::Email(email) => keys::claim_email(email),
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct ClaimItem {
    pub(crate) node: NodeId,
}

impl Changes {
    /// Claims an identifier for a node, if nobody holds it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn claim(&mut self, claim: &Claim, node: &NodeId) -> Result<(), StoreError> {
        let key = claim.key();
        let item = to_item("claim", &key, &ClaimItem { node: node.clone() })?;
        self.put(true, key, item, Expected::Absent);
        Ok(())
    }

    /// Hands an identifier from one node to another, if the first holds it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn claim_move(
        &mut self,
        claim: &Claim,
        from: &NodeId,
        to: &NodeId,
    ) -> Result<(), StoreError> {
        let key = claim.key();
        let item = to_item("claim", &key, &ClaimItem { node: to.clone() })?;
        let owner = Expected::Owner(from.as_str().to_owned());
        self.put(true, key, item, owner);
        Ok(())
    }

    /// Gives an identifier up, if the node holds it.
    pub fn release(&mut self, claim: &Claim, node: &NodeId) {
        let owner = Expected::Owner(node.as_str().to_owned());
        self.delete(true, claim.key(), owner);
    }
}
