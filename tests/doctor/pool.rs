//! The pool itself: discovery, keys, clock.

use rocket_cognito::operation::Severity;
use serde_json::json;

use crate::program::Table;
use crate::setup::Setup;
use crate::support::stub::Answer;

const DISCOVERY: &str = "/eu-west-1_AbC123/.well-known/openid-configuration";
const KEYS: &str = "/eu-west-1_AbC123/.well-known/jwks.json";

/// A discovery document of this set-up with other members.
fn document(setup: &Setup, issuer: Option<&str>, endpoint: &str) -> Answer {
    let own = format!("http://localhost:{}/eu-west-1_AbC123", setup.front.port);
    let document = json!({ "issuer": issuer.unwrap_or(&own), "authorization_endpoint": endpoint });
    Answer::ok(document.to_string())
}

#[rocket::async_test]
async fn a_pool_that_nobody_reaches_is_found() {
    let setup = Setup::new().await;
    let (issuer, domain) = ("http://127.0.0.1:1/eu-west-1_AbC123", "http://127.0.0.1:1");
    let setup = setup.set("cognito.issuer", issuer).set("cognito.domain", domain);
    setup.shows(&[("pool_unreachable", "firewall"), ("domain_unreachable", "127.0.0.1:1")]).await;
}

#[rocket::async_test]
async fn a_pool_that_is_down_is_found() {
    let setup = Setup::new().await;
    setup.front.answer(DISCOVERY, Answer::new("503 Service Unavailable", "", ""));
    setup.shows(&[("pool_busy", "503")]).await;
}

#[rocket::async_test]
async fn a_server_without_discovery_is_a_warning_since_apps_need_none() {
    let setup = Setup::new().await;
    setup.front.answer(DISCOVERY, Answer::new("404 Not Found", "", ""));
    setup.shows(&[("discovery_unreadable", "404")]).await;
    setup.front.answer(DISCOVERY, Answer::ok("<html>"));
    setup.shows(&[("discovery_unreadable", "no discovery document")]).await;
    assert_eq!(setup.diagnosis().await.findings().next().unwrap().severity(), Severity::Warning);
}

#[rocket::async_test]
async fn another_issuer_is_found() {
    let setup = Setup::new().await;
    let endpoint = format!("http://localhost:{}/oauth2/authorize", setup.front.port);
    setup.front.answer(DISCOVERY, document(&setup, Some("https://other.example"), &endpoint));
    setup.shows(&[("issuer_differs", "https://other.example")]).await;
}

#[rocket::async_test]
async fn a_pool_without_a_domain_is_found() {
    let setup = Setup::new().await;
    // What Cognito says then.
    let endpoint = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123/authorize";
    setup.front.answer(DISCOVERY, document(&setup, None, endpoint));
    setup.shows(&[("domain_missing", "Branding")]).await;
}

#[rocket::async_test]
async fn another_domain_is_a_warning_since_a_pool_may_have_two() {
    let setup = Setup::new().await;
    setup.front.answer(DISCOVERY, document(&setup, None, "https://auth.example.com/oauth2/authorize"));
    setup.shows(&[("domain_differs", "https://auth.example.com")]).await;
}

#[rocket::async_test]
async fn keys_that_are_missing_or_of_no_use_are_found() {
    let setup = Setup::new().await;
    setup.front.answer(KEYS, Answer::new("500 Internal Server Error", "", ""));
    setup.shows(&[("keys_unavailable", "500")]).await;
    setup.front.answer(KEYS, Answer::ok(r#"{"keys":[]}"#));
    setup.shows(&[("keys_unavailable", "jwks.json")]).await;
}

#[rocket::async_test]
async fn a_file_without_keys_is_found() {
    let table = Table::new("no keys");
    let file = table.0.to_str().unwrap();
    let setup = Setup::new().await.set("cognito.jwks_uri", file);
    setup.shows(&[("keys_unavailable", file)]).await;
}

#[rocket::async_test]
async fn a_clock_that_is_wrong_is_found() {
    let setup = Setup::new().await;
    let endpoint = format!("http://localhost:{}/oauth2/authorize", setup.front.port);
    let Answer::Bytes(bytes) = document(&setup, None, &endpoint) else { panic!("it is no text") };
    let text = String::from_utf8(bytes).unwrap();
    let dated = text.replacen("\r\n", "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 1);
    setup.front.answer(DISCOVERY, Answer::Bytes(dated.into_bytes()));
    setup.shows(&[("clock_wrong", "ahead of")]).await;
}
