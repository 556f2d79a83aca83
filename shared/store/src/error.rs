//! What can go wrong with a table, by what a caller can do about it.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// A failed read or write.
///
/// Callers need two facts only: is it worth trying again, and if not, is it
/// our data or our code. The SDK's error stays reachable through `source()`.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Throttled, timed out or a passing fault of the service. Try again later.
    #[error("the table is unavailable ({operation})")]
    Unavailable {
        /// The SDK operation, such as `TransactWriteItems`.
        operation: &'static str,
        /// What the SDK said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The service refused the request as malformed or forbidden. A bug or a
    /// missing permission: trying again cannot help.
    #[error("the table refused {operation} ({code})")]
    Refused {
        /// The SDK operation.
        operation: &'static str,
        /// The service's error code.
        code: String,
        /// What the SDK said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An item does not have the shape this version of the code knows. What
    /// serde says of it is left out: it may quote a value of the item.
    #[error("the {item} item has the wrong shape")]
    Malformed {
        /// Which kind of item, never its content.
        item: &'static str,
    },
    /// The same items kept changing under every attempt. Try again later.
    #[error("too many changes at once: gave up after {attempts} attempts")]
    Contended {
        /// How often it was tried.
        attempts: u32,
    },
}

impl StoreError {
    /// Whether the same request may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Contended { .. })
    }

    pub(crate) fn from_sdk<E>(operation: &'static str, error: SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let code = error.code().unwrap_or_default().to_owned();
        let ours = matches!(
            code.as_str(),
            "ValidationException"
                | "AccessDeniedException"
                | "ResourceNotFoundException"
                | "UnrecognizedClientException"
                | "SerializationException"
                | "IdempotentParameterMismatchException"
                | "UnknownOperationException"
        );
        let source = Box::new(error);
        if ours {
            Self::Refused {
                operation,
                code,
                source,
            }
        } else {
            Self::Unavailable { operation, source }
        }
    }
}
