//! Knows again who was forgotten, without keeping who they were.
//!
//! Where an identifier's claim stood, a tombstone stands under a keyed digest
//! of it. The key is a secret that is not in the tables: whoever has the
//! tables alone cannot try out identifiers.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crm_domain::identity::ExternalId;
use crm_domain::privacy::PrivacyNews;
use crm_lambda::{SdkConfig, Secret, SecretError, Secrets};
use crm_store::{Claim, Consistency, Store, Tombstone, Wanted};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use crate::UpsertError;

/// What a tombstone may stand for.
#[derive(Clone, Copy)]
pub(crate) enum Mark<'a> {
    /// An identifier of theirs.
    Claim(&'a Claim),
    /// An order of theirs that was not known when they were forgotten.
    Order(&'a ExternalId),
}

impl Mark<'_> {
    fn text(self) -> String {
        match self {
            Self::Claim(claim) => claim.key().pk,
            Self::Order(id) => format!("O#{id}"),
        }
    }
}

/// The key, fetched when it is first needed: for a customer nobody knows.
#[derive(Debug)]
pub(crate) struct Tombs {
    secrets: Secrets,
    key_id: String,
}

impl Tombs {
    pub(crate) fn new(sdk: &SdkConfig, key_id: &str) -> Self {
        Self {
            secrets: Secrets::new(sdk),
            key_id: key_id.to_owned(),
        }
    }

    /// The tombstone of a mark. Read strongly: a claim that is just gone and
    /// a tombstone not seen yet would make a new customer of who was forgotten.
    pub(crate) async fn find(
        &self,
        store: &Store,
        mark: Mark<'_>,
        now: Timestamp,
    ) -> Result<Option<Tombstone>, UpsertError> {
        let digests = self.digests(&mark.text(), now).await?;
        let mut wanted = Wanted::default();
        for digest in &digests {
            wanted.tombstone(digest);
        }
        let loaded = store.load(&wanted, Consistency::Strong).await?;
        for digest in &digests {
            if let Some(stone) = loaded.tombstone(digest)? {
                return Ok(Some(stone));
            }
        }
        Ok(None)
    }

    /// Under what a mark's tombstone is written.
    pub(crate) async fn digest(
        &self,
        mark: Mark<'_>,
        now: Timestamp,
    ) -> Result<String, SecretError> {
        let mut digests = self.digests(&mark.text(), now).await?;
        Ok(digests.swap_remove(0))
    }

    /// The id of a request: the same for each delivery of it, and telling
    /// nobody whom it is about.
    pub(crate) async fn request_id(
        &self,
        news: &PrivacyNews,
        now: Timestamp,
    ) -> Result<String, SecretError> {
        let (source, shop) = news.asked.shop();
        let customer = news.asked.customer().map_or("", |id| id.as_str());
        let kind = news.asked.kind().name();
        let text = format!(
            "V#{kind}#{source}#{shop}#{customer}#{}#{}",
            news.token, news.at
        );
        let mut digests = self.digests(&text, now).await?;
        digests[0].truncate(32);
        Ok(digests.swap_remove(0))
    }

    /// What makes digests, by the present key and the one before.
    pub(crate) async fn digester(&self, now: Timestamp) -> Result<Digester, SecretError> {
        Ok(Digester(self.secrets.accepted(&self.key_id, now).await?))
    }

    /// Keyed digests of a text, under the present key and then the one before.
    async fn digests(&self, text: &str, now: Timestamp) -> Result<Vec<String>, SecretError> {
        let keys = self.secrets.accepted(&self.key_id, now).await?;
        Ok(keys.iter().map(|key| digest(key.expose(), text)).collect())
    }
}

/// The keys, to make many digests with.
pub(crate) struct Digester(Vec<Secret>);

impl Digester {
    /// Under what a text is kept.
    pub(crate) fn digest(&self, text: &str) -> Option<String> {
        self.0.first().map(|key| digest(key.expose(), text))
    }

    /// Whether a text is kept under any of the keys.
    pub(crate) fn is_in(&self, text: &str, digests: &BTreeSet<String>) -> bool {
        let mut keys = self.0.iter();
        keys.any(|key| digests.contains(&digest(key.expose(), text)))
    }
}

fn digest(key: &[u8], text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
    mac.update(text.as_bytes());
    let bytes = mac.finalize().into_bytes();
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("writing to a text cannot fail");
        hex
    })
}
