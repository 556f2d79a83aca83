//! AWS clients that start in a hundredth of the work of the default ones.
//!
//! No discovery: in Lambda the region and the credentials are environment
//! variables. No native root store and no aws-lc: see [`crate::roots`]. One
//! HTTP client, so that all clients of a function share its connections.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, TlsContext, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;

use crate::{VariableError, Variables, roots};

/// The configuration every AWS client of a function is made from.
///
/// Region from `AWS_REGION`, credentials from `AWS_ACCESS_KEY_ID`,
/// `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN` (Lambda starts a new process
/// for new ones), every service at `AWS_ENDPOINT_URL` where that is set (plain
/// `http` too), trusted roots from `AWS_CA_BUNDLE` where that is set.
///
/// A call is tried 3 times at most, with jittered, growing pauses; it gives up
/// connecting after 1 s, an attempt after 5 s and altogether after 12 s.
///
/// # Errors
///
/// [`VariableError`], naming the variable.
pub fn sdk_config(variables: &Variables) -> Result<SdkConfig, VariableError> {
    let region = variables.required("AWS_REGION")?.to_owned();
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(region))
        .credentials_provider(credentials(variables)?)
        .http_client(http_client(variables)?)
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .retry_config(retries())
        .timeout_config(timeouts())
        // Watches slow downloads; our answers are small and an attempt has its own limit.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    config.set_endpoint_url(variables.optional("AWS_ENDPOINT_URL").map(str::to_owned));
    Ok(config.build())
}

fn credentials(variables: &Variables) -> Result<SharedCredentialsProvider, VariableError> {
    let credentials = Credentials::new(
        variables.required("AWS_ACCESS_KEY_ID")?,
        variables.required("AWS_SECRET_ACCESS_KEY")?,
        variables.optional("AWS_SESSION_TOKEN").map(str::to_owned),
        None,
        "environment",
    );
    Ok(SharedCredentialsProvider::new(credentials))
}

fn http_client(variables: &Variables) -> Result<SharedHttpClient, VariableError> {
    let tls = TlsContext::builder()
        .with_trust_store(roots::trusted(variables)?)
        .build()
        .expect("a trust store is all that a TLS context is made of");
    let client = Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(tls)
        .build_https();
    Ok(SharedHttpClient::new(ReadyWhenCalled(client)))
}

/// An HTTP client that reads its roots at the first call, not when an AWS
/// client is made: a sixth of a function's start, and nothing for a function
/// that ends up not calling. It is its own check, so the one that an AWS
/// client would make of it is left out.
#[derive(Debug)]
struct ReadyWhenCalled(SharedHttpClient);

impl HttpClient for ReadyWhenCalled {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.0.http_connector(settings, components)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.0.connector_metadata()
    }
}

fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(Duration::from_millis(100))
        .with_max_backoff(Duration::from_secs(2))
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(5))
        .operation_timeout(Duration::from_secs(12))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAMBDA: [(&str, &str); 4] = [
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "AKIAADA"),
        ("AWS_SECRET_ACCESS_KEY", "adas-secret"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),
    ];

    fn variables(without: &str) -> Variables {
        LAMBDA
            .into_iter()
            .filter(|(name, _)| *name != without)
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    #[test]
    fn what_lambda_sets_is_what_the_clients_use() {
        let config = sdk_config(&variables("")).unwrap();
        assert_eq!(config.region().map(AsRef::as_ref), Some("eu-central-1"));
        assert_eq!(config.endpoint_url(), Some("http://127.0.0.1:4566"));
        assert!(config.http_client().is_some());
        let config = sdk_config(&variables("AWS_ENDPOINT_URL")).unwrap();
        assert_eq!(config.endpoint_url(), None);
    }

    #[test]
    fn a_missing_setting_is_named() {
        for name in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            let error = sdk_config(&variables(name)).unwrap_err();
            assert_eq!(error, VariableError::Missing { name });
        }
    }

    #[test]
    fn a_call_always_ends() {
        let config = sdk_config(&variables("")).unwrap();
        let timeouts = config.timeout_config().unwrap();
        assert!(timeouts.connect_timeout() < timeouts.operation_attempt_timeout());
        assert!(timeouts.operation_attempt_timeout() < timeouts.operation_timeout());
        let retries = config.retry_config().unwrap();
        assert_eq!(retries.max_attempts(), 3);
        assert!(!retries.use_static_exponential_base());
    }

    #[test]
    fn the_secret_key_is_never_printed() {
        let config = sdk_config(&variables("")).unwrap();
        assert!(!format!("{config:?}").contains("adas-secret"));
    }
}
