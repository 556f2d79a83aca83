//! Shared secrets, such as the key a shop signs its webhooks with.
//!
//! A secret being rotated has two values that are right: the current one and
//! the one before. They are fetched from Secrets Manager when needed and never
//! stand in the environment, which consoles and crash dumps show.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::SdkError;
use aws_sdk_secretsmanager::operation::get_secret_value::{
    GetSecretValueError, GetSecretValueOutput,
};
use aws_smithy_types::Blob;
use aws_types::SdkConfig;
use jiff::{SignedDuration, Timestamp};

/// How long fetched values are used without asking again.
const KEPT: SignedDuration = SignedDuration::from_mins(5);
/// How long a refresh has to be ago for another: a flood of forgeries must not
/// become a flood of calls.
const BETWEEN_REFRESHES: SignedDuration = SignedDuration::from_secs(30);

/// One value of a secret. `Debug` prints nothing of it.
///
/// Compare with it in constant time only.
#[derive(Clone)]
pub struct Secret(Arc<[u8]>);

impl Secret {
    /// The value's bytes.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl<T: Into<Arc<[u8]>>> From<T> for Secret {
    fn from(bytes: T) -> Self {
        Self(bytes.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Why a secret could not be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Throttled, timed out or a passing fault of the service. Try again later.
    #[error("the secret {secret_id} is unavailable")]
    Unavailable {
        /// The secret asked for.
        secret_id: String,
        /// What the SDK said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It does not exist, has no value, or may not be read: a matter of
    /// configuration, which trying again does not change.
    #[error("the secret {secret_id} cannot be read: check that it exists and the permission")]
    Refused {
        /// The secret asked for.
        secret_id: String,
        /// What the SDK said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl SecretError {
    /// Whether the same request may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}

/// Secrets by their id, fetched when first asked for and kept for five minutes.
pub struct Secrets {
    sdk: SdkConfig,
    /// Made when first needed: an AWS client costs as much as a bare function's start.
    client: OnceLock<Client>,
    kept: Mutex<HashMap<String, Kept>>,
}

/// Not the client: who knows what its connector prints.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

#[derive(Clone)]
struct Kept {
    values: Vec<Secret>,
    fetched_at: Timestamp,
}

impl Kept {
    /// A clock that went back makes it old, rather than young for ever.
    fn is_younger_than(&self, age: SignedDuration, now: Timestamp) -> bool {
        let fetched_ago = now.duration_since(self.fetched_at);
        !fetched_ago.is_negative() && fetched_ago < age
    }
}

impl Secrets {
    /// Secrets from the Secrets Manager that `sdk` reaches.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        Self {
            sdk: sdk.clone(),
            client: OnceLock::new(),
            kept: Mutex::default(),
        }
    }

    /// The values that are right as of `now`: the current one first, then the
    /// one before it if there is one. At most five minutes old.
    ///
    /// # Errors
    ///
    /// Any [`SecretError`].
    pub async fn accepted(
        &self,
        secret_id: &str,
        now: Timestamp,
    ) -> Result<Vec<Secret>, SecretError> {
        self.no_older_than(KEPT, secret_id, now).await
    }

    /// As [`accepted`](Self::accepted), for a caller whom those values did not
    /// satisfy: the secret may just have changed. At most 30 seconds old.
    ///
    /// # Errors
    ///
    /// Any [`SecretError`].
    pub async fn refresh(
        &self,
        secret_id: &str,
        now: Timestamp,
    ) -> Result<Vec<Secret>, SecretError> {
        self.no_older_than(BETWEEN_REFRESHES, secret_id, now).await
    }

    async fn no_older_than(
        &self,
        age: SignedDuration,
        secret_id: &str,
        now: Timestamp,
    ) -> Result<Vec<Secret>, SecretError> {
        let kept = self.kept().get(secret_id).cloned();
        if let Some(kept) = kept.filter(|kept| kept.is_younger_than(age, now)) {
            return Ok(kept.values);
        }
        let values = self.fetch(secret_id).await?;
        let kept = Kept {
            values: values.clone(),
            fetched_at: now,
        };
        self.kept().insert(secret_id.to_owned(), kept);
        Ok(values)
    }

    async fn fetch(&self, secret_id: &str) -> Result<Vec<Secret>, SecretError> {
        let mut values = vec![self.value(secret_id, "AWSCURRENT").await?];
        match self.value(secret_id, "AWSPREVIOUS").await {
            Ok(previous) => values.push(previous),
            // Never rotated yet, so there is none before.
            Err(SecretError::Refused { source, .. }) if is_not_found(source.as_ref()) => {}
            Err(error) => return Err(error),
        }
        Ok(values)
    }

    async fn value(&self, secret_id: &str, stage: &str) -> Result<Secret, SecretError> {
        let client = self.client.get_or_init(|| Client::new(&self.sdk));
        client
            .get_secret_value()
            .secret_id(secret_id)
            .version_stage(stage)
            .send()
            .await
            .map_err(|error| sorted(secret_id, error))
            .and_then(|output| bytes(secret_id, output))
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<String, Kept>> {
        // Nothing panics between two states of the map.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("it has no value")]
struct NoValue;

fn bytes(secret_id: &str, output: GetSecretValueOutput) -> Result<Secret, SecretError> {
    let text = output.secret_string.map(String::into_bytes);
    let bytes = text.or(output.secret_binary.map(Blob::into_inner));
    match bytes {
        Some(bytes) if !bytes.is_empty() => Ok(Secret::from(bytes)),
        // An empty key would make every signature easy to forge.
        _ => Err(SecretError::Refused {
            secret_id: secret_id.to_owned(),
            source: Box::new(NoValue),
        }),
    }
}

fn is_not_found(error: &(dyn std::error::Error + 'static)) -> bool {
    error
        .downcast_ref::<SdkError<GetSecretValueError>>()
        .and_then(SdkError::as_service_error)
        .is_some_and(GetSecretValueError::is_resource_not_found_exception)
}

fn sorted(secret_id: &str, error: SdkError<GetSecretValueError>) -> SecretError {
    let secret_id = secret_id.to_owned();
    let source = Box::new(error);
    if is_refusal(&source) {
        SecretError::Refused { secret_id, source }
    } else {
        SecretError::Unavailable { secret_id, source }
    }
}

/// Whether the service said no, rather than nothing or "not now".
fn is_refusal(error: &SdkError<GetSecretValueError>) -> bool {
    let Some(service_error) = error.as_service_error() else {
        return matches!(error, SdkError::ConstructionFailure(_));
    };
    let status = error
        .raw_response()
        .map_or(500, |raw| raw.status().as_u16());
    let throttled = service_error.meta().code() == Some("ThrottlingException");
    (400..500).contains(&status) && status != 429 && !throttled
}
