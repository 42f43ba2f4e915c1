//! No internal type prints a secret that it holds; the public ones are in `tests/secrets/redaction.rs`, and
//! `tests/secrets/sources.rs` finds the types.

use std::fmt::Debug;

use figment::Figment;

use crate::config::{LevelNames, LocalPoolDefaults, Settings};
use crate::crypto::Secret;
use crate::http::basic;

const SECRET: &str = "c4nary-of-a-s3cret/with+signs=and&more";

fn settings() -> Settings {
    let figment = Figment::from(rocket::Config::debug_default())
        .merge(("cognito.user_pool_id", "eu-west-1_AbC123"))
        .merge(("cognito.client_id", "web"))
        .merge(("cognito.client_secret", SECRET))
        .merge(("cognito.domain", "acme"))
        .merge(("cognito.redirect_url", "https://app.example.com/auth/callback"))
        .merge(("cognito.logout_url", "https://app.example.com/"))
        .merge(("cognito.jwks_uri", format!("https://keys.example.com/jwks.json?password={SECRET}")))
        .merge(("cognito.secret_keys", SECRET));
    Settings::load(&figment, None).unwrap()
}

/// Holds that neither form of `Debug` tells the secret, nor its base64 after `web:`, though it tells `word`.
#[track_caller]
fn assert_redacted(value: &impl Debug, word: &str) {
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(text.contains(word), "{word:?} is not in:\n{text}");
        assert!(!text.contains("c4nary") && !text.contains("M0bmFyeS1v"), "{text}");
    }
}

/// X1.
#[test]
fn secrets_and_what_is_made_of_them_are_redacted() {
    let secret = Secret::new(SECRET);
    assert_redacted(&secret, "redacted");
    assert_redacted(&(Some(&secret), vec![&secret]), "redacted");
    assert_redacted(&basic("web", &secret).unwrap(), "Sensitive");
}

/// X1.
#[test]
fn settings_print_no_client_secret_and_no_key() {
    let Settings { client, keys, .. } = settings();
    let client = client.unwrap();
    assert_redacted(&client, "redacted");
    assert_redacted(&keys, "redacted");
    let defaults = LocalPoolDefaults {
        base_url: "http://127.0.0.1:9400".into(),
        server_url: "http://127.0.0.1:9400".into(),
        user_pool_id: "eu-west-1_AbC123".into(),
        client_id: "web".into(),
        client_secret: client.secret,
        level_names: LevelNames::default(),
    };
    assert_redacted(&defaults, "9400");
}

/// X1. A password may stand in the query of `jwks_uri`, which the log leaves out too.
#[test]
fn settings_as_a_whole_print_no_secret() {
    assert_redacted(&settings(), "eu-west-1_AbC123");
}
