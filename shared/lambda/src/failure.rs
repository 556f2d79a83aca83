//! An error told with its causes, once, at the boundary.

use std::any::type_name;
use std::error::Error;
use std::fmt;

use lambda_runtime::Diagnostic;

/// Why a whole invocation failed: any error, told with all its causes.
///
/// A handler's `?` makes one from any error. It is the boundary itself, so it
/// is no [`Error`]: nothing can wrap it and tell the chain a second time.
pub struct Failure {
    kind: &'static str,
    error: Box<dyn Error + Send + Sync>,
}

impl<E: Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self {
            kind: type_name::<E>(),
            error: Box::new(error),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&with_causes(self.error.as_ref()))
    }
}

/// The same as `Display`: the Lambda runtime logs a handler's error by its
/// `Debug`, and a derived one could print what an error merely carries.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What Lambda is told: the type of the error, and the chain.
impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self {
            error_type: failure.kind.to_owned(),
            error_message: failure.to_string(),
        }
    }
}

/// For `main`, whose error is the runtime's.
impl From<Failure> for lambda_runtime::Error {
    fn from(failure: Failure) -> Self {
        Box::new(Told(failure))
    }
}

/// A failure at the very end of its way, where `main` returns it.
#[derive(Debug)]
struct Told(Failure);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Error for Told {}

/// An error and all its causes, outermost first, joined by `": "`.
///
/// A cause whose words the error above it already ended with is left out:
/// some libraries tell their cause themselves.
#[must_use]
pub fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        if !told.ends_with(&words) {
            told.push_str(": ");
            told.push_str(&words);
        }
        cause = error.source();
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot record the order")]
    struct Outer(#[source] Middle);

    #[derive(Debug, thiserror::Error)]
    #[error("the table is unavailable")]
    struct Middle(#[source] std::io::Error);

    fn failure() -> Failure {
        Outer(Middle(std::io::Error::other("connection reset"))).into()
    }

    #[test]
    fn the_whole_chain_is_told_once() {
        let chain = "cannot record the order: the table is unavailable: connection reset";
        assert_eq!(failure().to_string(), chain);
        assert_eq!(format!("{:?}", failure()), chain);
        assert_eq!(lambda_runtime::Error::from(failure()).to_string(), chain);
    }

    #[test]
    fn a_cause_already_told_is_not_told_again() {
        #[derive(Debug, thiserror::Error)]
        #[error("dispatch failure: {0}")]
        struct TellsItsCause(#[source] std::io::Error);

        let error = TellsItsCause(std::io::Error::other("timed out"));
        assert_eq!(with_causes(&error), "dispatch failure: timed out");
    }

    #[test]
    fn lambda_is_told_the_type_and_the_chain() {
        let diagnostic = Diagnostic::from(failure());
        assert!(diagnostic.error_type.ends_with("::Outer"));
        assert!(diagnostic.error_message.ends_with("connection reset"));
    }
}
