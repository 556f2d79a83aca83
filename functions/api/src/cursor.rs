//! Where the next page of a list begins, in a form callers keep and hand back.
//!
//! A cursor is encrypted and authenticated under a key of the deployment, and
//! bound to its list and its filter: nobody can read a place out of it (some
//! hold ids and times of people), make one, or alter one. It has no other
//! life than its key: of a secret that is rotated, the value before stays
//! good, and one further back ends the lists that were being read.
//!
//! The key is fetched when a cursor is sealed or opened, and at no other time:
//! most requests have none. The same place is the same cursor, for its nonce is
//! a keyed digest of list and place (as in RFC 8452): there is no randomness to
//! run out of, and no nonce that two places share but by accident, of which
//! there is less than one in a billion after 2^33 cursors.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crm_lambda::{SdkConfig, Secret, SecretError, Secrets};
use jiff::Timestamp;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::{hkdf, hmac};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::problem::{Problem, Trouble};

/// Far longer than any cursor of ours.
pub(crate) const MOST_CHARACTERS: usize = 2048;

/// Seals and opens cursors.
#[derive(Debug)]
pub(crate) struct Cursors {
    secrets: Secrets,
    key_id: String,
}

impl Cursors {
    /// By the secret of that id.
    pub(crate) fn new(sdk: &SdkConfig, key_id: &str) -> Self {
        Self {
            secrets: Secrets::new(sdk),
            key_id: key_id.to_owned(),
        }
    }

    /// A cursor for a place in a list.
    pub(crate) async fn seal<T: Serialize>(
        &self,
        list: &str,
        place: &T,
        now: Timestamp,
    ) -> Result<String, SecretError> {
        let place = serde_json::to_vec(place).expect("a place is plain data");
        let secrets = self.secrets.accepted(&self.key_id, now).await?;
        Ok(Key::of(&secrets[0]).seal(list, place))
    }

    /// The place in a cursor that the parameter `field` holds.
    pub(crate) async fn open<T: DeserializeOwned>(
        &self,
        field: &str,
        list: &str,
        cursor: &str,
        now: Timestamp,
    ) -> Result<T, Trouble> {
        let place = self.opened(list, cursor, now).await?;
        let place = place.and_then(|place| serde_json::from_slice(&place).ok());
        let wrong = || Problem::field(field, "must be a cursor that this list gave");
        Ok(place.ok_or_else(wrong)?)
    }

    async fn opened(
        &self,
        list: &str,
        cursor: &str,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, SecretError> {
        if cursor.len() > MOST_CHARACTERS {
            return Ok(None);
        }
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(cursor) else {
            return Ok(None);
        };
        let known = self.secrets.accepted(&self.key_id, now).await?;
        let place = opened_by(&known, list, &bytes);
        if place.is_some() {
            return Ok(place);
        }
        // Another instance may know of a rotation already.
        let fresh = self.secrets.refresh(&self.key_id, now).await?;
        Ok(opened_by(&fresh, list, &bytes))
    }
}

fn opened_by(secrets: &[Secret], list: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut keys = secrets.iter().map(Key::of);
    keys.find_map(|key| key.open(list, bytes))
}

/// What is made of one value of the secret.
struct Key {
    seal: LessSafeKey,
    nonce: hmac::Key,
}

impl Key {
    fn of(secret: &Secret) -> Self {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"cursor");
        let secret = salt.extract(secret.expose());
        let fits = "the lengths are those of the algorithms";
        let seal = secret.expand(&[b"seal"], &CHACHA20_POLY1305).expect(fits);
        let nonce = secret.expand(&[b"nonce"], hmac::HMAC_SHA256).expect(fits);
        Self {
            seal: LessSafeKey::new(UnboundKey::from(seal)),
            nonce: hmac::Key::from(nonce),
        }
    }

    fn seal(&self, list: &str, mut place: Vec<u8>) -> String {
        let nonce = self.nonce(list, &place);
        let bound = Aad::from(list.as_bytes());
        self.seal
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound, &mut place)
            .expect("a place is short");
        let mut bytes = nonce.to_vec();
        bytes.append(&mut place);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn open(&self, list: &str, bytes: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>()?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let mut sealed = sealed.to_vec();
        let bound = Aad::from(list.as_bytes());
        let place = self.seal.open_in_place(nonce, bound, &mut sealed).ok()?;
        Some(place.to_vec())
    }

    fn nonce(&self, list: &str, place: &[u8]) -> [u8; NONCE_LEN] {
        let mut digest = hmac::Context::with_key(&self.nonce);
        digest.update(&list.len().to_be_bytes());
        digest.update(list.as_bytes());
        digest.update(place);
        let digest = digest.sign();
        std::array::from_fn(|at| digest.as_ref()[at])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(secret: &str) -> Key {
        Key::of(&Secret::from(secret.as_bytes().to_vec()))
    }

    fn seal(list: &str, place: &str) -> String {
        key("one").seal(list, place.as_bytes().to_vec())
    }

    fn opened(list: &str, cursor: &str) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let place = key("one").open(list, &bytes)?;
        Some(String::from_utf8(place).unwrap())
    }

    #[test]
    fn a_cursor_opens_for_its_own_list_only() {
        let cursor = seal("segment:VIP", "abcdefgh");
        assert_eq!(opened("segment:VIP", &cursor).as_deref(), Some("abcdefgh"));
        assert_eq!(opened("segment:New", &cursor), None);
        assert_eq!(opened("", &cursor), None);
    }

    #[test]
    fn a_cursor_altered_at_any_place_is_refused() {
        let cursor = seal("segment:VIP", "abcdefgh");
        for at in 0..cursor.len() {
            for other in ["A", "B", "_", "=", "!"] {
                let mut altered = cursor.clone();
                altered.replace_range(at..=at, other);
                if altered != cursor {
                    assert_eq!(opened("segment:VIP", &altered), None, "{altered}");
                }
            }
        }
        assert_eq!(opened("segment:VIP", &cursor[..cursor.len() - 1]), None);
    }

    #[test]
    fn what_was_sealed_by_either_of_two_secrets_opens() {
        let secrets = ["new", "old"].map(|text| Secret::from(text.as_bytes().to_vec()));
        for (secret, opens) in [("new", true), ("old", true), ("older", false)] {
            let cursor = key(secret).seal("list", b"place".to_vec());
            let bytes = URL_SAFE_NO_PAD.decode(cursor).unwrap();
            let place = opened_by(&secrets, "list", &bytes);
            assert_eq!(place.is_some(), opens, "{secret}");
        }
    }

    #[test]
    fn nothing_of_a_place_can_be_read_from_its_cursor() {
        let cursor = seal("history", "ada@example.com");
        let bytes = URL_SAFE_NO_PAD.decode(&cursor).unwrap();
        assert!(!bytes.windows(3).any(|three| {
            "ada@example.com"
                .as_bytes()
                .windows(3)
                .any(|own| own == three)
        }));
        // The same place is the same cursor, and another one is another.
        assert_eq!(seal("history", "ada@example.com"), cursor);
        assert_ne!(seal("history", "ada@example.con")[..16], cursor[..16]);
        assert_ne!(seal("historz", "ada@example.com")[..16], cursor[..16]);
    }

    proptest! {
        #[test]
        fn whatever_is_sealed_opens_again(list in ".{0,20}", place in ".{0,60}") {
            let cursor = seal(&list, &place);
            prop_assert_eq!(opened(&list, &cursor), Some(place));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,100}") {
            prop_assert_eq!(opened("segment:VIP", &text), None);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            prop_assert_eq!(key("one").open("segment:VIP", &bytes), None);
        }
    }
}
