//! The pool's own file.

use std::path::Path;

use figment::providers::{Format, Toml};
use figment::value::Dict;

use crate::error::Error;

/// The content of a TOML file, or what is wrong with it and where. No value is repeated: it could be a secret.
pub(super) fn read_toml(path: &Path) -> Result<Dict, Error> {
    let name = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::local_pool(format!("{name} cannot be read: {error}")))?;
    Toml::from_str(&text).map_err(|error| {
        // Its `Display` would quote the line.
        let start = error.span().map_or(0, |span| span.start);
        let before = text.get(..start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let what = error.message().replace('\n', ", ");
        Error::local_pool(format!("{name}, line {line}: {what}"))
    })
}
