//! Requests that are made once however often they are sent.
//!
//! A caller gives a key of its own; what the request made is remembered under
//! it for a day, in the transaction that made it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crm_store::{Changes, Receipt, Store, StoreError};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::problem::{Problem, Trouble};
use crate::request::Request;

/// Most characters of a key.
pub(crate) const MOST_CHARACTERS: usize = 255;

/// A caller's own key for a request, which makes it safe to send again.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OnceKey(String);

impl OnceKey {
    /// The key of a request that has one. It is the caller's own, and good
    /// for one kind of request: the same key of somebody else, or for
    /// something else, is another.
    pub(crate) fn of(request: Request<'_>, kind: &str) -> Result<Option<Self>, Problem> {
        let key = request.header("Idempotency-Key")?;
        key.map(|key| Self::new(kind, request.caller(), key))
            .transpose()
    }

    fn new(kind: &str, caller: &str, key: &str) -> Result<Self, Problem> {
        let limit = "must have from 1 to 255 visible ASCII characters";
        let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
        if !visible || !(1..=MOST_CHARACTERS).contains(&key.len()) {
            return Err(Problem::field("Idempotency-Key", limit));
        }
        Ok(Self(digest([kind, caller, key].map(str::to_owned))))
    }

    /// What the request with this key made when it came before.
    pub(crate) async fn made(
        &self,
        store: &Store,
        request: &str,
        now: Timestamp,
    ) -> Result<Option<String>, Trouble> {
        let Some(receipt) = store.receipt_fetch(&self.0, now).await? else {
            return Ok(None);
        };
        if receipt.request != request {
            let limit = "was used for another request in the last 24 hours";
            return Err(Problem::conflict("Idempotency-Key", limit).into());
        }
        Ok(Some(receipt.made))
    }

    /// Remembers, in the same commit, what the request makes.
    pub(crate) fn remember(
        &self,
        changes: &mut Changes,
        request: &str,
        made: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let receipt = Receipt::new(self.0.clone(), request.to_owned(), made.to_owned(), now);
        changes.receipt_put(&receipt, now)
    }
}

/// SHA-256 over the parts, each with its length before it, in base64.
pub(crate) fn digest<const N: usize>(parts: [String; N]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_belongs_to_its_caller() {
        let key = |caller, key| OnceKey::new("case", caller, key).unwrap();
        assert_eq!(key("ada", "1"), key("ada", "1"));
        assert_ne!(key("ada", "1"), key("bo", "1"));
        assert_ne!(key("ada", "11"), key("ada1", "1"));
        let for_a_run = OnceKey::new("run", "ada", "1").unwrap();
        assert_ne!(key("ada", "1"), for_a_run);
    }

    #[test]
    fn a_key_is_short_and_visible() {
        for text in ["", "a b", "ä", &"x".repeat(256)] {
            let problem = OnceKey::new("case", "ada", text).unwrap_err();
            assert_eq!(problem.field.as_deref(), Some("Idempotency-Key"));
        }
        assert!(OnceKey::new("case", "ada", &"x".repeat(255)).is_ok());
    }
}
