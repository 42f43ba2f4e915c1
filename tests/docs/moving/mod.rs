//! The programs of `docs/moving-from-flask.md`, as they stand there, at a local pool.

#[allow(dead_code, reason = "a whole program has a `main`")]
mod cognito_python_helper;
mod examples;
#[allow(dead_code, reason = "a whole program has a `main`")]
mod fastapi_cognito;
#[allow(dead_code, reason = "a whole program has a `main`")]
mod flask_cognito;
#[allow(dead_code, reason = "a whole program has a `main`")]
mod flask_cognito_lib;
#[allow(dead_code, reason = "a whole program has a `main`")]
mod flask_cognitologin;

use crate::support::figment;
use figment::providers::{Format, Toml};
use rocket_cognito::Cognito;

const GUIDE: &str = include_str!("../../../docs/moving-from-flask.md");
/// In the order of the guide.
const PROGRAMS: [&str; 5] = [
    include_str!("flask_cognito_lib.rs"),
    include_str!("flask_cognito.rs"),
    include_str!("flask_cognitologin.rs"),
    include_str!("cognito_python_helper.rs"),
    include_str!("fastapi_cognito.rs"),
];
const SETTINGS: [&str; 5] = [
    include_str!("flask_cognito_lib.toml"),
    include_str!("flask_cognito.toml"),
    include_str!("flask_cognitologin.toml"),
    include_str!("cognito_python_helper.toml"),
    include_str!("fastapi_cognito.toml"),
];

/// The guide's blocks of code in a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let blocks = GUIDE.split("\n```").skip(1).step_by(2);
    blocks.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n')).collect()
}

#[test]
fn the_guide_shows_the_programs_and_settings_that_are_tested() {
    assert_eq!(blocks("rust,no_run"), PROGRAMS.map(str::trim_end));
    assert_eq!(blocks("toml"), SETTINGS.map(str::trim_end));
}

#[test]
fn a_launch_accepts_the_settings_of_the_guide_as_they_stand_there() {
    for block in blocks("toml") {
        let figment = figment().merge(Toml::string(block).nested());
        Cognito::check_settings(&figment).unwrap_or_else(|error| panic!("{block}\n{error}"));
    }
}

/// The words of a cell that stand in backquotes.
fn names(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// Settings under the names that they have in Python, as the guide's tables say.
#[test]
fn a_launch_says_the_new_name_of_every_setting_that_the_guide_translates() {
    let is_theirs = |name: &str| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let is_ours = |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let mut translated = 0;
    for row in GUIDE.lines().filter_map(|line| line.strip_prefix("| ")) {
        let [theirs, ours, ..] = row.split(" | ").collect::<Vec<_>>()[..] else { continue };
        if !ours.starts_with('`') {
            continue;
        }
        for name in names(theirs).filter(|name| is_theirs(name)) {
            let settings =
                crate::support::settings("http://127.0.0.1:9/").merge((format!("cognito.{name}"), "x"));
            let told = Cognito::check_settings(&settings).unwrap_err().to_string();
            let is_told = |ours: &str| told.contains(&format!("did you mean `{ours}`?"));
            assert!(names(ours).filter(|ours| is_ours(ours)).any(is_told), "{name}: {ours}\n{told}");
            translated += 1;
        }
    }
    assert!(translated > 35, "{translated}");
}
