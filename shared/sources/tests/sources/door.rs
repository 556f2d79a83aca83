//! Signatures: those that are right open the door, all others do not.

use crm_domain::identity::ExternalId;
use crm_sources::Dialect;
use crm_sources::door::{Refusal, Request, sign, verify};
use proptest::prelude::*;
use serde_json::Value;

use crate::common;

/// RFC 4231, test case 2: key `Jefe`.
const RFC_4231: &str = "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=";

#[test]
fn a_signature_is_the_one_of_the_standard() {
    assert_eq!(sign(b"Jefe", b"what do ya want for nothing?"), RFC_4231);
}

#[test]
fn known_signatures_get_their_known_verdicts() {
    let Some(data) = common::shopify_data() else {
        return;
    };
    let file = std::fs::read(data.join("hmac_vectors.json")).unwrap();
    let file: Value = serde_json::from_slice(&file).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 9);
    for vector in vectors {
        let text = |field: &str| vector[field].as_str().unwrap();
        let verdict = verify(
            [text("secret").as_bytes()],
            text("body").as_bytes(),
            text("header_x_shopify_hmac_sha256"),
        );
        assert_eq!(verdict, vector["valid"].as_bool().unwrap(), "{vector}");
    }
}

#[test]
fn no_secret_opens_no_door() {
    let signature = sign(b"", b"{}");
    assert!(!verify([], b"{}", &signature));
}

proptest! {
    #[test]
    fn any_changed_bit_of_body_secret_or_signature_is_refused(
        secret in proptest::collection::vec(any::<u8>(), 1..70),
        body in proptest::collection::vec(any::<u8>(), 1..200),
        place in any::<prop::sample::Index>(),
        bit in 0_u8..8,
    ) {
        let signature = sign(&secret, &body);
        prop_assert!(verify([&b"another"[..], &secret], &body, &signature));

        let flipped = |bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            let place = place.index(bytes.len());
            bytes[place] ^= 1 << bit;
            bytes
        };
        prop_assert!(!verify([&secret[..]], &flipped(&body), &signature));
        prop_assert!(!verify([&flipped(&secret)[..]], &body, &signature));
        if let Ok(changed) = String::from_utf8(flipped(signature.as_bytes())) {
            prop_assert!(!verify([&secret[..]], &body, &changed));
        }
    }

    #[test]
    fn whatever_headers_are_taken_in_make_sound_ids(
        values in proptest::collection::vec("[a-z]{0,4}[a-zA-Z0-9/._: é-]{0,8}", 10),
    ) {
        for dialect in [Dialect::Shopify, Dialect::Import] {
            let header = |name: &'static str| match name {
                "content-encoding" | "x-shopify-triggered-at" | "x-crm-triggered-at" => None,
                name if name.ends_with("topic") => Some("orders/create"),
                name => Some(values[name.len() % values.len()].as_str()),
            };
            let request = Request::open(dialect, header).unwrap();
            if let Ok(delivery) = request.delivery(b"{}".to_vec(), jiff::Timestamp::UNIX_EPOCH) {
                let id = ExternalId::new(&delivery.source, &delivery.shop, "1");
                prop_assert!(id.is_ok(), "{:?}", delivery);
            }
        }
    }
}

#[test]
fn every_refusal_is_a_4xx() {
    for refusal in [
        Refusal::UnknownSource,
        Refusal::Unsigned,
        Refusal::Forged,
        Refusal::Encoded,
        Refusal::Header("X-Crm-Shop"),
        Refusal::NotText,
        Refusal::TooLarge,
    ] {
        assert!((400..500).contains(&refusal.status()), "{refusal}");
    }
}
