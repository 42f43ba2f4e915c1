//! The `local_pool` table as it was written: in Rocket.toml, or as a file of its own.

use std::path::Path;

use figment::error::Kind;
use figment::providers::{Format, Toml};
use figment::value::{Dict, Value};

use super::LocalPoolConfig;
use crate::Error;

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
            // Figment's own words may quote a value: the table holds passwords and secrets.
            value => value.deserialize().map_err(|error| vec![without_values(&error)])?,
        };
        let problems = config.mistakes();
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }
}

fn without_values(error: &figment::Error) -> String {
    let place = if error.path.is_empty() { String::new() } else { format!(" at `{}`", error.path.join(".")) };
    let what = match &error.kind {
        Kind::UnknownField(field, expected) => {
            format!("there is no key `{field}`; there are {}", expected.join(", "))
        }
        Kind::MissingField(field) => format!("the key `{field}` is missing"),
        Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) => format!("expected {expected}"),
        _ => "a value has the wrong form".to_owned(),
    };
    format!("in the table{place}: {what}")
}
