//! A function's settings, read once at the start.

use std::collections::HashMap;
use std::fmt;

/// The environment variables of the process, or those a test gives.
///
/// An empty variable counts as not set. `Debug` prints the names only: among
/// the values are the credentials.
#[derive(Clone)]
pub struct Variables(HashMap<String, String>);

/// A setting is missing or unusable; the message names the variable, never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VariableError {
    /// The variable is not set, or is empty.
    #[error("the variable {name} is not set")]
    Missing {
        /// The variable's name.
        name: &'static str,
    },
    /// The variable's value cannot be used.
    #[error("the variable {name} must be {expected}")]
    Invalid {
        /// The variable's name.
        name: &'static str,
        /// What its value has to be.
        expected: &'static str,
    },
}

impl Variables {
    /// The variables of this process; those that are not UTF-8 are left out.
    #[must_use]
    pub fn from_env() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// The value of a variable that the function cannot do without.
    ///
    /// # Errors
    ///
    /// [`VariableError::Missing`], with the name.
    pub fn required(&self, name: &'static str) -> Result<&str, VariableError> {
        self.optional(name).ok_or(VariableError::Missing { name })
    }

    /// The value of a variable that may be left out.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}

impl FromIterator<(String, String)> for Variables {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self(variables.into_iter().collect())
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables() -> Variables {
        [("PEOPLE_TABLE", "people"), ("EMPTY", "")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect()
    }

    #[test]
    fn a_missing_or_empty_variable_is_named() {
        assert_eq!(variables().required("PEOPLE_TABLE"), Ok("people"));
        for name in ["FACTS_TABLE", "EMPTY"] {
            let error = variables().required(name).unwrap_err();
            assert_eq!(error.to_string(), format!("the variable {name} is not set"));
            assert_eq!(variables().optional(name), None);
        }
    }

    #[test]
    fn values_are_never_printed() {
        let printed = format!("{:?}", variables());
        assert!(printed.contains("PEOPLE_TABLE"));
        assert!(!printed.contains("people"));
    }

    #[test]
    fn the_process_has_variables() {
        assert!(
            Variables::from_env()
                .optional("CARGO_MANIFEST_DIR")
                .is_some()
        );
    }
}
