//! Settings that are tables of their own.

use figment::error::Kind;
use figment::value::Value;
use serde::de::DeserializeOwned;

/// The table as a `T`; the error says what is wrong with it and repeats no value, which Figment's own words may do.
pub(crate) fn read_table<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    value.deserialize().map_err(|error| without_values(&error))
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
