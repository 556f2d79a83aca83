//! A signature: base64 of HMAC-SHA256 over the raw bytes.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Whether `signature` is one of the secrets' over `body`.
///
/// Compared in constant time. While a secret is being changed both the new and
/// the old one are right, so there may be several.
#[must_use]
pub fn verify<'s>(
    secrets: impl IntoIterator<Item = &'s [u8]>,
    body: &[u8],
    signature: &str,
) -> bool {
    // 32 bytes are 44 characters; anything else cannot be one.
    let mut claimed = [0; 33];
    let Ok(32) = BASE64_STANDARD.decode_slice(signature, &mut claimed) else {
        return false;
    };
    secrets.into_iter().any(|secret| {
        let mac = keyed(secret).chain_update(body);
        mac.verify_slice(&claimed[..32]).is_ok()
    })
}

/// The signature of `body` with `secret`, as the sender makes it.
#[must_use]
pub fn sign(secret: &[u8], body: &[u8]) -> String {
    BASE64_STANDARD.encode(keyed(secret).chain_update(body).finalize().into_bytes())
}

fn keyed(secret: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(secret).expect("HMAC takes a key of any length")
}
