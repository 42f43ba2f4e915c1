//! What Figment knows about a value: where it was found, its kind, its number.

use std::env;

use figment::value::{Num, Value};
use figment::{Figment, Profile, Source};

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

/// `[debug.cognito] of Rocket.toml`, for the `table` that counts.
pub(super) fn table_name(figment: &Figment, table: &str) -> String {
    let mut sources = figment.metadata().filter_map(|metadata| metadata.source.as_ref());
    let file = sources.find(|source| matches!(source, Source::File(_)));
    let file = file.map_or_else(config_file, Source::to_string);
    format!("[{}.{table}] of {file}", figment.profile())
}

/// The profiles that do not count here, and whose `table` has `key`.
pub(super) fn profiles_with(figment: &Figment, table: &str, key: &str) -> Vec<Profile> {
    let counts = |profile: &Profile| {
        [&Profile::Default, &Profile::Global, figment.profile()].into_iter().any(|other| other == profile)
    };
    let holds = |profile: &Profile| {
        let table = figment.clone().select(profile.clone()).find_value(table);
        table.is_ok_and(|table| table.find_ref(key).is_some())
    };
    figment.profiles().filter(|profile| !counts(profile) && holds(profile)).cloned().collect()
}

/// What is to be said where a file of settings was looked for and not found; from where Rocket looks for it.
pub(super) fn missing_file(figment: &Figment) -> Option<String> {
    let mut files = figment.metadata().filter(|metadata| metadata.name == "TOML file").peekable();
    files.peek()?;
    if files.any(|file| file.source.is_some()) {
        return None;
    }
    let place = env::current_dir().map(|folder| format!(" {}", folder.display())).unwrap_or_default();
    let (file, from) = (
        config_file(),
        if env::var_os("ROCKET_CONFIG").is_some() { ", which ROCKET_CONFIG names," } else { "" },
    );
    Some(format!("there is no file {file}{from} in the current folder{place} nor above it"))
}

fn config_file() -> String {
    env::var("ROCKET_CONFIG").unwrap_or_else(|_| "Rocket.toml".to_owned())
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
