//! The `local_pool` table as it was written: in Rocket.toml, or as a file of its own.

use std::path::Path;

use figment::providers::{Format, Toml};
use figment::value::{Dict, Value};

use super::config::LocalPoolConfig;
use crate::Error;
use crate::config::read_table;

impl LocalPoolConfig {
    /// Reads a TOML file with the keys of this table.
    ///
    /// ```toml
    /// port = 9400
    ///
    /// [[clients]]
    /// client_id = "shop"
    /// callback_urls = ["http://localhost:8000/auth/callback"]
    /// logout_urls = ["http://localhost:8000/"]
    /// ```
    ///
    /// # Errors
    /// When the file cannot be read, is no TOML, or has unknown keys or values that Cognito would refuse (all of
    /// these are told together): [`Error::is_local_pool`](crate::Error::is_local_pool). The text names the place,
    /// and repeats no value that could be a secret.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        let name = path.as_ref().display();
        let text = std::fs::read_to_string(path.as_ref())
            .map_err(|error| Error::local_pool(format!("{name} cannot be read: {error}")))?;
        let table: Dict = Toml::from_str(&text).map_err(|error| {
            // Its `Display` would quote the line.
            let start = error.span().map_or(0, |span| span.start);
            let before = text.get(..start).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let what = error.message().replace('\n', ", ");
            Error::local_pool(format!("{name}, line {line}: {what}"))
        })?;
        Self::read(&Value::from(table)).map_err(|mistakes| {
            Error::local_pool(format!("{name} needs attention:\n  - {}", mistakes.join("\n  - ")))
        })
    }

    /// The table, or every mistake in it.
    pub(crate) fn read(value: &Value) -> Result<Self, Vec<String>> {
        let config = match value {
            Value::Dict(_, table) if table.is_empty() => LocalPoolConfig::default(),
            value => read_table(value).map_err(|problem| vec![problem])?,
        };
        let problems = config.mistakes();
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }
}
