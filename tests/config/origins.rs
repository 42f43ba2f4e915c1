//! Where settings come from: files, profiles and the environment; and the names that they have there.

use figment::providers::{Format, Toml};
use figment::{Figment, Jail};
use rocket_cognito::Cognito;

use super::{KEY, assert_told, check, pool_with};

#[test]
fn what_is_missing_is_named_with_the_console_field() {
    let answer = check("release", "", &[]);
    assert_told(
        &answer,
        &[
            "6 settings need attention",
            "`user_pool_id`: is required and not set",
            "not set in [release.cognito] of Rocket.toml nor in ROCKET_COGNITO_CLIENT_ID",
            "\"User pool ID\"",
            "\"App clients\"",
            "Branding > Domain",
            "\"Allowed callback URLs\"",
            "\"Allowed sign-out URLs\"",
            "openssl rand -base64 48",
        ],
    );
    // Profile `debug` makes its own cookie keys.
    assert_told(&check("debug", "", &[]), &["5 settings need attention"]);
}

#[test]
fn a_table_of_the_wrong_name_or_kind_is_explained() {
    let answer = check("debug", "[cognito]\nclient_id = \"web\"\n", &[]);
    assert_told(&answer, &["1 setting needs", "`cognito`: is a Rocket profile here", "[default.cognito]"]);
    assert_told(
        &check("debug", "[default]\ncognito = true\n", &[]),
        &["1 setting needs", "`cognito`: is not a table"],
    );
    assert_told(
        &check("debug", "[default.cognito\n", &[]),
        &["`cognito`: the configuration could not be read"],
    );
}

#[test]
fn the_environment_wins_over_the_file() {
    let bad = pool_with(&[("client_id", "\"?\""), ("cookie_age_seconds", "0")]);
    let good = [("ROCKET_COGNITO_CLIENT_ID", "web"), ("ROCKET_COGNITO_COOKIE_AGE_SECONDS", "60")];
    assert_eq!(check("debug", &bad, &good), "");
    let answer = check("debug", &pool_with(&[]), &[("ROCKET_COGNITO_CLIENT_ID", "a?b")]);
    assert_told(&answer, &["read from: environment variable ROCKET_COGNITO_CLIENT_ID\n"]);
}

#[test]
fn the_environment_alone_is_enough() {
    let secret_keys = format!("[\"{KEY}\", \"{KEY}\"]");
    let environment = [
        ("ROCKET_COGNITO_USER_POOL_ID", "eu-west-1_0123"),
        ("ROCKET_COGNITO_CLIENT_ID", "0123"),
        ("ROCKET_COGNITO_CLIENT_SECRET", "00000000000000000000000000000000000000000000000000000001"),
        ("ROCKET_COGNITO_DOMAIN", "1234"),
        ("ROCKET_COGNITO_REDIRECT_URL", "https://app.example.com/cb"),
        ("ROCKET_COGNITO_LOGOUT_URL", "https://app.example.com/"),
        ("ROCKET_COGNITO_ACCEPTED_REDIRECT_URLS", "https://a.example.com/cb https://b.example.com/cb"),
        ("ROCKET_COGNITO_SECRET_KEYS", &secret_keys),
        ("ROCKET_COGNITO_SCOPES", "openid email"),
        ("ROCKET_COGNITO_ACCEPTED_CLIENT_IDS", "[007, 99999999999999999999999999999, abc]"),
        ("ROCKET_COGNITO_ACCEPTED_ISSUERS", "https://a.example.com"),
        ("ROCKET_COGNITO_EXPIRATION_LEEWAY", "0"),
        ("ROCKET_COGNITO_LOCAL_POOL", "false"),
    ];
    assert_eq!(check("release", "", &environment), "");
}

#[test]
fn empty_means_not_set() {
    let empty = [("client_secret", "\"\""), ("region", "\"\""), ("scopes", "[]"), ("local_pool", "\"\"")];
    assert_eq!(check("release", &pool_with(&empty), &[]), "");
    assert_eq!(check("release", &pool_with(&[]), &[("ROCKET_COGNITO_COOKIE_AGE_SECONDS", "")]), "");
    let answer = check("release", &pool_with(&[("domain", "\" \"")]), &[]);
    assert_told(&answer, &["`domain`: is empty, which means not set", "Rocket.toml, profile \"default\""]);
    let answer = check("release", &pool_with(&[]), &[("ROCKET_COGNITO_DOMAIN", "")]);
    assert_told(&answer, &["is empty", "environment variable ROCKET_COGNITO_DOMAIN"]);
}

