//! An app under test has its own settings, but for those that lead out of the process.

use rocket::http::Status;
use rocket::local::blocking::Client;
use rocket::routes;
use rocket::serde::json::Value;
use rocket_cognito::Cognito;
use rocket_cognito::testing::{Ask, TestPool};

use crate::app::*;
use crate::child;

#[test]
fn the_apps_own_pool_leads_nothing_out() {
    let settings = figment()
        .merge(("cognito.user_pool_id", "eu-central-1_AbC123"))
        .merge(("cognito.client_id", "1example23456789"))
        .merge(("cognito.domain", "acme"))
        .merge(("cognito.redirect_url", "https://app.example.com/signed-in"))
        .merge(("cognito.logout_url", "https://app.example.com/"))
        .merge(("cognito.jwks_uri", "https://keys.example.com/jwks.json"))
        .merge(("cognito.http_proxy", "http://proxy.example.com:3128"))
        .merge(("cognito.server_domain", "http://pool.internal:9400"))
        .merge(("cognito.require_keys_at_launch", true))
        .merge(("cognito.client_secret", "not a secret of Cognito's"))
        .merge(("cognito.secret_keys", "too short"));
    let (pool, client) = client_with(settings);
    assert_eq!(client.get("/desk").signed_in(&pool.person("alice")).ask().status(), Status::Ok);
    let left = client.post("/auth/logout").signed_in(&pool.person("alice")).ask();
    let location = left.headers().get_one("Location").unwrap().to_owned();
    assert!(location.starts_with("https://acme.auth.eu-central-1.amazoncognito.com/logout?"), "{location}");
    assert!(location.contains("client_id=1example23456789"), "{location}");
}

#[test]
fn neither_the_local_pool_nor_disabled_mode_stands_in_the_way() {
    for (key, value) in [("cognito.local_pool", true), ("cognito.disabled", true)] {
        let (pool, client) = client_with(figment().merge((key, value)));
        assert_eq!(client.get("/desk").ask().status(), Status::Unauthorized, "{key}");
        assert_eq!(client.get("/desk").signed_in(&pool.person("alice")).ask().status(), Status::Ok, "{key}");
    }
}

/// An app in which nobody signs in needs no secret, so that nothing else refuses its launch.
#[test]
fn the_launch_is_refused_where_people_are_served() {
    let in_release = || figment().select("release").merge(("cognito.routes", "none"));
    if !child::is_child() {
        let log = child::run("settings::the_launch_is_refused_where_people_are_served", &[]);
        for words in
            ["`TestPool` is attached in profile \"release\"", "ROCKET_PROFILE=debug", "unsafe_in_profile"]
        {
            assert!(log.contains(words), "{log}");
        }
        return;
    }
    let pool = TestPool::new();
    let refused = Client::tracked(pool.attach(shipped(in_release()))).unwrap_err();
    assert!(matches!(refused.kind(), rocket::error::ErrorKind::FailedFairings(_)), "{refused}");
    let for_tests = in_release().merge(("cognito.unsafe_in_profile", "release"));
    let client = Client::tracked(pool.attach(shipped(for_tests))).unwrap();
    assert_eq!(client.get("/desk").bearer(&pool.person("alice")).ask().status(), Status::Ok);
}

#[test]
fn the_developers_shell_changes_nothing() {
    if !child::is_child() {
        let variables = [
            ("ROCKET_COGNITO_DISABLED", "true"),
            ("ROCKET_COGNITO_LOCAL_POOL", "true"),
            ("ROCKET_COGNITO_USER_POOL_ID", "none"),
            ("ROCKET_COGNITO_DOMAIN", "none"),
            ("ROCKET_COGNITO_SECRET_KEYS", "short"),
            ("ROCKET_COGNITO_NO_SETTING", "x"),
            ("ROCKET_SECRET_KEY", "hPRYyVRiMyxpw5sBB1XeCMN1kFsDCqKvBi2QJxBVHQk="),
        ];
        child::run("settings::the_developers_shell_changes_nothing", &variables);
        let whole = r#"{routes="none",client_id="of the shell",unsafe_in_profile="release",refresh_flow_enabled=false}"#;
        child::run("settings::the_developers_shell_changes_nothing", &[("ROCKET_COGNITO", whole)]);
        return;
    }
    let (pool, client) = client_with(figment());
    let answer = client.get("/claims").signed_in(&pool.person("alice")).ask();
    let claims: Value = answer.into_json().unwrap();
    assert_eq!(claims["access"]["client_id"], "testclient");
    assert_eq!(claims["access"]["iss"].as_str().unwrap().rsplit('/').next(), Some("eu-west-1_TestPool"));
    // As `Rocket.toml` says, whatever the shell does.
    let of_file = Client::tracked(pool.attach(shipped(rocket::Config::figment()))).unwrap();
    let answer = of_file.post("/auth/refresh").signed_in(&pool.person("alice")).ask();
    assert_eq!(answer.status(), Status::SeeOther);
    let in_release = shipped(figment().select("release").merge(("cognito.routes", "none")));
    let refused = Client::tracked(pool.attach(in_release)).unwrap_err();
    assert!(matches!(refused.kind(), rocket::error::ErrorKind::FailedFairings(_)), "{refused}");
}

/// No test misses the keys of this launch at the next one.
#[test]
fn keys_of_one_launch_are_no_news() {
    if !child::is_child() {
        let log = child::run("settings::keys_of_one_launch_are_no_news", &[]);
        assert!(log.contains("cognito_launched: ") && !log.contains("secret_keys"), "{log}");
        return;
    }
    drop(client_with(figment()));
}

#[test]
fn the_pool_may_come_before_the_fairing() {
    let pool = TestPool::new();
    let app = pool.attach(rocket::custom(figment())).attach(Cognito::fairing()).mount("/", routes![desk]);
    let client = Client::tracked(app).unwrap();
    let session = pool.person("alice").session();
    assert_eq!(client.get("/desk").signed_in(&session).ask().status(), Status::Ok);
    assert_eq!(client.post("/auth/logout").signed_in(&session).ask().status(), Status::SeeOther);
    assert_eq!(client.get("/desk").signed_in(&session).ask().denial().unwrap().code(), "not_signed_in");
}

#[test]
fn one_pool_serves_many_apps_and_takes_one_place_in_each() {
    let pool = TestPool::new();
    let [first, second] = [(); 2].map(|()| Client::tracked(pool.attach(shipped(figment()))).unwrap());
    let alice = pool.person("alice");
    for client in [&first, &second] {
        assert_eq!(client.get("/desk").signed_in(&alice).ask().status(), Status::Ok);
    }
    let twice = || drop(pool.attach(pool.attach(shipped(figment()))));
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(twice)).is_err());
}
