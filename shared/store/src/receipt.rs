//! Receipts: what a request made, so that the same request makes nothing twice.
//!
//! A caller that heard no answer sends its request again with the same key.
//! The receipt is written in one transaction with what the request made.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::changes::{Changes, Expected};
use crate::error::StoreError;
use crate::item::{from_item, key_item, second, to_item};
use crate::keys;

/// What a request with a key of its caller's made. Holds digests only: a
/// caller may put anything into a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Digest of the caller and the key.
    pub key: String,
    /// Digest of what was asked for.
    pub request: String,
    /// Id of what was made.
    pub made: String,
    /// The second since 1970 from which the key may be used anew.
    pub expires_at: u64,
}

impl Receipt {
    /// How long a key is remembered.
    pub const KEPT: SignedDuration = SignedDuration::from_hours(24);

    /// A receipt given at `now`.
    #[must_use]
    pub fn new(key: String, request: String, made: String, now: Timestamp) -> Self {
        Self {
            key,
            request,
            made,
            expires_at: second(now.checked_add(Self::KEPT).unwrap_or(now)),
        }
    }
}

impl Changes {
    /// Gives a receipt, unless one is in force for its key at `now`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn receipt_put(&mut self, receipt: &Receipt, now: Timestamp) -> Result<(), StoreError> {
        let key = keys::receipt(&receipt.key);
        let item = to_item("receipt", &key, receipt)?;
        self.put(false, key, item, Expected::Expired(second(now)));
        Ok(())
    }
}

impl Store {
    /// The receipt in force for a key at `now`. The table deletes those
    /// whose time is over within days, not at once.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn receipt_fetch(
        &self,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<Receipt>, StoreError> {
        let answer = self
            .get_done(
                self.client
                    .get_item()
                    .table_name(&self.facts)
                    .set_key(Some(key_item(&keys::receipt(key))))
                    .consistent_read(true),
            )
            .await?;
        let receipt = answer.item.map(|item| from_item("receipt", item));
        let receipt: Option<Receipt> = receipt.transpose()?;
        Ok(receipt.filter(|receipt| receipt.expires_at > second(now)))
    }
}