#[test]
fn names_of_other_libraries_are_understood() {
    for (name, ours) in [
        ("redirect_uri", "redirect_url"),
        ("redirect_urls", "redirect_url"),
        ("callback_url", "redirect_url"),
        ("logout_uri", "logout_url"),
        ("app_client_id", "client_id"),
        ("aws_region", "region"),
        ("AWS_COGNITO_USER_POOL_CLIENT_ID", "client_id"),
        ("AWS_COGNITO_USER_POOL_CLIENT_SECRET", "client_secret"),
        ("AWS_COGNITO_DOMAIN", "domain"),
        ("COGNITO_USERPOOL_ID", "user_pool_id"),
        ("COGNITO_POOL_ID", "user_pool_id"),
        ("cognito_domain", "domain"),
        ("COGNITO_CALLBACK_URL", "redirect_url"),
        ("COGNITO_SIGNOUT_URI", "logout_url"),
        ("jwt_leeway", "expiration_leeway"),
        ("SECRET_KEY", "secret_keys"),
        ("Client_Id", "client_id"),
        ("cookie_age_second", "cookie_age_seconds"),
    ] {
        let answer = check("debug", &pool_with(&[(name, "\"x\"")]), &[]);
        let told = format!("`{name}`: is not a setting");
        assert_told(&answer, &["1 setting needs", &told, &format!("did you mean `{ours}`?")]);
    }
    let answer = check("debug", &pool_with(&[]), &[("ROCKET_COGNITO_APP_CLIENT_ID", "x")]);
    assert_told(&answer, &["did you mean `client_id`?", "environment variable ROCKET_COGNITO_APP_CLIENT_ID"]);
    let answer = check("debug", &pool_with(&[("colour", "1")]), &[]);
    assert_told(&answer, &["`colour`", "to type: remove it", "cookie_samesite"]);
    assert!(!answer.contains("did you mean"));
}

#[test]
fn a_misspelt_name_is_not_called_missing_too() {
    let toml = pool_with(&[]).replace("redirect_url", "redirect_uri");
    assert_told(&check("debug", &toml, &[]), &["1 setting needs", "did you mean `redirect_url`?"]);
}

#[test]
fn origins_name_file_profile_and_variable() {
    let toml = format!("{}[staging.cognito]\nclient_id = \"?\"\n", pool_with(&[("mount", "\"x\"")]));
    let answer = check("staging", &toml, &[("ROCKET_COGNITO_LOGIN_REDIRECT", "x")]);
    assert_told(
        &answer,
        &[
            "read from: Rocket.toml, profile \"staging\"",
            "read from: Rocket.toml, profile \"default\"",
            "read from: environment variable ROCKET_COGNITO_LOGIN_REDIRECT",
        ],
    );
    Jail::expect_with(|jail| {
        jail.clear_env();
        let figment = Figment::from(rocket::Config::debug_default()).merge(("cognito.mount", "x"));
        let answer = Cognito::check_settings(&figment).unwrap_err().to_string();
        assert_told(&answer, &["config/origins.rs:"]);
        Ok(())
    });
}

#[test]
fn a_keys_file_is_found_beside_the_file_that_names_it() {
    Jail::expect_with(|jail| {
        jail.clear_env();
        let folder = jail.create_dir("etc")?;
        jail.create_file("etc/app.toml", &pool_with(&[("jwks_uri", "\"keys/jwks.json\"")]))?;
        let figment = Figment::from(rocket::Config::debug_default())
            .merge(Toml::file(folder.join("app.toml")).nested());
        let answer = Cognito::check_settings(&figment).unwrap_err().to_string();
        assert_told(&answer, &["etc/keys/jwks.json\", which cannot be read", "etc/app.toml"]);
        jail.create_dir("etc/keys")?;
        jail.create_file("etc/keys/jwks.json", "{}")?;
        assert!(Cognito::check_settings(&figment).is_ok());
        Ok(())
    });
}
