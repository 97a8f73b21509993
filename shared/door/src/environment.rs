//! The variables that a function starts with: its own, not the process's, so that several can share one.

use std::collections::BTreeMap;

/// A function's environment variables. An empty value counts as none: `sam local` passes declared and unset variables
/// as empty texts.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

/// A variable that a function needs and does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {0} is missing")]
pub struct MissingVariable(pub String);

impl Environment {
    /// The process's own variables.
    pub fn of_process() -> Self {
        std::env::vars().collect()
    }

    /// The variable's value, if it has one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The variable's value.
    ///
    /// # Errors
    /// When it has none.
    pub fn require(&self, name: &str) -> Result<&str, MissingVariable> {
        self.get(name)
            .ok_or_else(|| MissingVariable(name.to_owned()))
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self(variables.into_iter().collect())
    }
}
