//! What Figment knows about a value: where it was found, its kind, its number.

use figment::Figment;
use figment::value::{Num, Value};

/// Where Figment found `value`, the one at `path` in Rocket's own configuration.
pub(super) fn origin(figment: &Figment, value: &Value, path: &str) -> String {
    let profile = value.tag().profile().unwrap_or_else(|| figment.profile().clone());
    let Some(metadata) = figment.get_metadata(value.tag()) else { return format!("profile \"{profile}\"") };
    match &metadata.source {
        _ if metadata.name.contains("environment variable") => {
            format!("environment variable ROCKET_{}", path.to_ascii_uppercase())
        }
        Some(source) => format!("{source}, profile \"{profile}\""),
        None => match metadata.provide_location {
            Some(location) => format!("code at {location}, profile \"{profile}\""),
            None => format!("{}, profile \"{profile}\"", metadata.name),
        },
    }
}

/// `number`, if it is whole and not negative: Figment keeps signed and unsigned numbers apart, whatever their value.
pub(super) fn whole_number(number: Num) -> Option<u64> {
    let signed = || number.to_i128().and_then(|number| u64::try_from(number).ok());
    number.to_u128().and_then(|number| u64::try_from(number).ok()).or_else(signed)
}

/// The kind of `value`, as messages name it.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(..) | Value::Char(..) => "text",
        Value::Bool(..) => "true or false",
        Value::Num(..) => "a number",
        Value::Empty(..) => "nothing",
        Value::Dict(..) => "a table",
        Value::Array(..) => "a list",
    }
}
