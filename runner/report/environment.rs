//! Environment variables, read once and handed on: reporters can be tried with any.

use std::collections::BTreeMap;

/// Set to `true` where GitHub Actions runs: what is printed there is searched for commands.
pub const ACTIONS: &str = "GITHUB_ACTIONS";

/// Variables and their values. One that is empty counts as absent.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// This process's own; what is no UTF-8 is left out.
    pub fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// The value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Environment(variables.into_iter().collect())
    }
}
