//! What operators are told of requests that other sites may have caused.

use figment::Figment;
use reqwest::Method;
use rocket::{post, routes};
use rocket_cognito::{Cognito, CognitoUser};

use crate::alone;
use crate::support::agent::Agent;
use crate::support::app::{Setup, build};
use crate::support::forge::{JwksFile, Key};
use crate::support::log::{lines_with, new_lines};
use crate::support::server::Server;
use crate::support::settings;

#[post("/change")]
fn change(_user: CognitoUser) {}

/// The answer stays the same for everybody; the log says what to type, where it can be typed.
#[rocket::async_test]
async fn a_refused_front_end_is_named_in_the_log_with_the_setting_for_it() {
    let _alone = alone().await;
    let app = Setup::new().start_with(|rocket| build(rocket).mount("/", routes![change])).await;
    let agent = app.signed_in("alice").await;
    new_lines();
    for (origin, said) in [
        (
            "http://plain.example.com",
            "neither `Sec-Fetch-Site` nor one `Origin` proves that it comes from this",
        ),
        ("https://new.example.com", "it comes from \"https://new.example.com\", which is not this site"),
        ("https://later.example.com", ""),
        ("null", ""),
    ] {
        let headers = [("origin", origin), ("sec-fetch-site", "cross-site")];
        let page = agent.send(Method::POST, &app.url("/change"), &headers, Some(&[])).await;
        assert!(page.status == 403 && !page.body.contains("example.com"), "{}", page.body);
        let told = new_lines();
        // Once a minute for all origins; and never one that the setting would not take.
        assert_eq!(told.is_empty(), said.is_empty(), "{told:?}");
        assert!(told.first().is_none_or(|told| told.contains(said)), "{told:?}");
        let remedy = format!("trusted_origins = [\"{origin}\"]");
        assert_eq!(told.iter().any(|told| told.contains(&remedy)), said.contains(origin), "{told:?}");
    }
}

async fn launch(settings: Figment) {
    Server::start(settings, |rocket| rocket.attach(Cognito::fairing())).await.stop().await;
}

#[rocket::async_test]
async fn a_header_that_proxies_add_is_named_until_the_settings_say_whether_one_does() {
    let _alone = alone().await;
    let keys = JwksFile::new(&[&Key::new("k")]);
    for (header, is_named) in [
        ("X-Amzn-Oidc-AccessToken", true),
        ("x-amzn-oidc-data", true),
        ("X-Forwarded-Access-Token", true),
        ("X-Auth-Request-Access-Token", true),
        ("X-Auth-Token", false),
    ] {
        new_lines();
        let settings = settings(&keys.uri()).merge(("cognito.jwt_header_name", header));
        for said in [true, false] {
            launch(settings.clone().merge(("cognito.jwt_header_from_proxy", said))).await;
        }
        let words = format!("proxies add the header {header} to whatever a browser sends");
        assert_eq!(lines_with(&words), 0);
        launch(settings).await;
        assert_eq!(lines_with(&words), usize::from(is_named), "{header}");
        let remedy = ">> set jwt_header_from_proxy = true; or, if no proxy adds it";
        assert_eq!(lines_with(remedy), usize::from(is_named));
    }
}

#[rocket::async_test]
async fn a_refused_host_in_disabled_mode_is_named_in_the_log_with_the_setting_for_it() {
    let _alone = alone().await;
    let figment = crate::support::figment().merge(("cognito.disabled", true));
    let app = Server::start(figment, build).await;
    new_lines();
    for (host, said) in [("dev.example.com", true), ("evil.example", false)] {
        let page = Agent::new().send(Method::GET, &app.url("/me"), &[("host", host)], None).await;
        assert!(page.status == 421 && !page.body.contains("example"), "{}", page.body);
        let remedy = format!(">> if that is a name of this app, list it: disabled_hosts = [\"{host}\"]");
        assert_eq!(lines_with(&remedy), usize::from(said), "once a minute");
    }
}
