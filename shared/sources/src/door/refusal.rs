//! Why a request is not taken in, and the answer it gets.

/// Why a request is not taken in. Never names a value of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No source of that name.
    #[error("no such source")]
    UnknownSource,
    /// No signature.
    #[error("the request is not signed")]
    Unsigned,
    /// The signature is not one of ours over these bytes.
    #[error("the signature does not match")]
    Forged,
    /// The body is compressed.
    #[error("the body must not be compressed: send no Content-Encoding")]
    Encoded,
    /// A header is missing or out of bounds.
    #[error("the header {0} is missing or out of bounds")]
    Header(&'static str),
    /// The body is not text.
    #[error("the body is not UTF-8 text")]
    NotText,
    /// The body does not fit the queue.
    #[error("the body is too large (limit: 6 MiB, and 1 MiB when packed)")]
    TooLarge,
}

impl Refusal {
    /// The HTTP status that says so.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::UnknownSource => 404,
            Self::Unsigned | Self::Forged => 401,
            Self::Encoded => 415,
            Self::Header(_) | Self::NotText => 400,
            Self::TooLarge => 413,
        }
    }
}
