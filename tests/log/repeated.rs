//! What visitors may cause again and again, which is reported once a minute for each cause.

use rocket::{get, routes};
use rocket_cognito::{Cognito, CognitoUser, catchers};

use crate::alone;
use crate::support::SAME_ORIGIN;
use crate::support::agent::{Agent, answer};
use crate::support::app::{App, Setup, with_routes};
use crate::support::log::new_lines;

/// What was said with this code since the last time.
fn said(code: &str) -> Vec<String> {
    new_lines().into_iter().filter(|line| line.contains(&format!("{code}: "))).collect()
}

#[rocket::async_test]
async fn a_hook_that_fails_for_each_visitor_is_reported_once_a_minute_for_each_hook() {
    let _alone = alone().await;
    let app = Setup::new()
        .start_with(|rocket| {
            let fairing = Cognito::fairing()
                .on_denial(|_, _| Box::pin(async { Err("no room in the audit".into()) }))
                .on_logout(|_, _| Box::pin(async { Err("no logout today".into()) }));
            with_routes(rocket).attach(fairing).register("/", catchers())
        })
        .await;
    new_lines();
    for _ in 0..5 {
        assert_eq!(Agent::new().get(&app.url("/me")).await.status, 401);
    }
    let expected = "ERROR: cognito_hook_failed: the hook `on_denial` failed: \"no room in the audit\"";
    assert_eq!(said("cognito_hook_failed"), [expected]);
    let origin = app.origin();
    for _ in 0..2 {
        Agent::new().post(&app.url("/auth/logout"), &[("origin", &origin)], &[]).await;
    }
    let expected = "ERROR: cognito_hook_failed: the hook `on_logout` failed: \"no logout today\"";
    assert_eq!(said("cognito_hook_failed"), [expected]);
}

/// Whoever comes back from the login with an error of their own making fills no log.
#[rocket::async_test]
async fn a_sign_in_that_is_refused_is_reported_once_a_minute_for_each_standard_error() {
    let _alone = alone().await;
    let app = App::start().await;
    let come_back = async |error: &str| {
        let agent = Agent::new();
        let state = agent.get(&app.url("/auth/login")).await.location_parameter("state");
        let page = agent.get(&app.url(&format!("/auth/callback?state={state}&error={error}"))).await;
        assert!(
            page.status.is_client_error() || page.status == 503,
            "{error}: {} {}",
            page.status,
            page.body
        );
    };
    new_lines();
    for number in 0..5 {
        come_back(&format!("error-{number}")).await;
    }
    let lines = said("cognito_sign_in_refused");
    assert!(lines.len() == 1 && lines[0].contains("\"error-0\""), "{lines:?}");
    for _ in 0..2 {
        come_back("access_denied").await;
        come_back("invalid_request").await;
    }
    let lines = said("cognito_sign_in_refused");
    assert_eq!(lines.len(), 2, "{lines:?}");
}

#[get("/token")]
fn token(user: CognitoUser) -> Option<String> {
    user.access_token().map(str::to_owned)
}

#[rocket::async_test]
async fn a_bearer_token_of_a_sign_in_that_was_signed_out_is_reported() {
    let _alone = alone().await;
    let app = Setup::new()
        .set("session_store", "memory")
        .set("bearer_denylist", true)
        .start_with(|rocket| {
            let rocket = with_routes(rocket).mount("/", routes![token]);
            rocket.attach(Cognito::fairing()).register("/", catchers())
        })
        .await;
    let agent = app.signed_in("alice").await;
    let bearer = format!("Bearer {}", agent.get(&app.url("/token")).await.body);
    assert_eq!(agent.post(&app.url("/auth/logout"), &SAME_ORIGIN, &[]).await.status, 303);
    new_lines();
    for _ in 0..2 {
        let headers = [("authorization", bearer.as_str())];
        let page = Agent::new().send(reqwest::Method::GET, &app.url("/me"), &headers, None).await;
        assert_eq!(answer(&page), (401, "invalid_token".into()));
    }
    let expected = "INFO: cognito_token_refused: a bearer token was refused: its sign-in has been signed out";
    assert_eq!(said("cognito_token_refused"), [expected]);
}
