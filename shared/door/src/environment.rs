//! The variables that a function starts with: its own, not the process's, so that several can share one.

use std::collections::BTreeMap;

/// A function's environment variables. An empty value counts as none: `sam local` passes declared and unset variables
/// as empty texts.
///
/// ```
/// use door::Environment;
///
/// let variables = [("TABLE_NAME", "courses"), ("LOG_LEVEL", "")];
/// let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
/// let environment = Environment::from_iter(variables);
/// assert_eq!(environment.get("TABLE_NAME"), Some("courses"));
/// assert_eq!(environment.get("LOG_LEVEL"), None);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

/// A variable that a function needs and does not have.
///
/// ```
/// let missing = door::Environment::default().require("TABLE_NAME").unwrap_err();
/// assert_eq!(missing.to_string(), "the environment variable TABLE_NAME is missing");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {0} is missing")]
pub struct MissingVariable(pub String);

impl Environment {
    /// The process's own variables.
    ///
    /// ```
    /// let environment = door::Environment::of_process();
    /// assert!(environment.get("PATH").is_some());
    /// ```
    pub fn of_process() -> Self {
        std::env::vars().collect()
    }

    /// The variable's value, if it has one.
    ///
    /// ```
    /// assert_eq!(door::Environment::default().get("TABLE_NAME"), None);
    /// ```
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
    ///
    /// ```
    /// let environment = door::Environment::from_iter([("TABLE_NAME".to_owned(), "courses".to_owned())]);
    /// assert_eq!(environment.require("TABLE_NAME"), Ok("courses"));
    /// ```
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
