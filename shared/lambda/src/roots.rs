//! Who may vouch for an AWS endpoint: Amazon's own five roots and nobody else.
//!
//! Every AWS service endpoint presents a certificate of Amazon Trust Services,
//! which asks that custom trust stores hold all five of these
//! (<https://www.amazontrust.com/repository/>; the tests pin each by its
//! SHA-256). Parsing five certificates instead of the system's 150 is most of
//! a fast first call.
//!
//! Where something else must be trusted (an inspecting proxy, a test server, a
//! root that Amazon adds before this file does), set `AWS_CA_BUNDLE` to a PEM
//! file: its certificates are then trusted *instead of* these, as the AWS
//! command line does.

use aws_smithy_http_client::tls::TrustStore;

use crate::{VariableError, Variables};

const AMAZON: [&str; 5] = [
    include_str!("../roots/amazon-root-ca-1.pem"),
    include_str!("../roots/amazon-root-ca-2.pem"),
    include_str!("../roots/amazon-root-ca-3.pem"),
    include_str!("../roots/amazon-root-ca-4.pem"),
    include_str!("../roots/starfield-services-root-g2.pem"),
];

const UNUSABLE_BUNDLE: VariableError = VariableError::Invalid {
    name: "AWS_CA_BUNDLE",
    expected: "the path of a readable PEM file with at least one certificate",
};

/// The certificates to trust: those in the file `AWS_CA_BUNDLE` names, else Amazon's.
///
/// # Errors
///
/// [`VariableError::Invalid`] when that file cannot be read or holds no certificate.
pub(crate) fn trusted(variables: &Variables) -> Result<TrustStore, VariableError> {
    let Some(path) = variables.optional("AWS_CA_BUNDLE") else {
        return Ok(AMAZON.iter().fold(TrustStore::empty(), |store, pem| {
            store.with_pem_certificate(*pem)
        }));
    };
    let bundle = std::fs::read_to_string(path).map_err(|_| UNUSABLE_BUNDLE)?;
    if !bundle.contains("-----BEGIN CERTIFICATE-----") {
        return Err(UNUSABLE_BUNDLE);
    }
    Ok(TrustStore::empty().with_pem_certificate(bundle))
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use jiff::{Timestamp, ToSpan, civil::DateTime, tz::TimeZone};
    use sha2::{Digest, Sha256};

    use super::*;

    /// SHA-256 of each certificate, in the order of [`AMAZON`]; their keys' hashes
    /// are those that the Amazon Trust Services repository publishes.
    const PUBLISHED: [&str; 5] = [
        "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
        "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
        "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
        "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
        "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
    ];

    fn der(pem: &str) -> Vec<u8> {
        let body: String = pem
            .lines()
            .filter(|line| !line.starts_with("---"))
            .collect();
        STANDARD.decode(body).unwrap()
    }

    fn hex(bytes: &[u8]) -> String {
        bytes
            .iter()
            .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
    }

    /// When a certificate runs out: the second of the two `UTCTime`s (tag 0x17, 13
    /// bytes) of its validity, a sequence (tag 0x30) of 30 bytes. RFC 5280, 4.1.2.5.
    fn not_after(der: &[u8]) -> Timestamp {
        let validity = der
            .windows(32)
            .find(|bytes| bytes[..4] == [0x30, 30, 0x17, 13] && bytes[17..19] == [0x17, 13])
            .unwrap();
        let text = std::str::from_utf8(&validity[19..32]).unwrap();
        DateTime::strptime("%y%m%d%H%M%SZ", text)
            .unwrap()
            .to_zoned(TimeZone::UTC)
            .unwrap()
            .timestamp()
    }

    #[test]
    fn exactly_amazons_five_roots_are_trusted() {
        let found = AMAZON.map(|pem| hex(&Sha256::digest(der(pem))));
        assert_eq!(found, PUBLISHED);
        let store = format!("{:?}", trusted(&Variables::from_iter([])).unwrap());
        assert!(store.contains("enable_native_roots: false"));
        assert_eq!(store.matches("CertificatePEM").count(), 5);
    }

    #[test]
    fn no_root_runs_out_within_two_years() {
        let in_two_years = Timestamp::now() + (2 * 366 * 24).hours();
        for pem in AMAZON {
            assert!(not_after(&der(pem)) > in_two_years);
        }
    }

    #[test]
    fn browsers_still_trust_every_one_of_them() {
        for pem in AMAZON {
            let der = der(pem);
            let known = webpki_root_certs::TLS_SERVER_ROOT_CERTS;
            assert!(known.iter().any(|root| root.as_ref() == der));
        }
    }

    #[test]
    fn a_bundle_that_cannot_be_used_is_named() {
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        for path in ["/nowhere/bundle.pem", manifest] {
            let set = ("AWS_CA_BUNDLE".to_owned(), path.to_owned());
            let error = trusted(&Variables::from_iter([set])).unwrap_err();
            assert_eq!(error, UNUSABLE_BUNDLE);
        }
    }

    #[test]
    fn a_bundle_is_trusted_instead() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/roots/amazon-root-ca-3.pem");
        let set = ("AWS_CA_BUNDLE".to_owned(), path.to_owned());
        let store = trusted(&Variables::from_iter([set])).unwrap();
        assert_eq!(format!("{store:?}").matches("CertificatePEM").count(), 1);
    }
}
