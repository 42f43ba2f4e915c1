//! Wrong settings stop the launch with a message that helps and shows no secret.
//!
//! Every test that could read one runs in a directory and an environment of its own, away from the Rocket.toml beside us.
#![allow(clippy::result_large_err, reason = "Jail's closures return figment::Error")]

mod client;
mod mistakes;
mod modes;
mod origins;
mod secret_files;
mod server_domain;
mod store;
#[path = "../support/mod.rs"]
mod support;
mod values;

use figment::providers::{Format, Toml};
use figment::{Figment, Jail};
use rocket_cognito::Cognito;

const KEY: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

/// A pool as TOML values, complete and right.
const POOL: [(&str, &str); 6] = [
    ("user_pool_id", "\"eu-west-1_AbC123\""),
    ("client_id", "\"1example23456789\""),
    ("domain", "\"acme\""),
    ("redirect_url", "\"https://app.example.com/auth/callback\""),
    ("logout_url", "\"https://app.example.com/\""),
    ("secret_keys", "\"0123456789abcdefghijklmnopqrstuvwxyz\""),
];

/// The pool above as a table of the default profile, with `changes` instead or in addition.
fn pool_with(changes: &[(&str, &str)]) -> String {
    let kept = POOL.iter().filter(|(key, _)| changes.iter().all(|(changed, _)| changed != key));
    let lines = kept.chain(changes).map(|(key, value)| format!("{key} = {value}\n"));
    format!("[default.cognito]\n{}", lines.collect::<String>())
}

/// What the operator is told; empty when nothing is wrong.
fn check(profile: &str, toml: &str, environment: &[(&str, &str)]) -> String {
    let mut answer = String::new();
    Jail::expect_with(|jail| {
        jail.clear_env();
        jail.create_file("Rocket.toml", toml)?;
        for (name, value) in environment {
            jail.set_env(name, value);
        }
        let figment = Figment::from(rocket::Config::debug_default())
            .merge(Toml::file("Rocket.toml").nested())
            .select(profile);
        answer = match Cognito::check_settings(&figment) {
            Ok(()) => String::new(),
            Err(error) => {
                assert!(error.is_settings() && !error.is_local_pool());
                error.to_string()
            }
        };
        Ok(())
    });
    answer
}

#[track_caller]
fn assert_told(answer: &str, words: &[&str]) {
    for word in words {
        assert!(answer.contains(word), "{word:?} is not in:\n{answer}");
    }
}
